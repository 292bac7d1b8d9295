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
  // Numbers that are given here are of one request each.
  const std::uint32_t asked = request.session == SessionId{} ? 0 : fingerprint(request);
  if (const auto known = waiting_.find(key); known != waiting_.end() && known->second.asked != asked) {
    return refuse_for_now(request, waiter, ticket);
  }
  const std::uint64_t order = next_order_++;
  const Clock::time_point now = Clock::now();
  waiting_.emplace(key, Waiting{std::move(waiter), ticket, order, now, asked});
  deadlines_.push_back({now + answer_within_, key, order});
  watch();
  queue_.push_back({std::move(request), order});
  gather();
}

// That its number is taken is not for the front to say: it may be the other one that was not executed.
void Front::refuse_for_now(const Request& request, const std::weak_ptr<Waiter>& waiter, std::uint64_t ticket) {
  Response response;
  response.session = request.session;
  response.number = request.number;
  response.status = Status::overloaded;
  boost::asio::post(loop_, [waiter, ticket, response] {
    if (const std::shared_ptr<Waiter> there = waiter.lock()) there->on_response(ticket, response);
  });
}

// In the order in which they came, so that what a client sends one behind the other is done so.
void Front::gather() {
  for (; !queue_.empty(); queue_.pop_front()) {
    Request& next = queue_.front().request;
    if (next.verb == Verb::get && reads_.size() >= reads_max_) return;
    if (next.verb == Verb::get) reads_.insert(next.number);
    gather(std::move(next));
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
  const auto [first, last] = waiting_.equal_range({response.session.value, response.number});
  if (first == last) return;
  // The one that the machine has had for longest: a later one may not have been handed in.
  const Waiting waiting = forget(std::min_element(
      first, last, [](const auto& one, const auto& other) { return one.second.order < other.second.order; }));
  if (waiting.told) return;
  took_.add(Clock::now() - waiting.since);
  while (!deadlines_.empty() && find(deadlines_.front().key, deadlines_.front().order) == waiting_.end()) {
    deadlines_.pop_front();
  }
  if (const std::shared_ptr<Waiter> waiter = waiting.waiter.lock()) waiter->on_response(waiting.ticket, response);
}

void Front::close(Link) {
  link_ = {};
  opening_ = true;
  forget_gathered();  // of these none was executed; they are told like the others that nobody knows
  reads_.clear();
  queue_.clear();
  deadlines_.clear();
  told_ = 0;
  for (const auto& [key, waiting] : std::exchange(waiting_, {})) {
    if (waiting.told) continue;
    if (const std::shared_ptr<Waiter> waiter = waiting.waiter.lock()) {
      waiter->on_silence(waiting.ticket, "this node has ceased to be the primary");
    }
  }
  boost::asio::post(loop_, [this] { open(); });
}

// Past the end if the machine has answered it.
Front::WaitingByKey::iterator Front::find(const Key& key, std::uint64_t order) {
  auto [begin, end] = waiting_.equal_range(key);
  while (begin != end && begin->second.order != order) ++begin;
  return begin == end ? waiting_.end() : begin;
}

Front::Waiting Front::forget(WaitingByKey::iterator attempt) {
  Waiting waiting = std::move(attempt->second);
  waiting_.erase(attempt);
  told_ -= waiting.told ? 1 : 0;
  return waiting;
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
      const auto found = find(deadlines_.front().key, deadlines_.front().order);
      if (found != waiting_.end() && deadlines_.front().at > now) break;
      deadlines_.pop_front();
      if (found == waiting_.end()) continue;
      const Waiting late = found->second;
      // Deadlines come in the order of the queue: if this one still waits for its turn, it is the first.
      if (!queue_.empty() && queue_.front().order == late.order) {
        queue_.pop_front();
        forget(found);
      } else {
        found->second.told = true;
        ++told_;
      }
      if (const auto waiter = late.waiter.lock()) waiter->on_silence(late.ticket, "no answer became safe in time");
    }
    gather();
    if (!deadlines_.empty()) watch();
  });
}

}  // namespace smalldb::server
