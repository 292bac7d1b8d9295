#include "server/http_server.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <utility>

#include "model/assert.h"
#include "server/http_parser.h"
#include "server/read_buffer.h"
#include "server/stream.h"

namespace smalldb::server {
namespace {

using boost::system::error_code;
using Tcp = boost::asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t pipelined_max = 128;
constexpr std::size_t unwritten_max = 2 * value_size_max;
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

class HttpServer::Connection final : public Waiter, public std::enable_shared_from_this<Connection> {
 public:
  // `probe`: one beyond the limit on connections.
  Connection(HttpServer& server, Tcp::socket socket, bool probe)
      : server_(server), stream_(std::move(socket), server.tls_.get()), parser_(value_size_max), probe_(probe) {
    error_code ignored;
    stream_.socket().set_option(Tcp::no_delay(true), ignored);
    local_ = stream_.origin().is_loopback();
    began_ = active_at_ = Clock::now();
  }

  bool dirty = false;  // in HttpServer::dirty_

  void start() {
    watch_for_hangup();
    stream_.async_handshake(boost::asio::ssl::stream_base::server, [self = shared_from_this()](const auto& error) {
      if (error) return self->close();
      self->shaking_hands_ = false;
      self->read();
    });
  }

  void on_response(std::uint64_t ticket, const Response& response) override {
    if (closed_) return;
    const Slot& slot = slot_of(ticket);
    const bool read = response.status == Status::ok && slot.asked.request.verb == Verb::get;
    const std::size_t size = slot.asked.known.holds(response.revision) ? 0 : response.value.size();
    if (read && !server_.has_answer_room(size)) return fill(ticket, server_.refuse_answer(size));
    fill(ticket, server_.answer_of_store(slot.asked, response, slot.target));
  }
  void on_silence(std::uint64_t ticket, std::string_view why) override {
    if (!closed_) fill(ticket, leave_open(504, "no_answer", why));
  }

  // Writes the answers that are due, unless some are on their way.
  void flush() {
    if (closed_ || writing_ || out_.empty()) return;
    writing_ = true;
    written_.swap(out_);
    written_size_ = 0;
    write_began_ = Clock::now();
    write();
  }

  // In the next turn of the loop, of one that has waited for it.
  void take_turn() {
    if (!closed_ && !reading_) on_read();
  }

  // No more requests: what is under way is answered, and then it closes.
  void drain() {
    if (slots_.empty() && out_.empty() && !writing_) return close();
    keep_alive_ = in_request_ = false;
  }

  // Whether it is too slow, or of no use any more.
  bool overdue(Clock::time_point now) const {
    const HttpLimits& limits = server_.limits_;
    if (probe_ && now - began_ > limits.probe_within) return true;
    if (shaking_hands_) return now - active_at_ > limits.handshake_within;
    if (lingering_) return now - lingers_since_ > limits.lingers_for;
    if (writing_ && now - write_began_ > limits.taken_within) return true;
    if (in_request_ && !held_ && now - request_began_ > limits.request_within) return true;
    return slots_.empty() && !writing_ && now - active_at_ > limits.idle_for;
  }
  void cut_off() {
    if (!lingering_) ++server_.figures_.cut_off;
    if (in_request_ && !probe_ && !lingering_ && !writing_ && slots_.empty()) {
      answer_at_once(refuse(408, "too_slow", "a request takes too long to arrive"), false);
      in_request_ = false;
      flush();
    } else {
      close();
    }
  }

  void close() {
    if (std::exchange(closed_, true)) return;
    // The last one first: what waits for its turn goes with the client, and nothing behind it takes its place.
    for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) {
      server_.body_bytes_ -= slot->body_bytes;
      if (slot->attempt != 0 && !slot->done) server_.front_->abandon(slot->attempt);
    }
    server_.body_bytes_ -= reserved_;
    server_.answer_bytes_ -= untaken_;
    stream_.close();
    server_.on_closed(shared_from_this());
  }

