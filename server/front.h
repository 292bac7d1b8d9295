// Between connections of clients and the machine: hands requests in, and answers back to whoever waits for them.
//
// All clients share one link of the machine. Requests that came in the same turn of the loop go in as one event, so a
// hundred clients cost one step, one message to the backup, and one write to the disk. An answer names the request by
// session and number; requests outside of a session are numbered here. So the machine never has two different requests
// of one name: while the first one has no answer, the second one is refused for now; then the machine says what is so.
//
// The answer to a read may be a thousand times as long as the read, and the machine holds it until it is safe: so the
// machine gets a bounded number of reads at a time. The next one, and all that came behind it, waits for its turn here.
//
// When the machine closes the link (it has ceased to be the primary), nobody knows what became of the requests that it
// had: that is what their clients are told (S10). The same goes for an answer that does not come in time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "model/messages.h"
#include "model/request.h"
#include "server/histogram.h"
#include "server/host.h"

namespace smalldb::server {

// Whoever waits for answers. `ticket` is the waiter's own.
class Waiter {
 public:
  virtual void on_response(std::uint64_t ticket, const Response& response) = 0;
  // No answer came: the outcome is unknown.
  virtual void on_silence(std::uint64_t ticket, std::string_view why) = 0;

 protected:
  ~Waiter() = default;
};

class Front final : public Clients {
 public:
  // `reads_max`: reads that the machine may have at a time.
  Front(boost::asio::io_context& loop, Host& host, std::chrono::nanoseconds answer_within, std::size_t reads_max);
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  // Opens the link. REQUIRES: the host has started.
  void open();
  // Hands in a request. One of the waiter's functions will be called, later.
  void submit(Request request, std::weak_ptr<Waiter> waiter, std::uint64_t ticket);

  bool owns(Link link) const override { return link == link_; }
  void reply(Link link, Bytes bytes) override;
  void close(Link link) override;
  void flush() override { on_answered(); }

  // Answers have been given, perhaps, and there are no more in this step.
  std::function<void()> on_answered = [] {};

  // Requests without an answer.
  std::size_t waiting() const { return waiting_.size() - told_; }
  // Of these, what the machine has not been handed yet.
  std::size_t queued() const { return queue_.size(); }
  // From being handed in until the answer, of all that were answered.
  const Histogram& took() const { return took_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Key {
    std::uint64_t session;
    std::uint64_t number;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return key.number * 0x9e3779b97f4a7c15u ^ key.session; }
  };
  struct Waiting {
    std::weak_ptr<Waiter> waiter;
    std::uint64_t ticket;
    std::uint64_t order;  // in which requests were handed in
    Clock::time_point since;
    std::uint32_t asked;  // fingerprint of the request
    bool told = false;    // that nobody knows: the machine's answer will be too late
  };
  struct Queued {
    Request request;
    std::uint64_t order;
  };
  struct Deadline {
    Clock::time_point at;
    Key key;
    std::uint64_t order;
  };

  using WaitingByKey = std::unordered_multimap<Key, Waiting, KeyHash>;

  void gather();
  void gather(Request request);
  void hand_in();
  void forget_gathered();
  void watch();
  void refuse_for_now(const Request& request, const std::weak_ptr<Waiter>& waiter, std::uint64_t ticket);
  WaitingByKey::iterator find(const Key& key, std::uint64_t order);
  Waiting forget(WaitingByKey::iterator attempt);

  boost::asio::io_context& loop_;
  Host& host_;
  Clock::duration answer_within_;
  Link link_{};
  std::uint64_t next_number_ = 1;
  std::uint64_t next_order_ = 0;
  std::vector<Bytes> gathered_;  // frames of this turn
  std::size_t gathered_bytes_ = 0;
  bool opening_ = false;
  const std::size_t reads_max_;
  std::unordered_set<std::uint64_t> reads_;  // the numbers of those that the machine has not answered
  std::deque<Queued> queue_;                 // what waits for its turn
  // Attempts at the same request may wait side by side, and each gets an answer. One that is not waited for any more
  // stays until the machine has answered it, so that its answer is not taken for that to another request.
  WaitingByKey waiting_;
  std::size_t told_ = 0;            // of these
  std::deque<Deadline> deadlines_;  // of all that waits, and of some that does not any more; the first one first
  boost::asio::steady_timer timer_;
  bool watching_ = false;
  Histogram took_;
};

}  // namespace smalldb::server
