// Between connections of clients and the machine: hands requests in, and answers back to whoever waits for them.
//
// All clients share one link of the machine. Requests that came in the same turn of the loop go in as one event, so a
// hundred clients cost one step, one message to the backup, and one write to the disk. An answer names the request by
// session and number; requests outside of a session are numbered here. The machine has one request of a name at a time:
// while that has no answer, whoever asks for the same waits for the answer with the others, and another request under
// the name is refused for now; then the machine says what is so.
//
// So a machine that cannot answer, because its backup or its disk is out of reach, is not filled by clients who try
// again. Nor by ever new requests: what the machine has not answered takes room until it does, whether or not somebody
// still waits for it, and whoever hands requests in sees to it that there is enough (bytes()). What nobody waits for
// any more is dropped if the machine does not have it yet.
//
// The answer to a read may be a thousand times as long as the read, and the machine holds it until it is safe: so
// the machine gets a bounded number of reads at a time. The next one, and all that its waiter asked behind it, waits
// for its turn here, and waiters take turns: a read each, however many they have asked for. When one acknowledgement
// makes many answers safe, waiters are told of turn_bytes_max and turn_requests_max of them, and of the rest in
// later turns of the loop, which has other things to do besides, heartbeats among them. The machine is handed no
// more than turn_requests_max in one turn either. (docs/decisions/0052: clients that have gone without a word are
// found out by their first answer, and all else that they asked for is dropped.)
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
#include <list>
#include <map>
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

// Whoever waits for answers. `ticket` is the waiter's own. These functions do not call the front.
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
  // Hands in a request. One of the waiter's functions will be called, later. Gives a number for abandon().
  std::uint64_t submit(Request request, std::weak_ptr<Waiter> waiter, std::uint64_t ticket);
  // The waiter has gone. Nothing happens if it has been told.
  void abandon(std::uint64_t attempt);

  bool owns(Link link) const override { return link == link_; }
  void reply(Link link, Bytes bytes) override;
  void close(Link link) override;
  void flush() override;

  // Calls `done` once, in a later turn of the loop: as soon as nobody waits for an answer.
  void when_nobody_waits(std::function<void()> done);

  // Answers have been given, perhaps, and there are no more in this step.
  std::function<void()> on_answered = [] {};

  // Bytes of answers that waiters are told of in one turn of the loop; one answer is not divided. The machine is handed
  // so many reads in a turn that their answers will not be more, if they are no larger than others were of late.
  static constexpr std::size_t turn_bytes_max = std::size_t{16} * 1024 * 1024;

  // Requests that the machine is handed in one turn, and answers that waiters are told of: some ms.
  static constexpr std::size_t turn_requests_max = 1024;

  // Who may wait for the answer to one name at a time; who else asks for it is refused for now.
  static constexpr std::size_t attempts_max = 64;

  // What one request takes besides its key and value: here, and in the machine, where its answer may be held.
  static constexpr std::size_t request_size = 512;
  static std::size_t size_of(const Request& request) {
    return request_size + request.key.size() + request.value.size();
  }

  // Who waits for an answer.
  std::size_t waiting() const { return attempts_.size(); }
  // Requests that the machine has not answered, and what they take; some of them nobody waits for any more.
  std::size_t unanswered() const { return asked_.size(); }
  std::size_t bytes() const { return bytes_; }
  // Of these, what the machine has not been handed yet.
  std::size_t queued() const { return queued_; }
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
  // Somebody who waits. By the order in which they came, which is that of their deadlines.
  struct Attempt {
    Key key;
    std::weak_ptr<Waiter> waiter;
    std::uint64_t ticket;
    Clock::time_point since;
  };
  using Attempts = std::map<std::uint64_t, Attempt>;
  // What waits for its turn, and was brought by the attempts of one waiter. The first is a read.
  struct Line {
    std::weak_ptr<Waiter> waiter;
    std::map<std::uint64_t, Request> requests;  // by the attempt that brought it
  };
  using Lines = std::list<Line>;
  // A request that the machine has not answered.
  struct Asked {
    std::uint32_t fingerprint;
    std::size_t size;
    std::uint64_t queued;  // where in its line; 0: the machine has it
    Lines::iterator line;  // good while it is queued
    std::vector<std::uint64_t> attempts;
  };
  using AskedByKey = std::unordered_map<Key, Asked, KeyHash>;

  // What the machine is to be handed, as it takes it.
  struct Gathered {
    Bytes frame;
    bool is_read = false;
  };

  bool may_read() const;
  bool may_tell() const;
  void give_turns();
  void give(Line& line);
  void give_writes(Lines::iterator line);
  void leave(Lines::iterator line);
  void gather(Request request);
  void hand_in_later();
  void hand_in();
  void forget_gathered();
  void watch();
  void tell_if_nobody_waits();
  void refuse_for_now(const Request& request, const std::weak_ptr<Waiter>& waiter, std::uint64_t ticket);
  void tell(const Bytes& reply);
  void tell_more();
  Attempt take(Attempts::iterator attempt);
  void forget(AskedByKey::iterator asked);

  boost::asio::io_context& loop_;
  Host& host_;
  Clock::duration answer_within_;
  Link link_{};
  std::uint64_t next_number_ = 1;
  std::uint64_t next_attempt_ = 1;
  std::deque<Gathered> gathered_;  // of this turn, and what was too much for those before
  bool opening_ = false;
  bool hands_in_later_ = false;
  const std::size_t reads_max_;
  std::unordered_set<std::uint64_t> reads_;   // the numbers of those that the machine has not answered
  std::size_t gathered_reads_ = 0;            // of these
  std::size_t answer_size_ = value_size_max;  // of answers to reads of late, at most
  // Who has something that waits, whose turn it is first. There is none if may_read().
  Lines lines_;
  std::map<std::weak_ptr<Waiter>, Lines::iterator, std::owner_less<>> line_of_;
  std::size_t queued_ = 0;      // requests in all lines
  std::deque<Bytes> later_;     // answers of the machine, of which waiters are told in later turns
  std::size_t told_bytes_ = 0;  // in this turn
  std::size_t told_ = 0;        // answers, in this turn
  Attempts attempts_;
  // One that nobody waits for any more stays until the machine has answered it, so that its answer is not taken for
  // that to another request.
  AskedByKey asked_;
  std::size_t bytes_ = 0;  // of these
  boost::asio::steady_timer timer_;
  bool watching_ = false;
  Histogram took_;
  std::function<void()> nobody_waits_;
};

}  // namespace smalldb::server
