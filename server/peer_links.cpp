#include "server/peer_links.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "model/assert.h"
#include "model/codec.h"

namespace smalldb::server {
namespace {

using boost::system::error_code;
using Tcp = boost::asio::ip::tcp;

constexpr std::size_t read_size = 256 * 1024;
constexpr std::size_t write_pieces_max = 64;
constexpr std::size_t waiting_bytes_max = std::size_t{256} * 1024 * 1024;
constexpr std::chrono::seconds greets_within{5};
// Stands where a message of the machines has its length, and is none: the connection ends, and why, follows.
constexpr std::uint32_t no_message = 0xffff'ffff;
constexpr std::size_t length_size = 4;
constexpr std::size_t why_size_max = 500;
constexpr int takes_within_ms = 10'000;  // a peer that acknowledges nothing for so long is gone

CloseReason reason_of(const error_code& error) {
  if (error == boost::asio::error::connection_refused) return CloseReason::refused;
  if (error == boost::asio::error::timed_out) return CloseReason::timed_out;
  if (error == boost::asio::error::eof) return CloseReason::closed_by_peer;
  return CloseReason::reset;
}

void set_options(Tcp::socket& socket) {
  error_code ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
  setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &takes_within_ms, sizeof takes_within_ms);
}

}  // namespace

