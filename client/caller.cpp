#include "client/caller.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <csignal>
#include <deque>
#include <stdexcept>

#include "server/stream.h"

namespace smalldb::client {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using Tcp = boost::asio::ip::tcp;

// Of a server that is asked before the next one is asked as well.
constexpr std::chrono::milliseconds head_start{150};
constexpr std::uint64_t reply_size_max = std::uint64_t{4} * 1024 * 1024;

std::string written(const Call& call, const Address& server) {
  std::string text = call.method + " " + call.target + " HTTP/1.1\r\nHost: " + server.text() + "\r\n";
  for (const auto& [name, value] : call.fields) text += name + ": " + value + "\r\n";
  if (!call.body.empty() || call.method == "PUT") {
    text += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
  }
  return text + "\r\n" + call.body;
}

Reply read(const http::response<http::string_body>& response) {
  const auto field = [&](const char* name) {
    const auto value = response[name];
    return std::string(value.data(), value.size());
  };
  return {response.result_int(),    response.body(),          field("ETag"),
          field("Smalldb-Outcome"), field("Smalldb-Primary"), response.keep_alive()};
}

}  // namespace

// Kept alive by what it waits for.
class Caller::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::io_context& loop, Address server, boost::asio::ssl::context* tls)
      : loop_(loop), server_(std::move(server)), resolver_(loop), stream_(Tcp::socket(loop), tls) {
    stream_.expect(server_.host);
  }

  const Address& server() const { return server_; }
  const std::optional<Heard>& heard() const { return heard_; }

  // Begins; heard() has what came of it, once the loop has stopped.
  void ask(const Call& call) {
    out_ = written(call, server_);
    out_size_ = 0;
    sent_ = false;
    in_.clear();
    heard_.reset();
    parser_.emplace();
    parser_->eager(true);
    parser_->body_limit(reply_size_max);
    open_ ? write() : connect();
  }

  // Nothing more is waited for.
  void give_up(const std::string& why) {
    if (!heard_) end(Silence{sent_, why});
    stream_.close();
    resolver_.cancel();
  }

 private:
  void connect() {
    resolver_.async_resolve(server_.host, server_.port, [self = shared_from_this()](const auto& error, auto results) {
      if (self->heard_) return;
      if (error) return self->fail(error);
      boost::asio::async_connect(self->stream_.socket(), results, [self](const error_code& failure, const auto&) {
        if (self->heard_) return;
        if (failure) return self->fail(failure);
        self->greet();
      });
    });
  }

  void greet() {
    error_code ignored;
    stream_.socket().set_option(Tcp::no_delay(true), ignored);
    stream_.async_handshake(boost::asio::ssl::stream_base::client,
                            [self = shared_from_this()](const error_code& error) {
                              if (self->heard_) return;
                              if (error) return self->fail(self->stream_.in_words(error));
                              self->open_ = true;
                              self->write();
                            });
  }

  void write() {
    sent_ = true;
    stream_.async_write_some(boost::asio::buffer(out_.data() + out_size_, out_.size() - out_size_),
                             [self = shared_from_this()](const error_code& error, std::size_t size) {
                               if (self->heard_) return;
                               self->out_size_ += size;
                               // A server that turns a request down may say so before it has read all of it.
                               if (!error && self->out_size_ < self->out_.size()) return self->write();
                               self->read_some();
                             });
  }

  void read_some() {
    stream_.async_read_some(boost::asio::buffer(piece_),
                            [self = shared_from_this()](const error_code& error, std::size_t size) {
                              if (self->heard_) return;
                              if (error) return self->fail(error);
                              self->take({self->piece_.data(), size});
                            });
  }

  void take(std::string_view bytes) {
    in_ += bytes;
    error_code error;
    while (!in_.empty() && !parser_->is_done()) {
      in_.erase(0, parser_->put(boost::asio::buffer(in_), error));
      if (error) break;
    }
    if (error && error != http::error::need_more) return fail(error);
    if (!parser_->is_done()) return read_some();
    open_ = parser_->get().keep_alive();
    end(client::read(parser_->get()));
  }

  void fail(const error_code& error) {
    fail(error == boost::asio::error::eof ? "it closed the connection" : server::in_words(error));
  }
  void fail(const std::string& why) {
    open_ = false;
    end(Silence{sent_, why});
  }

  void end(Heard heard) {
    heard_ = std::move(heard);
    loop_.stop();
  }

  boost::asio::io_context& loop_;
  Address server_;
  Tcp::resolver resolver_;
  server::Stream stream_;
  bool open_ = false;
  std::string out_;
  std::size_t out_size_ = 0;  // of out_, has left
  bool sent_ = false;         // some of it may have
  std::string in_;
  std::array<char, 64 * 1024> piece_;
  std::optional<http::response_parser<http::string_body>> parser_;
  std::optional<Heard> heard_;
};

