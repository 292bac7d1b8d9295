#include "bench/load/closed_loop.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <random>
#include <system_error>
#include <utility>
#include <vector>

namespace smalldb::load {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{30};
constexpr std::size_t pool_bytes = 1 << 20;

volatile std::sig_atomic_t told_to_end = 0;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

class Descriptor {
 public:
  explicit Descriptor(int number, const char* what) : number_(number) {
    if (number < 0) fail(what);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  int number() const { return number_; }

 private:
  int number_;
};

std::chrono::nanoseconds processor_time() {
  timespec time{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) fail("clock_gettime");
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

struct Connection {
  Descriptor socket;
  bool greeted = false;
  Kind kind = Kind::write;
  Clock::time_point asked;
  std::string out, in;
  std::size_t sent = 0;
};

Descriptor connect_to(const boost::asio::ip::tcp::endpoint& at) {
  Descriptor socket(::socket(at.data()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  if (::connect(socket.number(), at.data(), static_cast<socklen_t>(at.size())) != 0) fail("connect");
  const int on = 1;
  if (::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("TCP_NODELAY");
  if (::fcntl(socket.number(), F_SETFL, O_NONBLOCK) != 0) fail("O_NONBLOCK");
  return socket;
}

class ClosedLoop {
 public:
  ClosedLoop(const Load& load, const Protocol& protocol) : load_(load), protocol_(protocol) {
    // Stores compress what repeats itself: no value does.
    static constexpr std::string_view letters = "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
    for (std::size_t i = 0; i < pool_bytes + load.value_bytes; ++i) pool_ += letters[chance_() % letters.size()];
    connections_.reserve(load.connections);
    for (std::size_t i = 0; i < load.connections; ++i) add_connection();
  }

  Outcome run() {
    for (Connection& connection : connections_) greet(connection);
    if (greeted_ == connections_.size()) ask_all();
    Clock::time_point now = Clock::now();
    Clock::time_point heard = now;
    while (now < end_ && told_to_end == 0 && !all_written()) {
      const bool anything = turn();
      now = Clock::now();
      if (anything) heard = now;
      if (now - heard > patience) throw std::runtime_error("no answer for half a minute");
    }
    if (now < count_from_) throw std::runtime_error("ended before anything was counted");
    outcome_.took = now - count_from_;
    outcome_.of_a_core = std::chrono::duration<double>(processor_time() - processor_before_) / (now - asked_from_);
    return std::move(outcome_);
  }

 private:
  void add_connection() {
    Connection& connection = connections_.emplace_back(Connection{.socket = connect_to(load_.at)});
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = &connection}};
    if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, connection.socket.number(), &event) != 0) fail("epoll_ctl");
  }

  void greet(Connection& connection) {
    connection.out = protocol_.greeting();
    connection.greeted = connection.out.empty();
    if (connection.greeted) ++greeted_;
    send(connection);
  }

  // The time begins when all may ask: a store that starts a process for each connection takes a while for that.
  void ask_all() {
    asked_from_ = Clock::now();
    processor_before_ = processor_time();
    count_from_ = load_.each_key_once ? asked_from_ : asked_from_ + load_.warm_up;
    if (!load_.each_key_once) end_ = count_from_ + load_.lasts;
    for (Connection& connection : connections_) ask(connection);
  }

  // Whether anything came.
  bool turn() {
    std::array<epoll_event, 256> events;
    const int many = ::epoll_wait(epoll_.number(), events.data(), static_cast<int>(events.size()), 100);
    if (many < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < many; ++i) {
      Connection& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      send(connection);
      receive(connection);
    }
    return many > 0;
  }

  void receive(Connection& connection) {
    while (true) {
      const ssize_t size = ::recv(connection.socket.number(), buffer_.data(), buffer_.size(), 0);
      if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (size < 0) fail("recv");
      if (size == 0) throw std::runtime_error("the store closed a connection");
      connection.in.append(buffer_.data(), static_cast<std::size_t>(size));
      take_answer(connection);
      if (static_cast<std::size_t>(size) < buffer_.size()) return;
    }
  }

  void take_answer(Connection& connection) {
    const std::optional<std::size_t> size =
        connection.greeted ? protocol_.answer(connection.kind, connection.in) : protocol_.greeted(connection.in);
    if (!size) return;
    if (*size != connection.in.size()) throw Refused("more was answered than asked: " + connection.in);
    connection.in.clear();
    if (connection.greeted) {
      count(connection);
      ask(connection);
    } else {
      connection.greeted = true;
      if (++greeted_ == connections_.size()) ask_all();
    }
  }

  void count(const Connection& connection) {
    ++answered_;
    if (connection.asked < count_from_) return;
    const Clock::time_point now = Clock::now();
    (connection.kind == Kind::read ? outcome_.reads : outcome_.writes).add(now - connection.asked);
  }

  void ask(Connection& connection) {
    if (load_.each_key_once && asked_ == load_.keys) return;
    const std::uint64_t number = load_.each_key_once ? asked_ : chance_() % load_.keys;
    ++asked_;
    const std::string key = "key-" + std::to_string(number);
    connection.kind = chance_() % 100 < load_.reads_percent ? Kind::read : Kind::write;
    connection.out.clear();
    connection.sent = 0;
    if (connection.kind == Kind::read) {
      protocol_.read(connection.out, key);
    } else {
      protocol_.write(connection.out, key, std::string_view(pool_).substr(chance_() % pool_bytes, load_.value_bytes));
    }
    connection.asked = Clock::now();
    send(connection);
  }

  void send(Connection& connection) {
    while (connection.sent < connection.out.size()) {
      const ssize_t size = ::send(connection.socket.number(), connection.out.data() + connection.sent,
                                  connection.out.size() - connection.sent, MSG_NOSIGNAL);
      if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (size < 0) fail("send");
      connection.sent += static_cast<std::size_t>(size);
    }
  }

  bool all_written() const { return load_.each_key_once && answered_ == load_.keys; }

  const Load& load_;
  const Protocol& protocol_;
  std::mt19937_64 chance_{2010};
  std::string pool_;
  Descriptor epoll_{::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"};
  std::vector<Connection> connections_;
  std::array<char, 1 << 16> buffer_;
  std::size_t greeted_ = 0;
  std::uint64_t asked_ = 0, answered_ = 0;
  Clock::time_point asked_from_;
  std::chrono::nanoseconds processor_before_{};
  Clock::time_point count_from_ = Clock::time_point::max(), end_ = Clock::time_point::max();
  Outcome outcome_;
};

}  // namespace

Outcome run(const Load& load, const Protocol& protocol) {
  std::signal(SIGTERM, [](int) { told_to_end = 1; });
  return ClosedLoop(load, protocol).run();
}

}  // namespace smalldb::load