 private:
  // A request that has been read, in the order in which its answer will be written.
  struct Slot {
    StoreRequest asked;  // without key and value, which the machine has
    std::string target;
    bool without_body = false;  // HEAD
    bool done = false;
    std::size_t body_bytes = 0;  // reserved
    std::uint64_t attempt = 0;   // of the front, if that was asked
    std::string text;            // the answer, when done
  };

  Slot& slot_of(std::uint64_t ticket) { return slots_[ticket - first_ticket_]; }

  // A client that has gone for good is noticed though nothing is read from it. One that only sends no more is not gone:
  // it gets its answers.
  void watch_for_hangup() {
    stream_.socket().async_wait(Tcp::socket::wait_error, [self = shared_from_this()](const error_code& error) {
      if (error || self->closed_) return;
      pollfd about{self->stream_.socket().native_handle(), 0, 0};
      if (poll(&about, 1, 0) > 0 && (about.revents & (POLLERR | POLLHUP)) != 0) return self->close();
      self->watch_for_hangup();  // urgent data, which HTTP knows nothing of
    });
  }

  // ---- Reading

  void read() {
    if (closed_ || reading_) return;
    held_ = !lingering_ && (is_full() || ignored_bytes_ > ignored_bytes_max);
    if (held_) return;
    reading_ = true;
    stream_.async_read_some(boost::asio::buffer(in_.room(read_size), read_size),
                            [self = shared_from_this()](const error_code& error, std::size_t size) {
                              self->reading_ = false;
                              if (self->closed_) return;
                              self->in_.add(size);
                              if (error == boost::asio::error::eof) return self->on_end();
                              if (error) return self->close();  // nobody is there to take an answer
                              self->on_read();
                            });
  }

  // No further request is taken before some of what was asked has been answered, or an answer taken. (Who has taken all
  // of his gets another one, however many others do not.)
  bool is_full() const {
    return slots_.size() >= pipelined_max || out_.size() + written_.size() > unwritten_max ||
           (untaken_ > 0 && server_.answer_bytes_ > server_.limits_.answer_bytes_max);
  }

  void on_read() {
    active_at_ = Clock::now();
    if (keep_alive_) {
      if (server_.turn_is_over()) return server_.go_on_later(shared_from_this());
      take_requests();
    } else {
      ignored_bytes_ += in_.view().size();
      in_.keep(0);
      if (lingering_ && ignored_bytes_ > ignored_bytes_max) return close();
    }
    read();
  }

  // The client has said all that it will, and may still want answers.
  void on_end() {
    if (lingering_ || (slots_.empty() && out_.empty() && !writing_)) return close();
    ended_ = true;
    keep_alive_ = false;
  }

  void take_requests() {
    std::string_view rest = in_.view();
    bool whole = false;
    while (keep_alive_ && !is_full() && !rest.empty()) {
      const HttpParser::Outcome outcome = parser_.take(rest);
      if (outcome == HttpParser::Outcome::wants_more) break;
      if (outcome == HttpParser::Outcome::header) on_header();
      whole = whole || outcome == HttpParser::Outcome::request;
      if (outcome == HttpParser::Outcome::request) on_request(parser_.request());
      if (outcome == HttpParser::Outcome::fault) {
        ++server_.figures_.faults;
        answer_at_once(answer_fault(parser_.fault()), false);
      }
    }
    in_.keep(rest.size());
    const bool inside = keep_alive_ && (parser_.inside_request() || !in_.empty());
    if (inside && (whole || held_ || !in_request_)) request_began_ = Clock::now();
    in_request_ = inside;
  }