Caller::Caller(const std::string& tls_authority) {
  std::signal(SIGPIPE, SIG_IGN);
  for (const int signal : {SIGINT, SIGTERM}) signals_.add(signal);
  signals_.async_wait([this](const error_code& error, int) {
    interrupted_ = !error;
    loop_.stop();
  });
  if (tls_authority.empty()) return;
  namespace ssl = boost::asio::ssl;
  tls_ = std::make_unique<ssl::context>(ssl::context::tls_client);
  error_code error;
  tls_->load_verify_file(tls_authority, error);
  if (error) throw std::runtime_error("the authority " + tls_authority + " cannot be read: " + server::in_words(error));
  tls_->set_verify_mode(ssl::verify_peer);
}

Caller::~Caller() = default;

std::shared_ptr<Caller::Connection> Caller::connection_to(const Address& server) {
  const std::shared_ptr<Connection> kept = std::exchange(connection_, nullptr);
  return kept && kept->server() == server ? kept : std::make_shared<Connection>(loop_, server, tls_.get());
}

Heard Caller::finish(const std::shared_ptr<Connection>& asked) {
  if (!asked->heard()) asked->give_up(interrupted_ ? "interrupted" : "no answer in time");
  const auto* const reply = std::get_if<Reply>(&*asked->heard());
  if (reply != nullptr && reply->keep_alive) connection_ = asked;
  return *asked->heard();
}

Heard Caller::ask(const Address& server, const Call& call, Clock::time_point until) {
  if (interrupted_) return Silence{false, "interrupted"};
  const std::shared_ptr<Connection> asked = connection_to(server);
  loop_.restart();
  asked->ask(call);
  loop_.run_until(until);
  return finish(asked);
}

void Caller::ask_around(const std::function<std::optional<Address>()>& next, const Call& call, Clock::duration within,
                        Clock::time_point until, const std::function<bool(const Address&, const Heard&)>& take) {
  struct Asked {
    std::shared_ptr<Connection> connection;
    Clock::time_point until;
  };
  std::deque<Asked> waits;  // in the order in which they were asked, which is that of their ends
  for (Clock::time_point next_at = Clock::now(); !interrupted_;) {
    const Clock::time_point now = Clock::now();
    const auto over = std::find_if(waits.begin(), waits.end(), [now](const Asked& asked) {
      return asked.connection->heard() || asked.until <= now;
    });
    if (over != waits.end()) {
      const std::shared_ptr<Connection> asked = over->connection;
      waits.erase(over);
      if (take(asked->server(), finish(asked))) break;
      next_at = now;
      continue;
    }
    if (now >= until) break;
    if (now >= next_at) {
      next_at = Clock::time_point::max();
      if (const std::optional<Address> server = next()) {
        waits.push_back({connection_to(*server), std::min(until, now + within)});
        waits.back().connection->ask(call);
        next_at = now + head_start;
      }
    }
    if (waits.empty()) break;
    loop_.restart();
    loop_.run_until(std::min(next_at, waits.front().until));
  }
  for (const Asked& asked : waits) asked.connection->give_up("somebody else has answered");
}

bool Caller::rest(Clock::duration time) {
  loop_.restart();
  const Clock::time_point until = Clock::now() + time;
  while (!interrupted_ && Clock::now() < until) {
    if (loop_.run_one_until(until) > 0) loop_.restart();
  }
  return !interrupted_;
}

}  // namespace smalldb::client
