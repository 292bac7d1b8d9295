// HTTP for clients: connections, kept alive and pipelined, with limits on all that a client could use up.
//
// What a request means and what its answer looks like is api.h's business, getting it answered is the front's. Here
// bytes come in, are cut into requests, and answers go out in the order of the requests.
//
//   limit                      beyond it
//   -------------------------  ----------------------------------------------------------------------
//   connections                a few further ones may ask about the node itself, once each; the rest is closed at once
//   time of such a probe       the connection is closed
//   header, body, key          431, 413, 414
//   bytes of requests in all   503: of those that are being read, and those that the store has not answered, even if
//                              nobody waits for them any more
//   bytes of answers in all    503, for a read: of those that clients have not taken yet
//   requests in a turn of the  the other connections go on in a later one
//   loop
//   requests without answer    of one connection: it is not read from until there are fewer
//   answers not taken          of one connection: the same
//   time for a TLS handshake   the connection is closed
//   time for a request         408, and the connection is closed
//   time without taking any    the connection is closed
//   of an answer
//   idle time                  the connection is closed
//   time after the last answer the connection is closed
//   bytes after the last       the connection is not read from, and closed behind the last answer
//   request
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "server/api.h"
#include "server/complaints.h"
#include "server/front.h"
#include "server/journal.h"
#include "server/members.h"

namespace smalldb::server {

struct HttpLimits {
  std::uint64_t connections_max = 4096;
  std::uint64_t body_bytes_max = std::uint64_t{256} * 1024 * 1024;    // of all requests that are not answered
  std::uint64_t answer_bytes_max = std::uint64_t{256} * 1024 * 1024;  // of all answers that have not been taken
  std::chrono::nanoseconds handshake_within = std::chrono::seconds(5);
  std::chrono::nanoseconds request_within = std::chrono::seconds(30);
  std::chrono::nanoseconds taken_within = std::chrono::seconds(30);  // some of an answer, not all of it
  std::chrono::nanoseconds idle_for = std::chrono::seconds(300);
  // These are said by nobody but tests.
  std::chrono::nanoseconds probe_within = std::chrono::seconds(2);  // all of a probe's connection
  std::chrono::nanoseconds lingers_for = std::chrono::seconds(2);
  std::chrono::nanoseconds sweep_every = std::chrono::seconds(1);
};

// Who answers what is asked of the node itself. `local`: the connection comes from this machine.
class Informant {
 public:
  virtual HttpAnswer answer(Inquiry inquiry, const HttpRequest& request, bool local) = 0;
  // What the store would answer to whatever it was asked now, if it is certain to execute nothing.
  virtual std::optional<Response> refusal() const = 0;

 protected:
  ~Informant() = default;
};

class HttpServer {
 public:
  // Connections beyond `connections_max` that are taken all the same: whoever asks whether the node is well is to be
  // told so when it has much to do. Such a one gets one answer, and 503 if it asks for anything else, and little time.
  static constexpr std::size_t probes_max = 8;
  // What a client may say after its last request, and nobody listens to.
  static constexpr std::size_t ignored_bytes_max = 4 * value_size_max;

  struct Figures {
    std::uint64_t connections = 0;   // taken
    std::uint64_t turned_away = 0;   // for there were too many
    std::uint64_t not_accepted = 0;  // attempts to take one that failed, for want of descriptors most likely
    std::uint64_t cut_off = 0;       // too slow, or idle for too long
    std::uint64_t requests = 0;
    std::uint64_t faults = 0;  // requests that could not be read
    std::uint64_t refused_for_room = 0;
    std::uint64_t answers[6] = {};  // by the first digit of the status
  };

  // `front` is null for a process without a store (an arbiter). `tls` null: plain HTTP.
  HttpServer(boost::asio::io_context& loop, const HttpLimits& limits, std::shared_ptr<boost::asio::ssl::context> tls,
             const Members& members, Front* front, Informant& informant, Journal& journal);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void listen(boost::asio::ip::tcp::acceptor acceptor);
  // Connections from now on speak TLS with this. REQUIRES: there was TLS before.
  void use(std::shared_ptr<boost::asio::ssl::context> tls) { tls_ = std::move(tls); }
  // Takes no more connections and requests, and calls `done` when the last answer has been taken.
  void drain(std::function<void()> done);

  const Figures& figures() const { return figures_; }
  std::size_t open() const { return connections_.size(); }

 private:
  class Connection;
  using ConnectionPtr = std::shared_ptr<Connection>;

  void accept_next();
  bool has_room(std::size_t bytes) const;
  HttpAnswer answer_of_store(const StoreRequest& asked, const Response& response, std::string_view target) const;
  // The answer to a request that is certain not to be executed, for as long as it has not been handed in.
  std::optional<HttpAnswer> refusal_of_store(const StoreRequest& asked, std::string_view target) const;
  HttpAnswer refuse_for_room();
  bool has_answer_room(std::size_t bytes) const { return answer_bytes_ + bytes <= limits_.answer_bytes_max; }
  // Whether a read would be refused as the last one was, of which `refuse_answer` was told the size.
  bool lacks_answer_room();
  HttpAnswer refuse_answer(std::size_t bytes);
  // Requests of one turn of the loop: when there have been enough, a connection goes on in a later one.
  void count_request();
  bool turn_is_over() const { return turn_requests_ >= Front::turn_requests_max; }
  void go_on_later(const ConnectionPtr& connection) { waiting_.push_back(connection); }
  void begin_turn();
  void flush_later(const ConnectionPtr& connection);
  void flush();
  void on_closed(const ConnectionPtr& connection);
  void sweep_later();
  std::string_view date();

  boost::asio::io_context& loop_;
  const HttpLimits limits_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  const Members& members_;
  Front* front_;
  Informant& informant_;
  Journal& journal_;
  Complaints complaints_;
  std::unique_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
  boost::asio::steady_timer rest_;   // after a connection could not be taken
  boost::asio::steady_timer sweep_;  // now and again while there are connections: who is too slow?
  bool sweeping_ = false;
  std::unordered_set<ConnectionPtr> connections_;
  std::vector<ConnectionPtr> dirty_;  // answers wait to be written, at the end of the step or the turn
  std::function<void()> drained_;
  bool draining_ = false;
  std::size_t body_bytes_ = 0;  // of requests that are being read, and what is kept for their answers
  std::size_t answer_bytes_ = 0;
  std::size_t missed_bytes_ = 0;        // that the last answer would have had that was refused for want of room
  std::size_t turn_requests_ = 0;       // taken in this turn of the loop
  std::vector<ConnectionPtr> waiting_;  // for the next turn, as turn_is_over()
  std::time_t date_of_ = 0;
  std::string date_;
  Figures figures_;
};

}  // namespace smalldb::server