  void on_header() {
    const std::size_t wanted = parser_.body_size().value_or(value_size_max);
    if (!server_.has_room(wanted)) return answer_at_once(server_.refuse_for_room(), false);
    reserved_ = wanted;
    server_.body_bytes_ += wanted;
    if (!parser_.expects_continue()) return;
    // Whoever is turned down whatever the body is need not send it.
    const Asked asked = understand(parser_.request());
    if (const auto* const answer = std::get_if<HttpAnswer>(&asked)) return answer_at_once(*answer, false);
    if (const auto* const store_asked = std::get_if<StoreRequest>(&asked)) {
      const std::optional<HttpAnswer> refused = server_.refusal_of_store(*store_asked, parser_.request().target);
      if (refused) return answer_at_once(*refused, false);
    }
    Slot& slot = slots_.emplace_back();
    slot.text = go_on;
    slot.done = true;
    wait_to_be_taken(slot.text.size());
    release();
  }

  void on_request(HttpRequest& request) {
    ++server_.figures_.requests;
    server_.count_request();
    Asked asked = understand(request);
    const bool head = request.method == boost::beast::http::verb::head;
    if (probe_) request.keep_alive = false;
    if (auto* const answer = std::get_if<HttpAnswer>(&asked)) return answer_at_once(*answer, head, request.keep_alive);
    if (const auto* const inquiry = std::get_if<Inquiry>(&asked)) {
      return answer_at_once(server_.informant_.answer(*inquiry, request, local_), head, request.keep_alive);
    }
    if (probe_) {
      ++server_.figures_.turned_away;
      return answer_at_once(overloaded(), head);
    }
    StoreRequest& store_asked = std::get<StoreRequest>(asked);
    if (server_.front_ == nullptr) {
      return answer_at_once(*server_.refusal_of_store(store_asked, request.target), head, request.keep_alive);
    }
    // The front counts key and value from now on; a list of revisions and a long target are kept here.
    server_.body_bytes_ -= std::exchange(reserved_, 0);
    if (store_asked.request.verb == Verb::get && server_.lacks_answer_room()) {
      return answer_at_once(server_.refuse_for_room(), head, request.keep_alive);
    }
    const std::size_t kept = request.target.size() + store_asked.known.revisions.capacity() * sizeof(Revision);
    if (!server_.has_room(kept + Front::size_of(store_asked.request))) {
      return answer_at_once(server_.refuse_for_room(), head, request.keep_alive);
    }
    server_.body_bytes_ += kept;
    const std::uint64_t ticket = first_ticket_ + slots_.size();
    Slot& slot = slots_.emplace_back();
    slot.asked = std::move(store_asked);
    slot.target = std::move(request.target);
    slot.without_body = head;
    slot.body_bytes = kept;
    keep_alive_ = keep_alive_ && request.keep_alive;
    Request store_request = slot.asked.request;
    slot.asked.request.key = slot.asked.request.value = Bytes();
    slot.attempt = server_.front_->submit(std::move(store_request), weak_from_this(), ticket);
  }

  // ---- Answering

  void answer_at_once(const HttpAnswer& answer, bool without_body, bool keep_alive = false) {
    Slot& slot = slots_.emplace_back();
    slot.without_body = without_body;
    slot.body_bytes = std::exchange(reserved_, 0);
    keep_alive_ = keep_alive_ && keep_alive;
    fill(first_ticket_ + slots_.size() - 1, answer);
  }

  void fill(std::uint64_t ticket, const HttpAnswer& answer) {
    Slot& slot = slot_of(ticket);
    ++server_.figures_.answers[std::min<std::size_t>(answer.status / 100, 5)];
    // Only the last answer says that the connection closes (RFC 9112, 9.6): whoever reads it takes no more.
    const bool last = !keep_alive_ && ticket + 1 == first_ticket_ + slots_.size();
    write_answer(answer, !last, slot.without_body, server_.date(), slot.text);
    slot.done = true;
    wait_to_be_taken(slot.text.size());
    release();
  }

  void wait_to_be_taken(std::size_t size) {
    untaken_ += size;
    server_.answer_bytes_ += size;
  }

  // Answers leave in the order of the requests.
  void release() {
    while (!slots_.empty() && slots_.front().done) {
      Slot& slot = slots_.front();
      server_.body_bytes_ -= slot.body_bytes;
      out_ += slot.text;
      slots_.pop_front();
      ++first_ticket_;
    }
    if (!out_.empty()) server_.flush_later(shared_from_this());
  }