// One connection. Kept alive by what it waits for; `links_` is null once nobody is to hear of it any more.
class PeerLinks::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(PeerLinks& links, Tcp::socket socket)
      : links_(&links),
        stream_(std::move(socket), links.identity_.tls.get()),
        resolver_(links.loop_),
        deadline_(links.loop_) {}

  Link link{};
  Port port = Port::replication;
  bool asked_for = false;  // by the machine
  bool dirty = false;      // in PeerLinks::dirty_
  ProcessId peer = no_process;
  boost::asio::ip::address origin;  // where it came from, if others made it

  // REQUIRES: it was started.
  const Greeting& greeting() const { return *greeting_; }
  bool greeting_failed() const { return greeting_ && greeting_->state() == Greeting::State::failed; }
  // Why there was no greeting, though somebody was there; empty if there was one, or nobody was.
  std::string why_not_greeted(CloseReason reason) const {
    if (greeting_failed()) return greeting_->why();
    if (!told_.empty()) return "refused: " + told_;
    if (up_ || !began_) return {};
    if (!turned_away_.empty()) return turned_away_;
    if (waits_for_disk_ && reason == CloseReason::timed_out) return "writing down its name takes too long";
    if (!tls_trouble_.empty()) return "TLS: " + tls_trouble_;
    if (reason == CloseReason::timed_out) return "it did not greet in time";
    if (asked_for) return "it ended the connection instead of greeting: see its log";
    return greeting_->waits_for_proof() ? "it went away instead of proving the secret: it has another, or see its log"
                                        : "it went away before it had said who it is";
  }

  void start_connecting(const Address& address, Greeting greeting) {
    greeting_.emplace(std::move(greeting));
    stream_.expect(address.host);
    set_deadline();
    resolver_.async_resolve(address.host, address.port, [self = shared_from_this()](const auto& error, auto results) {
      if (error) return self->fail(CloseReason::refused);
      boost::asio::async_connect(self->stream_.socket(), results, [self](const error_code& failure, const auto&) {
        if (failure) return self->fail(reason_of(failure));
        self->start(boost::asio::ssl::stream_base::client);
      });
    });
  }

  void start_accepted(Greeting greeting) {
    origin = stream_.origin();
    greeting_.emplace(std::move(greeting));
    set_deadline();
    start(boost::asio::ssl::stream_base::server);
  }

  void send(Bytes bytes) {
    waiting_bytes_ += bytes.size();
    waiting_.push_back(std::move(bytes));
    if (waiting_bytes_ > waiting_bytes_max) fail(CloseReason::reset);
  }

  // Writes what waits, unless a write is on its way: then that goes on with it.
  void flush() {
    if (writing_ || !something_to_write()) return;
    writing_ = true;
    std::vector<Bytes>& from = greetings_.empty() ? waiting_ : greetings_;
    const auto end = from.begin() + static_cast<std::ptrdiff_t>(std::min(from.size(), write_pieces_max));
    written_.assign(std::make_move_iterator(from.begin()), std::make_move_iterator(end));
    from.erase(from.begin(), end);
    for (const Bytes& bytes : written_) buffers_.push_back(boost::asio::buffer(bytes.data(), bytes.size()));
    write();
  }

  bool waits_for_disk() const { return waits_for_disk_ && links_ != nullptr; }
  // The machine may hear of it now.
  void admit() {
    deadline_.cancel();
    waits_for_disk_ = false;
    up_ = true;
    const std::string rest = greeting_->rest();
    links_->tell_of(shared_from_this());
    if (links_ != nullptr && !rest.empty()) hear(rest);
    if (closed_) return;
    flush();
    read();
  }
  // It is told why, and has time to read it: what it sends meanwhile would make a close a reset.
  void turn_away(const std::string& why) {
    turned_away_ = why;
    std::string words;
    Writer(words).u32(no_message).text(std::string_view(why).substr(0, why_size_max));
    greetings_.push_back(Bytes::copy(words));
    waiting_bytes_ += words.size();
    waits_for_disk_ = false;
    PeerLinks* const links = links_;
    close_gently();
    read();
    links->on_closed(shared_from_this(), CloseReason::refused);
  }

  // Nothing is heard of it any more; what waits is still sent, if that is possible soon.
  void close_gently() {
    links_ = nullptr;
    if (!writing_ && !something_to_write()) return close();
    closing_ = true;
    set_deadline();
    flush();
  }

  void close() {
    links_ = nullptr;
    closed_ = true;
    deadline_.cancel();
    resolver_.cancel();
    stream_.close();
  }

 private:
  // What the machine sends before it hears that the connection is up waits until the greeting is over.
  bool something_to_write() const { return !greetings_.empty() || (up_ && !waiting_.empty()); }

  void set_deadline() {
    deadline_.expires_after(greets_within);
    deadline_.async_wait([self = shared_from_this()](const error_code& error) {
      // It may have been due already when it was called off.
      if (!error && (!self->up_ || self->closing_)) self->fail(CloseReason::timed_out);
    });
  }

  void start(boost::asio::ssl::stream_base::handshake_type side) {
    if (closed_) return;
    began_ = true;
    set_options(stream_.socket());
    stream_.async_handshake(side, [self = shared_from_this()](const error_code& error) {
      if (error) self->tls_trouble_ = self->stream_.in_words(error);
      if (error) return self->fail(CloseReason::refused);
      self->say_greeting();
      self->read();
    });
  }

  void say_greeting() {
    const std::string output = greeting_->take_output();
    if (output.empty() || closed_) return;
    greetings_.push_back(Bytes::copy(output));
    waiting_bytes_ += output.size();
    flush();
  }

  void read() {
    if (closed_ || reading_ || waits_for_disk_) return;
    reading_ = true;
    if (buffer_.empty()) buffer_.resize(read_size);
    stream_.async_read_some(boost::asio::buffer(buffer_),
                            [self = shared_from_this()](const error_code& error, std::size_t size) {
                              self->reading_ = false;
                              if (self->closed_) return;
                              if (error) return self->on_end(error);
                              self->on_read({self->buffer_.data(), size});
                              self->read();
                            });
  }

  // A peer that does not take this side's certificate says so when this side takes the handshake to be over.
  void on_end(const error_code& error) {
    if (error.category() == boost::asio::error::get_ssl_category()) tls_trouble_ = in_words(error);
    fail(reason_of(error));
  }

  void on_read(std::string_view bytes) {
    if (links_ == nullptr) return;
    links_->figures_.bytes_received += bytes.size();
    if (up_) return hear(bytes);
    greeting_->take(bytes);
    say_greeting();
    if (greeting_->state() == Greeting::State::failed) return fail(CloseReason::refused);
    if (greeting_->state() == Greeting::State::going_on) return;
    waits_for_disk_ = true;
    links_->on_greeted(shared_from_this());
  }

  // What comes behind the greeting.
  void hear(std::string_view bytes) {
    if (heard_) return links_->host_.deliver(Received{link, Bytes::copy(bytes)});
    first_words_.append(bytes);
    if (first_words_.size() < length_size) return;
    if (Reader(first_words_).u32() == no_message) return hear_why();
    heard_ = true;
    links_->host_.deliver(Received{link, Bytes::copy(std::exchange(first_words_, {}))});
  }

  void hear_why() {
    Reader reader(first_words_);
    reader.u32();
    const std::string_view why = reader.text();
    if (reader.failed() && first_words_.size() < 2 * length_size + why_size_max) return;  // there is more to come
    told_ = reader.failed() ? "it does not say why" : std::string(why);
    fail(CloseReason::refused);
  }

  void write() {
    stream_.async_write_some(buffers_, [self = shared_from_this()](const error_code& error, std::size_t size) {
      if (self->closed_) return;
      if (error) return self->fail(reason_of(error));
      self->on_written(size);
    });
  }

  void on_written(std::size_t size) {
    if (links_ != nullptr) links_->figures_.bytes_sent += size;
    waiting_bytes_ -= size;
    while (size > 0) {
      const std::size_t taken = std::min(size, buffers_.front().size());
      buffers_.front() += taken;
      size -= taken;
      if (buffers_.front().size() == 0) buffers_.erase(buffers_.begin());
    }
    if (!buffers_.empty()) return write();
    written_.clear();
    writing_ = false;
    if (closing_ && !something_to_write()) return turned_away_.empty() ? close() : say_no_more();
    flush();
  }

  void say_no_more() {
    error_code ignored;
    stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
  }

  void fail(CloseReason reason) {
    if (closed_) return;
    PeerLinks* const links = links_;
    const std::shared_ptr<Connection> self = shared_from_this();
    if (!closing_ && greeting_failed() && writing_) {
      close_gently();  // the refusal that says why
    } else {
      close();
    }
    if (links != nullptr) links->on_closed(self, reason);
  }

  PeerLinks* links_;
  Stream stream_;
  Tcp::resolver resolver_;
  boost::asio::steady_timer deadline_;
  std::optional<Greeting> greeting_;
  bool began_ = false;  // there is somebody
  std::string tls_trouble_;
  bool waits_for_disk_ = false;  // it has greeted, and its name has not been written down yet
  std::string turned_away_;      // why, though it has greeted
  std::string told_;             // why the other end has turned this one away
  std::string first_words_;      // behind the greeting, until it is known what they are
  bool heard_ = false;           // a message of the other machine
  bool up_ = false;
  bool closing_ = false;
  bool closed_ = false;

  bool reading_ = false;
  std::vector<char> buffer_;
  std::vector<Bytes> greetings_;  // go before what waits
  std::vector<Bytes> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool writing_ = false;
  std::vector<Bytes> written_;  // what buffers_ points into
  std::vector<boost::asio::const_buffer> buffers_;
};

