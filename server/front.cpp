#include "server/front.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "model/assert.h"

namespace smalldb::server {

Front::Front(boost::asio::io_context& loop, Host& host, std::chrono::nanoseconds answer_within, std::size_t reads_max)
    : loop_(loop),
      host_(host),
      answer_within_(std::chrono::duration_cast<Clock::duration>(answer_within)),
      reads_max_(reads_max),
      timer_(loop) {}

void Front::open() {
  opening_ = false;
  link_ = host_.take_link();
  host_.deliver(Accepted{link_, no_process, Port::client});
  if (!gathered_.empty()) boost::asio::post(loop_, [this] { hand_in(); });
}

void Front::submit(Request request, std::weak_ptr<Waiter> waiter, std::uint64_t ticket) {
  if (request.session == SessionId{}) request.number = next_number_++;
  const Key key{request.session.value, request.number};
  const std::uint64_t order = next_order_++;
  const Clock::time_point now = Clock::now();
  waiting_.emplace(key, Waiting{std::move(waiter), ticket, order, now});
  deadlines_.push_back({now + answer_within_, key, order});
  watch();
  queue_.push_back(std::move(request));
  gather();
}

// In the order in which they came, so that what a client sends one behind the other is done so.
void Front::gather() {
  for (; !queue_.empty(); queue_.pop_front()) {
    const Request& next = queue_.front();
    if (next.verb == Verb::get && reads_.size() >= reads_max_) return;
    if (!waiting_.contains({next.session.value, next.number})) continue;
    if (next.verb == Verb::get) reads_.insert(next.number);
    gather(std::move(queue_.front()));
  }
}

void Front::gather(Request request) {
  const bool first = gathered_.empty();
  gathered_.push_back(encode(Epoch{}, Incarnation{}, RequestMessage{std::move(request)}));
  gathered_bytes_ += gathered_.back().size();
  if (first && !opening_) boost::asio::post(loop_, [this] { hand_in(); });
}

void Front::hand_in() {
  if (gathered_.empty() || opening_) return;
  const Bytes bytes = Bytes::build(gathered_bytes_, [this](char* to) {
    for (const Bytes& frame : gathered_) to = std::copy_n(frame.data(), frame.size(), to);
  });
  forget_gathered();
  host_.deliver(Received{link_, bytes});
}

void Front::forget_gathered() {
  gathered_.clear();
  gathered_bytes_ = 0;
}

void Front::reply(Link, Bytes bytes) {
  const std::optional<Message> message = decode_frame(bytes);
  SMALLDB_ASSERT(message, bytes.size());
  const Response& response = std::get<ResponseMessage>(message->body).response;
  if (response.session == SessionId{} && reads_.erase(response.number) > 0) gather();
  const auto found = waiting_.find({response.session.value, response.number});
  if (found == waiting_.end()) return;  // it was told that nobody knows
  const Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  took_.add(Clock::now() - waiting.since);
  while (!deadlines_.empty() && find(deadlines_.front()) == waiting_.end()) deadlines_.pop_front();
  if (const std::shared_ptr<Waiter> waiter = waiting.waiter.lock()) waiter->on_response(waiting.ticket, response);
}

void Front::close(Link) {
  link_ = {};
  opening_ = true;
  forget_gathered();  // of these none was executed; they are told like the others that nobody knows
  reads_.clear();
  queue_.clear();
  deadlines_.clear();
  for (const auto& [key, waiting] : std::exchange(waiting_, {})) {
    if (const std::shared_ptr<Waiter> waiter = waiting.waiter.lock()) {
      waiter->on_silence(waiting.ticket, "this node has ceased to be the primary");
    }
  }
  boost::asio::post(loop_, [this] { open(); });
}

// Who waits for this deadline; past the end if nobody does any more.
Front::WaitingByKey::iterator Front::find(const Deadline& deadline) {
  auto [begin, end] = waiting_.equal_range(deadline.key);
  while (begin != end && begin->second.order != deadline.order) ++begin;
  return begin == end ? waiting_.end() : begin;
}

void Front::watch() {
  if (watching_) return;
  watching_ = true;
  timer_.expires_at(deadlines_.front().at);
  timer_.async_wait([this](const boost::system::error_code& error) {
    watching_ = false;
    if (error) return;
    const Clock::time_point now = Clock::now();
    while (!deadlines_.empty()) {
      const auto found = find(deadlines_.front());
      if (found != waiting_.end() && deadlines_.front().at > now) break;
      deadlines_.pop_front();
      if (found == waiting_.end()) continue;
      const Waiting late = std::move(found->second);
      waiting_.erase(found);
      if (const auto waiter = late.waiter.lock()) waiter->on_silence(late.ticket, "no answer became safe in time");
    }
    if (!deadlines_.empty()) watch();
  });
}

}  // namespace smalldb::server
