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
  host_.deliver(HostEvents::accepted(link_, no_process, Port::client));
  if (!gathered_.empty()) hand_in_later();
}

std::uint64_t Front::submit(Request request, std::weak_ptr<Waiter> waiter, std::uint64_t ticket) {
  if (request.session == SessionId{}) request.number = next_number_++;
  const Key key{request.session.value, request.number};
  // Numbers that are given here are of one request each.
  const std::uint32_t fingerprint = request.session == SessionId{} ? 0 : smalldb::fingerprint(request);
  const std::uint64_t attempt = next_attempt_++;
  const auto [asked, is_new] = asked_.try_emplace(key, Asked{fingerprint, size_of(request), 0, lines_.end(), {}});
  if (asked->second.fingerprint != fingerprint || asked->second.attempts.size() >= attempts_max) {
    refuse_for_now(request, waiter, ticket);
    return attempt;
  }
  asked->second.attempts.push_back(attempt);
  attempts_.emplace_hint(attempts_.end(), attempt, Attempt{key, waiter, ticket, Clock::now()});
  watch();
  if (!is_new) return attempt;
  bytes_ += asked->second.size;
  auto line = line_of_.find(waiter);
  if (line == line_of_.end()) {
    if (request.verb != Verb::get || may_read()) {
      gather(std::move(request));
      return attempt;
    }
    line = line_of_.emplace(waiter, lines_.insert(lines_.end(), Line{waiter, {}})).first;
  }
  asked->second.queued = attempt;
  asked->second.line = line->second;
  line->second->requests.emplace_hint(line->second->requests.end(), attempt, std::move(request));
  ++queued_;
  return attempt;
}

void Front::abandon(std::uint64_t attempt) {
  const auto found = attempts_.find(attempt);
  if (found == attempts_.end()) return;
  take(found);
  tell_if_nobody_waits();
}

void Front::when_nobody_waits(std::function<void()> done) {
  nobody_waits_ = std::move(done);
  tell_if_nobody_waits();
}

