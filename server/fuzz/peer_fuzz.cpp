// libFuzzer: whatever bytes come in where other processes connect, be it a greeting, frames or a datagram, there is no
// crash; a greeting without the secret does not succeed; and a frame that is taken is the only way to say what it says.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "model/codec.h"
#include "model/crc32c.h"
#include "model/messages.h"
#include "server/datagrams.h"
#include "server/greeting.h"

using namespace smalldb;
using namespace smalldb::server;

namespace {

const Member self{"a.example:7001", "a.example:8080"};

Secret make_secret() {
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "smalldb-fuzz-secret";
  std::ofstream(path) << "a secret of sufficient length";
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return Secret::read(path.string());
}

template <class Take>
void in_pieces(std::string_view stream, std::size_t piece, Take take) {
  for (std::size_t i = 0; i < stream.size(); i += piece) take(stream.substr(i, piece));
}

void greet(std::string_view stream, std::size_t piece) {
  static const Secret secret = make_secret();
  Greeting acceptor = Greeting::accept({&secret, self, {}}, Port::replication, {self});
  Greeting connector = Greeting::connect({&secret, {"b:1", ""}, {}}, self.name, Port::replication);
  in_pieces(stream, piece, [&](std::string_view bytes) {
    acceptor.take(bytes);
    connector.take(bytes);
  });
  if (acceptor.state() == Greeting::State::done || connector.state() == Greeting::State::done) __builtin_trap();
  static Members members;
  members.learn({"b:1", ""});
  DatagramSeal seal(secret, members, id_of(self.name), 1);
  if (seal.open(stream)) __builtin_trap();
}

void read_frames(std::string_view stream, std::size_t piece) {
  FrameReader frames;
  in_pieces(stream, piece, [&](std::string_view bytes) {
    if (frames.broken()) return;
    frames.take(Bytes::copy(bytes));
    while (!frames.broken()) {
      const auto frame = frames.next();
      if (!frame) break;
      decode_frame(*frame);
    }
  });
}

// The input as the inside of a frame whose length and checksum hold.
void read_frame(std::string_view inside) {
  std::string frame;
  Writer(frame).u32(static_cast<std::uint32_t>(inside.size() + 4)).u32(crc32c(inside)).raw(inside);
  const Bytes bytes = Bytes::copy(frame);
  const auto message = decode_frame(bytes);
  if (message && encode(*message) != bytes) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{data[0]} + 1;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  greet(stream, piece);
  read_frames(stream, piece);
  read_frame(stream);
  return 0;
}