PeerLinks::PeerLinks(boost::asio::io_context& loop, const Identity& identity, Members& members, Notebook& notebook,
                     Host& host, Datagrams* datagrams, Journal& journal)
    : loop_(loop),
      identity_(identity),
      members_(members),
      notebook_(notebook),
      host_(host),
      datagrams_(datagrams),
      journal_(journal),
      rest_(loop) {
  notebook_.on_tried = [this](const std::string& why_not) { on_noted(why_not); };
}

PeerLinks::~PeerLinks() {
  notebook_.on_tried = [](const std::string&) {};
  close_all();
}

void PeerLinks::close_all() {
  rest_.cancel();
  if (acceptor_) acceptor_->close();
  for (const auto& [link, connection] : std::exchange(connections_, {})) connection->close();
  for (const ConnectionPtr& connection : std::exchange(greeting_, {})) connection->close();
  dirty_.clear();
}

// ---- Others connect ----------------------------------------------------------------------------------------------

void PeerLinks::listen(Tcp::acceptor acceptor) {
  acceptor_ = std::make_unique<Tcp::acceptor>(std::move(acceptor));
  accept_next();
}

void PeerLinks::accept_next() {
  acceptor_->async_accept([this](const error_code& error, Tcp::socket socket) {
    if (!acceptor_->is_open()) return;
    if (error) {
      // Out of file descriptors, most likely: that does not change by asking at once.
      complaints_.warn(journal_, "accept_failed", "accept " + error.message(),
                       {{"port", "cluster"}, {"error", error.message()}});
      rest_.expires_after(std::chrono::milliseconds(100));
      return rest_.async_wait([this](const error_code& stopped) {
        if (!stopped) accept_next();
      });
    }
    const auto connection = std::make_shared<Connection>(*this, std::move(socket));
    connection->port = identity_.port;
    greeting_.push_back(connection);
    connection->start_accepted(Greeting::accept(myself(identity_.port), identity_.port, members_.met()));
    if (greeting_.size() > greeting_connections_max) crowd_one_out();
    accept_next();
  });
}

void PeerLinks::crowd_one_out() {
  std::map<boost::asio::ip::address, std::size_t> of_address;
  std::size_t most = 0;
  for (const ConnectionPtr& each : greeting_) most = std::max(most, ++of_address[each->origin]);
  const auto out = std::find_if(greeting_.begin(), greeting_.end(),
                                [&](const ConnectionPtr& each) { return of_address[each->origin] == most; });
  (*out)->close();
  greeting_.erase(out);
  ++figures_.crowded_out;
}

void PeerLinks::on_greeted(const ConnectionPtr& connection) {
  const Greeting& greeting = connection->greeting();
  const std::string why_not = members_.learn(greeting.peer(), [this](ProcessId id) { return is_in_use(id); });
  if (!why_not.empty()) return connection->turn_away(why_not);
  if (connection->asked_for) {
    for (const Member& member : greeting.known()) members_.hear_of(member);
  }
  // An arbiter is asked by who knows it, and a node knows its arbiter by its options.
  if (connection->port != Port::replication || notebook_.has(greeting.peer().name)) return connection->admit();
  notebook_.write();
}

