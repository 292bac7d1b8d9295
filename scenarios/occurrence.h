// Something that can occur in a run, said in words: when a fault fires, how long it lasts, what a script waits for.
//
//     before b receives the acknowledgement of record 3
//     after a's second fsync of log-*
//     when an output is held at a
//     when b goes live, the 2nd time
//     after c1's operation 4 is answered
//
// `smalldb-sim occurrences` lists every phrase, and so does docs/scenarios.md; they stand in one table in
// occurrence.cpp, from which they are read and written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smalldb::scenarios {

struct Occurrence {
  // What occurs. The comment names the fields that count; an empty name means anyone.
  enum class What : std::uint8_t {
    nothing,
    receives,             // process, peer, message, number (of a record or operation)
    sends,                // process, peer, message, number
    synced,               // process, file
    written,              // process, file
    renamed,              // process, file (the new name)
    record_written,       // process, number
    record_durable,       // process, number
    noted,                // process, note
    goes_live,            // process: founds, takes over, or serves again after a restart
    misses,               // process, note (of which channel: heartbeats or log_traffic)
    becomes,              // process, note (a role)
    operation_issued,     // process, number (of the client's operations; 0: any)
    operation_answered,   // process, number
    operations_answered,  // number: so many in all, whoever's
    started,              // process
    crashed,              // process
    stopped,              // process
    connected,            // process, peer
    disconnected,         // process, peer
    fault_began,          // process: the fault's label
    fault_ended,          // process: the fault's label
  };

  What what = What::nothing;
  bool before = false;  // just before it happens rather than just after
  std::string process;
  std::string peer;
  std::string message;
  std::string file;
  std::string note;
  std::uint64_t number = 0;
  std::uint64_t nth = 1;  // the nth time that it occurs

  friend bool operator==(const Occurrence&, const Occurrence&) = default;
};

// The occurrence that `phrase` names. On failure nothing, and `expected` says what was expected instead.
std::optional<Occurrence> read_occurrence(std::string_view phrase, std::string& expected);

// For a phrase that was not read: the valid word nearest to one of its words that is none; empty if there is none.
std::string nearest_word_of_an_occurrence(std::string_view phrase);

// The phrase for an occurrence: what read_occurrence takes for it.
std::string to_text(const Occurrence& occurrence);

// Whether "before" can be said of it.
bool can_be_foreseen(Occurrence::What what);

struct OccurrenceDescription {
  std::string phrase;      // with example names: "a receives record 3 [from b]"; what is in brackets may be left out
  std::string_view means;  // in a few words
  bool can_be_foreseen = false;
};

// What can occur, for documentation and completion; other ways to say the same left out.
std::vector<OccurrenceDescription> occurrence_descriptions();
// What "a notes log_cut" and "a becomes seeking" can name.
std::vector<std::string> note_names();
std::vector<std::string> role_names();

}  // namespace smalldb::scenarios
