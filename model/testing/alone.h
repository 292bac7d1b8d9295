// One node by itself on a disk that works at once, spoken to byte by byte: by clients, and by other nodes who may say
// what
// no sound node would.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/host_side.h"
#include "model/messages.h"
#include "model/node.h"
#include "model/record.h"
#include "model/testing/memory_disk.h"

namespace smalldb::testing {

class Alone {
 public:
  static constexpr std::uint64_t client = 100;  // a link that a client has made
  static constexpr std::uint64_t peer = 101;    // one that another node has made, process 1

  // Node 0 of these, without an arbiter. The node has had time to found the store, if it may.
  explicit Alone(const Settings& settings = {}, std::vector<ProcessId> nodes = {ProcessId{0}}, bool may_found = true)
      : node_(config(settings, std::move(nodes), may_found)) {
    step(Started{{7, 7}});
    for (int i = 0; i < 20; ++i) pass(milliseconds(100));
    step(HostEvents::accepted(Link{client}, ProcessId{5}, Port::client));
    step(HostEvents::accepted(Link{peer}, ProcessId{1}, Port::replication));
    replies = closed = 0;
  }

  void step(const Event& event) {
    node_.step({now_, wall}, event, effects_);
    while (true) {
      for (const Effect& effect : effects_.recorded()) take(effect);
      disk_.take(effects_);
      if (!disk_.busy()) break;
      node_.step({now_, wall}, disk_.carry_out(), effects_);
    }
  }
  // Time passes, and the node's clock ticks.
  void pass(Duration time) {
    now_ = now_ + time;
    step(TimerFired{TimerId{0}});
  }
  // The process ends and begins again.
  void restart() {
    disk_.restart_process();
    node_ = Node(config_of_.value());
    effects_ = HostEffects();
    step(Started{{8, 8}});
  }
  void say(std::uint64_t link, const Bytes& bytes) { step(Received{Link{link}, bytes}); }
  NodeStatus status() const { return node_.status(); }
  // The node that it connected to last takes the call, or speaks.
  void answer_call() { step(Connected{Link{called}}); }

  static Bytes request(Request request) { return encode(Epoch{}, Incarnation{}, RequestMessage{std::move(request)}); }
  static Bytes put(std::string_view key, std::size_t size) {
    Request put;
    put.verb = Verb::put;
    put.key = Bytes::copy(key);
    put.value = Bytes::copy(std::string(size, 'v'));
    return request(std::move(put));
  }
  static Bytes get(std::string_view key) {
    Request get;
    get.key = Bytes::copy(key);
    return request(std::move(get));
  }

  // How many of the messages sent to other nodes since one last forgot them are of this kind.
  template <class Body>
  std::size_t times_sent() const {
    std::size_t times = 0;
    for (const MessageBody& body : sent) times += std::holds_alternative<Body>(body) ? 1 : 0;
    return times;
  }
  template <class Body>
  const Body* last_sent() const {
    const Body* last_one = nullptr;
    for (const MessageBody& body : sent) {
      if (const auto* one = std::get_if<Body>(&body)) last_one = one;
    }
    return last_one;
  }

  WallTime wall{};
  std::uint64_t replies = 0;
  std::uint64_t closed = 0;  // the link that it closed last
  std::uint64_t called = 0;  // the link that it asked for last
  std::vector<ProcessId> calls;
  Status last = Status::ok;
  std::vector<MessageBody> sent;   // to other nodes
  std::vector<ProcessId> reached;  // by datagrams
  std::vector<Bytes> written;      // to files
  std::string stopped;             // why it asked to be ended

 private:
  NodeConfig config(const Settings& settings, std::vector<ProcessId> nodes, bool may_found) {
    NodeConfig config;
    config.self = ProcessId{0};
    config.nodes = std::move(nodes);
    config.arbiter_kind = ArbiterKind::none;
    config.may_found = may_found;
    config.settings = settings;
    config_of_ = config;
    return config;
  }

  void take(const Effect& effect) {
    if (const auto* close = std::get_if<effect::Close>(&effect)) closed = static_cast<std::uint64_t>(close->link);
    if (const auto* connect = std::get_if<effect::Connect>(&effect)) {
      called = static_cast<std::uint64_t>(connect->link);
      calls.push_back(connect->to);
    }
    if (const auto* datagram = std::get_if<effect::SendDatagram>(&effect)) reached.push_back(datagram->to);
    if (const auto* send = std::get_if<effect::Send>(&effect)) sent.push_back(decode_frame(send->bytes)->body);
    if (const auto* disk = std::get_if<effect::Disk>(&effect); disk != nullptr && !disk->bytes.empty()) {
      written.push_back(disk->bytes);
    }
    if (const auto* stop = std::get_if<effect::Stop>(&effect)) stopped = stop->why.string();
    if (const auto* reply = std::get_if<effect::Reply>(&effect)) {
      ++replies;
      last = std::get<ResponseMessage>(decode_frame(reply->bytes)->body).response.status;
    }
  }

  std::optional<NodeConfig> config_of_;
  Node node_;
  MemoryDisk disk_;
  HostEffects effects_;
  Instant now_;
};

}  // namespace smalldb::testing