// Whether there is a connection with it, up or about to be.
bool PeerLinks::is_in_use(ProcessId id) const {
  const auto is_with_it = [id](const ConnectionPtr& each) {
    return each->peer == id || (each->waits_for_disk() && id_of(each->greeting().peer().name) == id);
  };
  return std::any_of(greeting_.begin(), greeting_.end(), is_with_it) ||
         std::any_of(connections_.begin(), connections_.end(),
                     [&](const auto& each) { return is_with_it(each.second); });
}

void PeerLinks::on_noted(const std::string& why_not) {
  std::vector<ConnectionPtr> waiting = greeting_;
  for (const auto& [link, connection] : connections_) waiting.push_back(connection);
  for (const ConnectionPtr& each : waiting) {
    if (!each->waits_for_disk()) continue;
    if (notebook_.has(each->greeting().peer().name)) {
      each->admit();
    } else if (!why_not.empty()) {
      each->turn_away("its name cannot be written down: " + why_not);
    }
  }
}

void PeerLinks::tell_of(const ConnectionPtr& connection) {
  if (connection->asked_for) return host_.deliver(Connected{connection->link});
  std::erase(greeting_, connection);
  connection->link = host_.take_link();
  connection->peer = id_of(connection->greeting().peer().name);
  connections_.emplace(connection->link, connection);
  host_.deliver(HostEvents::accepted(connection->link, connection->peer, connection->port));
}

void PeerLinks::on_closed(const ConnectionPtr& connection, CloseReason reason) {
  if (const std::string why = connection->why_not_greeted(reason); !why.empty()) {
    ++figures_.refused;
    complain(*connection, why);
  }
  std::erase(greeting_, connection);
  std::erase(dirty_, connection);
  if (connections_.erase(connection->link) > 0) {
    // A connection may break while the machine's effects are carried out: it hears of it in a later turn.
    boost::asio::post(loop_, [this, link = connection->link, reason] { host_.deliver(Closed{link, reason}); });
  }
}

void PeerLinks::complain(const Connection& connection, const std::string& why) {
  const Member* const wanted = connection.asked_for ? members_.find(connection.peer) : nullptr;
  const std::string who = wanted != nullptr ? wanted->name : connection.origin.to_string();
  std::vector<Journal::Field> fields = {{wanted != nullptr ? "peer" : "from", who}};
  if (wanted == nullptr && !connection.greeting().peer().name.empty()) {
    fields.emplace_back("says_it_is", connection.greeting().peer().name);
  }
  fields.emplace_back("why", why);
  complaints_.warn(journal_, "peer_refused", who + " " + why, std::move(fields));
}

// An arbiter has no settings, and is asked by nodes of whichever.
Greeting::Self PeerLinks::myself(Port port) const {
  return {&identity_.secret, identity_.self, port == Port::replication ? identity_.terms : std::vector<Term>()};
}

// ---- The machine's wishes ----------------------------------------------------------------------------------------

void PeerLinks::connect(Link link, ProcessId to, Port port) {
  const Member* const member = members_.find(to);
  const auto address = member == nullptr ? std::nullopt : Address::parse(member->name);
  const auto connection = std::make_shared<Connection>(*this, Tcp::socket(loop_));
  connection->link = link;
  connection->port = port;
  connection->asked_for = true;
  connection->peer = to;
  connections_.emplace(link, connection);
  if (!address) {
    boost::asio::post(loop_, [this, link] {
      if (connections_.erase(link) > 0) host_.deliver(Closed{link, CloseReason::refused});
    });
    return;
  }
  connection->start_connecting(*address, Greeting::connect(myself(port), member->name, port));
}

void PeerLinks::send(Link link, Bytes bytes) {
  const auto found = connections_.find(link);
  if (found == connections_.end()) return;  // gone, and the machine is about to hear of it
  const ConnectionPtr connection = found->second;
  connection->send(std::move(bytes));
  if (!std::exchange(connection->dirty, true)) dirty_.push_back(connection);
}

// At once, and not behind all that the loop has to do besides: the backup's disk could be at work meanwhile.
void PeerLinks::flush() {
  for (const ConnectionPtr& each : std::exchange(dirty_, {})) {
    each->dirty = false;
    each->flush();
  }
}

void PeerLinks::close(Link link) {
  const auto found = connections_.find(link);
  if (found == connections_.end()) return;
  const ConnectionPtr connection = found->second;
  connections_.erase(found);
  connection->close_gently();
}

void PeerLinks::send_datagram(ProcessId to, Bytes bytes) {
  SMALLDB_ASSERT(datagrams_ != nullptr);
  datagrams_->send(to, bytes.view());
}

}  // namespace smalldb::server