  void write() {
    stream_.async_write_some(boost::asio::buffer(written_.data() + written_size_, written_.size() - written_size_),
                             [self = shared_from_this()](const error_code& error, std::size_t size) {
                               if (self->closed_) return;
                               if (error) return self->close();
                               self->on_written(size);
                             });
  }

  void on_written(std::size_t size) {
    written_size_ += size;
    untaken_ -= size;
    server_.answer_bytes_ -= size;
    if (size > 0) write_began_ = Clock::now();
    if (written_size_ < written_.size()) return write();
    writing_ = false;
    written_.clear();
    active_at_ = Clock::now();
    if (!out_.empty()) return flush();
    if (!keep_alive_ && slots_.empty()) return linger();
    if (reading_) return;
    // Room again: there may be whole requests among what was read before.
    on_read();
  }

  // The last answer has been written. A connection that is closed while the client still sends is reset, and the answer
  // may be lost with it: so its words are listened to for a little longer.
  void linger() {
    if (ended_ || ignored_bytes_ > ignored_bytes_max) return close();
    error_code ignored;
    stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
    lingering_ = true;
    lingers_since_ = Clock::now();
    read();
  }

  HttpServer& server_;
  Stream stream_;
  HttpParser parser_;
  bool local_ = false;
  bool probe_ = false;
  bool shaking_hands_ = true;
  bool closed_ = false;
  bool keep_alive_ = true;  // further requests are taken
  bool lingering_ = false;
  std::size_t ignored_bytes_ = 0;  // read after the last request
  bool ended_ = false;

  ReadBuffer in_;
  bool reading_ = false;
  bool in_request_ = false;
  bool held_ = false;         // nothing is read until more of what was asked has been answered
  std::size_t reserved_ = 0;  // of HttpServer::body_bytes_, for the request being read
  std::deque<Slot> slots_;
  std::uint64_t first_ticket_ = 0;

  std::string out_;
  std::string written_;
  std::size_t written_size_ = 0;
  std::size_t untaken_ = 0;  // bytes of answers, in slots_, out_ and written_
  bool writing_ = false;

