// Datagrams between nodes: one UDP socket, on the same port as the node's links.
//
//   u8 version | u32 sender | u32 receiver | u64 life | u64 number | body | MAC of all before it
//
// `life` is drawn at the start of the process, `number` counts: what was sent before is not taken twice. A datagram
// that is not for this node, is of an unknown sender, or does not prove the secret, is dropped without an answer.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/machine.h"
#include "server/members.h"
#include "server/secret.h"

namespace smalldb::server {

// The format, and what it takes to believe it.
class DatagramSeal {
 public:
  DatagramSeal(const Secret& secret, const Members& members, ProcessId self, std::uint64_t life)
      : secret_(secret), members_(members), self_(self), life_(life) {}

  std::string close(ProcessId to, std::string_view body);
  struct Opened {
    ProcessId from;
    std::string_view body;
  };
  // Nothing if it is not to be believed.
  std::optional<Opened> open(std::string_view datagram);

 private:
  // The lives of a sender that were heard of, the last one first, with the number of the last datagram.
  struct Heard {
    std::uint64_t life;
    std::uint64_t number;
  };
  bool is_new(ProcessId from, std::uint64_t life, std::uint64_t number);

  const Secret& secret_;
  const Members& members_;
  ProcessId self_;
  std::uint64_t life_;
  std::uint64_t number_ = 0;
  std::map<ProcessId, std::vector<Heard>> heard_;
};

class Datagrams {
 public:
  using Deliver = std::function<void(DatagramReceived)>;

  Datagrams(boost::asio::io_context& loop, boost::asio::ip::udp::socket socket, const Secret& secret,
            const Members& members, ProcessId self, Deliver deliver);
  Datagrams(const Datagrams&) = delete;
  Datagrams& operator=(const Datagrams&) = delete;

  void send(ProcessId to, std::string_view body);
  void close();

  std::uint64_t dropped() const { return dropped_; }

 private:
  struct Destination {
    std::optional<boost::asio::ip::udp::endpoint> endpoint;
    std::chrono::steady_clock::time_point resolved_at;
    bool resolving = false;
  };

  void receive();
  void resolve(ProcessId to, const Address& address);

  boost::asio::ip::udp::socket socket_;
  boost::asio::ip::udp::resolver resolver_;
  const Members& members_;
  Deliver deliver_;
  DatagramSeal seal_;
  std::map<ProcessId, Destination> destinations_;
  std::array<char, 2048> buffer_;
  boost::asio::ip::udp::endpoint from_;
  std::uint64_t dropped_ = 0;
};

}  // namespace smalldb::server