void Front::tell_if_nobody_waits() {
  if (nobody_waits_ && attempts_.empty()) boost::asio::post(loop_, std::exchange(nobody_waits_, nullptr));
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

// Whether the machine may have another read in this turn.
bool Front::may_read() const {
  return reads_.size() < reads_max_ && gathered_reads_ < std::max<std::size_t>(turn_bytes_max / answer_size_, 1);
}

// A read of each waiter in turn, while the machine may have more.
void Front::give_turns() {
  while (!lines_.empty() && may_read()) {
    const Lines::iterator line = lines_.begin();
    lines_.splice(lines_.end(), lines_, line);
    give(*line);
    give_writes(line);
  }
}

// The next of a line.
void Front::give(Line& line) {
  Request next = std::move(line.requests.begin()->second);
  line.requests.erase(line.requests.begin());
  --queued_;
  asked_.find({next.session.value, next.number})->second.queued = 0;
  gather(std::move(next));
}

// In the order in which they came, so that what a client sends one behind the other is done so: writes wait for the
// read before them, and for nothing else.
void Front::give_writes(Lines::iterator line) {
  while (!line->requests.empty() && line->requests.begin()->second.verb != Verb::get) give(*line);
  if (line->requests.empty()) leave(line);
}

void Front::leave(Lines::iterator line) {
  line_of_.erase(line->waiter);
  lines_.erase(line);
}

void Front::gather(Request request) {
  if (request.verb == Verb::get) {
    reads_.insert(request.number);
    ++gathered_reads_;
  }
  const bool is_read = request.verb == Verb::get;
  gathered_.push_back({encode(Epoch{}, Incarnation{}, RequestMessage{std::move(request)}), is_read});
  if (!opening_) hand_in_later();
}

void Front::hand_in_later() {
  if (std::exchange(hands_in_later_, true)) return;
  boost::asio::post(loop_, [this] { hand_in(); });
}

void Front::hand_in() {
  hands_in_later_ = false;
  if (gathered_.empty() || opening_) return;
  const auto end = gathered_.begin() + static_cast<std::ptrdiff_t>(std::min(gathered_.size(), turn_requests_max));
  std::size_t size = 0;
  for (auto each = gathered_.begin(); each != end; ++each) {
    size += each->frame.size();
    if (each->is_read) --gathered_reads_;
  }
  const Bytes bytes = Bytes::build(size, [&](char* to) {
    for (auto each = gathered_.begin(); each != end; ++each) {
      to = std::copy_n(each->frame.data(), each->frame.size(), to);
    }
  });
  gathered_.erase(gathered_.begin(), end);
  if (!gathered_.empty()) hand_in_later();
  host_.deliver(Received{link_, bytes});
  give_turns();
}

void Front::forget_gathered() {
  gathered_.clear();
  gathered_reads_ = 0;
}

void Front::reply(Link, Bytes bytes) {
  if (later_.empty() && may_tell()) return tell(bytes);
  if (later_.empty()) boost::asio::post(loop_, [this] { tell_more(); });
  later_.push_back(std::move(bytes));
}

// The end of a step, which was a turn of the loop.
void Front::flush() {
  told_bytes_ = told_ = 0;
  on_answered();
}

bool Front::may_tell() const { return told_bytes_ < turn_bytes_max && told_ < turn_requests_max; }

void Front::tell_more() {
  while (!later_.empty() && may_tell()) {
    tell(later_.front());
    later_.pop_front();
  }
  if (!later_.empty()) boost::asio::post(loop_, [this] { tell_more(); });
  flush();
}

void Front::tell(const Bytes& bytes) {
  told_bytes_ += bytes.size();
  ++told_;
  const std::optional<Message> message = decode_frame(bytes);
  SMALLDB_ASSERT(message, bytes.size());
  const Response& response = std::get<ResponseMessage>(message->body).response;
  if (response.session == SessionId{} && reads_.erase(response.number) > 0) {
    answer_size_ = std::max(bytes.size(), answer_size_ - answer_size_ / 16);
    give_turns();
  }
  const auto found = asked_.find({response.session.value, response.number});
  if (found == asked_.end()) return;
  const std::vector<std::uint64_t> attempts = std::move(found->second.attempts);
  forget(found);
  const Clock::time_point now = Clock::now();
  for (const std::uint64_t each : attempts) {
    const auto attempt = attempts_.extract(each);
    took_.add(now - attempt.mapped().since);
    if (const auto waiter = attempt.mapped().waiter.lock()) waiter->on_response(attempt.mapped().ticket, response);
  }
  tell_if_nobody_waits();
}

void Front::close(Link) {
  for (const Bytes& reply : std::exchange(later_, {})) tell(reply);  // it came before the end
  link_ = {};
  opening_ = true;
  forget_gathered();  // of these none was executed; they are told like the others that nobody knows
  reads_.clear();
  lines_.clear();
  line_of_.clear();
  queued_ = 0;
  asked_.clear();
  bytes_ = 0;
  for (const auto& [number, attempt] : std::exchange(attempts_, {})) {
    if (const auto waiter = attempt.waiter.lock()) {
      waiter->on_silence(attempt.ticket, "this node has ceased to be the primary");
    }
  }
  tell_if_nobody_waits();
  boost::asio::post(loop_, [this] { open(); });
}

// It is not waited for any more. Of a request that nobody waits for: unless the machine has it, it is dropped.
Front::Attempt Front::take(Attempts::iterator attempt) {
  const auto asked = asked_.find(attempt->second.key);
  auto& attempts = asked->second.attempts;
  attempts.erase(std::find(attempts.begin(), attempts.end(), attempt->first));
  if (attempts.empty() && asked->second.queued != 0) {
    const Lines::iterator line = asked->second.line;
    line->requests.erase(asked->second.queued);
    --queued_;
    forget(asked);
    give_writes(line);
  }
  return attempts_.extract(attempt).mapped();
}

void Front::forget(AskedByKey::iterator asked) {
  bytes_ -= asked->second.size;
  asked_.erase(asked);
}

void Front::watch() {
  if (watching_) return;
  watching_ = true;
  timer_.expires_at(attempts_.begin()->second.since + answer_within_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    watching_ = false;
    if (error) return;
    const Clock::time_point now = Clock::now();
    while (!attempts_.empty() && attempts_.begin()->second.since + answer_within_ <= now) {
      const Attempt late = take(attempts_.begin());
      if (const auto waiter = late.waiter.lock()) waiter->on_silence(late.ticket, "no answer became safe in time");
    }
    tell_if_nobody_waits();
    if (!attempts_.empty()) watch();
  });
}

}  // namespace smalldb::server
