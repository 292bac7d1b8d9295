// Asks a server over HTTP/1.1, one request at a time, and waits for the answer; or several servers the same.
//
// The connection is kept for the next request to the same server. SIGINT and SIGTERM end whatever is being waited for,
// so that a command can say what it knows before it ends.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/pursuit.h"
#include "server/members.h"

namespace smalldb::client {

using Clock = std::chrono::steady_clock;
using server::Address;

struct Call {
  std::string method;
  std::string target;
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
};

class Caller {
 public:
  // `tls_authority`: a file with who has signed the servers' certificates; empty: no TLS. Throws std::runtime_error if
  // it cannot be read.
  explicit Caller(const std::string& tls_authority);
  ~Caller();
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  Heard ask(const Address& server, const Call& call, Clock::time_point until);
  // Asks whoever `next` names: the first at once, each further one when one has been heard, or nobody for a moment.
  // Each may take `within`. `take` is told what came of each, in the order in which it came, until it says that this
  // was it, or nobody is left, or it is `until`. So somebody who hangs delays nobody else. REQUIRES: the call does no
  // harm however many execute it.
  void ask_around(const std::function<std::optional<Address>()>& next, const Call& call, Clock::duration within,
                  Clock::time_point until, const std::function<bool(const Address&, const Heard&)>& take);
  // Waits. False if a signal cut it short.
  bool rest(Clock::duration time);
  bool interrupted() const { return interrupted_; }

 private:
  class Connection;

  // The one that is kept, if it leads there, or a new one.
  std::shared_ptr<Connection> connection_to(const Address& server);
  // What came of a question to it, which may not have been heard yet. Keeps it for the next one, if it can take one.
  Heard finish(const std::shared_ptr<Connection>& asked);

  boost::asio::io_context loop_{1};
  boost::asio::signal_set signals_{loop_};
  bool interrupted_ = false;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  std::shared_ptr<Connection> connection_;  // the last one, if it can take another request
};

}  // namespace smalldb::client
