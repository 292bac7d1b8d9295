// What one recorded life did to others and to its disk, gathered by going through it alone: what is needed to tell
// whom it talked to, and which of a process's lives came first (evidence.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/ids.h"
#include "model/machine.h"
#include "scenarios/lives/life.h"

namespace smalldb::scenarios {

struct Diary {
  // A piece of a stream, and in which step it was sent or received.
  struct Piece {
    std::size_t step;
    Bytes bytes;
  };
  using Stream = std::vector<Piece>;
  // One end of a connection.
  struct Channel {
    ProcessId other = no_process;
    Port port = Port::client;
    bool made = false;                    // by this process; else accepted
    std::size_t opened = 0;               // the step
    std::optional<std::size_t> answered;  // the step in which the maker heard that it is up
    Stream sent;
    Stream received;
  };
  // Read from a file to which the life had not written.
  struct Found {
    std::string file;
    std::uint64_t offset;
    Bytes bytes;
  };
  using Extents = std::map<std::uint64_t, Bytes>;  // by offset

  // Of a client, but for one that opens a session.
  struct Asked {
    SessionId session;
    std::uint64_t number;
  };

  std::vector<Asked> asked;
  std::map<Link, Channel> channels;        // but those of clients
  std::vector<Found> found;                // on its own volume
  std::map<std::string, Extents> written;  // the same, by the names that the files came to have
};

Diary diary_of(const Life& life);

}  // namespace smalldb::scenarios