  Clock::time_point began_;
  Clock::time_point active_at_;
  Clock::time_point lingers_since_;
  Clock::time_point request_began_;
  Clock::time_point write_began_;
};

HttpServer::HttpServer(boost::asio::io_context& loop, const HttpLimits& limits,
                       std::shared_ptr<boost::asio::ssl::context> tls, const Members& members, Front* front,
                       Informant& informant, Journal& journal)
    : loop_(loop),
      limits_(limits),
      tls_(std::move(tls)),
      members_(members),
      front_(front),
      informant_(informant),
      journal_(journal),
      rest_(loop),
      sweep_(loop) {
  if (front_ != nullptr) front_->on_answered = [this] { flush(); };
}

HttpServer::~HttpServer() {
  if (front_ != nullptr) front_->on_answered = [] {};
  for (const ConnectionPtr& connection : std::vector(connections_.begin(), connections_.end())) connection->close();
}

void HttpServer::listen(Tcp::acceptor acceptor) {
  acceptor_ = std::make_unique<Tcp::acceptor>(std::move(acceptor));
  accept_next();
}

void HttpServer::accept_next() {
  acceptor_->async_accept([this](const error_code& error, Tcp::socket socket) {
    if (!acceptor_->is_open()) return;
    if (error) {
      // Out of file descriptors, most likely: that does not change by asking at once.
      ++figures_.not_accepted;
      complaints_.warn(journal_, "accept_failed", error.message(), {{"port", "clients"}, {"error", error.message()}});
      rest_.expires_after(std::chrono::milliseconds(100));
      return rest_.async_wait([this](const error_code& stopped) {
        if (!stopped) accept_next();
      });
    }
    if (connections_.size() < limits_.connections_max + probes_max) {
      ++figures_.connections;
      const bool probe = connections_.size() >= limits_.connections_max;
      const auto connection = std::make_shared<Connection>(*this, std::move(socket), probe);
      connections_.insert(connection);
      connection->start();
      sweep_later();
    } else {
      ++figures_.turned_away;
    }
    accept_next();
  });
}

bool HttpServer::has_room(std::size_t bytes) const {
  return body_bytes_ + (front_ == nullptr ? 0 : front_->bytes()) + bytes <= limits_.body_bytes_max;
}

HttpAnswer HttpServer::answer_of_store(const StoreRequest& asked, const Response& response,
                                       std::string_view target) const {
  return server::answer(asked, response, members_.find(response.primary), target, tls_ != nullptr);
}

std::optional<HttpAnswer> HttpServer::refusal_of_store(const StoreRequest& asked, std::string_view target) const {
  if (front_ == nullptr) return refuse(404, "no_store", "an arbiter has no keys");
  const std::optional<Response> refusal = informant_.refusal();
  if (!refusal) return std::nullopt;
  return answer_of_store(asked, *refusal, target);
}

HttpAnswer HttpServer::refuse_for_room() {
  ++figures_.refused_for_room;
  return overloaded();
}

// A read costs as much as its value is long, in the machine and on the way here, whether or not there is room for it:
// so when one has found none, further ones are not asked before there would have been.
bool HttpServer::lacks_answer_room() {
  if (has_answer_room(missed_bytes_)) missed_bytes_ = 0;
  return !has_answer_room(missed_bytes_);
}

HttpAnswer HttpServer::refuse_answer(std::size_t bytes) {
  missed_bytes_ = std::min<std::size_t>(bytes, limits_.answer_bytes_max);
  return refuse_for_room();
}

void HttpServer::count_request() {
  if (turn_requests_++ == 0) boost::asio::post(loop_, [this] { begin_turn(); });
}

void HttpServer::begin_turn() {
  turn_requests_ = 0;
  for (const ConnectionPtr& each : std::exchange(waiting_, {})) each->take_turn();
}

void HttpServer::flush_later(const ConnectionPtr& connection) {
  if (std::exchange(connection->dirty, true)) return;
  dirty_.push_back(connection);
  if (dirty_.size() > 1) return;
  boost::asio::post(loop_, [this] { flush(); });
}

void HttpServer::flush() {
  for (const ConnectionPtr& each : std::exchange(dirty_, {})) {
    each->dirty = false;
    each->flush();
  }
}

void HttpServer::on_closed(const ConnectionPtr& connection) {
  connections_.erase(connection);
  if (draining_ && connections_.empty() && drained_) boost::asio::post(loop_, std::exchange(drained_, nullptr));
}

void HttpServer::drain(std::function<void()> done) {
  draining_ = true;
  drained_ = std::move(done);
  rest_.cancel();
  if (acceptor_) acceptor_->close();
  for (const ConnectionPtr& connection : std::vector(connections_.begin(), connections_.end())) connection->drain();
  if (connections_.empty() && drained_) boost::asio::post(loop_, std::exchange(drained_, nullptr));
}

void HttpServer::sweep_later() {
  if (sweeping_) return;
  sweeping_ = true;
  sweep_.expires_after(limits_.sweep_every);
  sweep_.async_wait([this](const error_code& error) {
    sweeping_ = false;
    if (error) return;
    const Clock::time_point now = Clock::now();
    for (const ConnectionPtr& connection : std::vector(connections_.begin(), connections_.end())) {
      if (connection->overdue(now)) connection->cut_off();
    }
    if (!connections_.empty()) sweep_later();
  });
}

std::string_view HttpServer::date() {
  const std::time_t now = std::time(nullptr);
  if (now != date_of_) {
    std::array<char, 40> text;
    std::tm parts{};
    gmtime_r(&now, &parts);
    const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    date_.assign(text.data(), size);
    date_of_ = now;
  }
  return date_;
}

}  // namespace smalldb::server
