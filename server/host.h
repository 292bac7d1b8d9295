// The host: runs one machine of the store in the real world, as sim::Host does in the simulated one.
//
//     socket, timer, disk  ->  deliver(event)  ->  machine.step  ->  effects  ->  outlets: socket, timer, disk
//
// All of it happens on one thread, the one that runs the loop. `deliver` is the only way into the machine, so what is
// seen there (tap.h) is all that the machine ever knew. It carries the effects out before it returns, in their order;
// an outlet never calls `deliver` from within, it answers in a later turn of the loop. What a step sends is gathered,
// and leaves at its end.
//
// Knows nothing of the protocol: which machine it is, and what is in messages and files, is not its business.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/host_side.h"
#include "model/machine.h"
#include "server/tap.h"

namespace smalldb::server {

// Connections to other processes, and datagrams.
class Network {
 public:
  virtual void connect(Link link, ProcessId to, Port port) = 0;
  virtual void send(Link link, Bytes bytes) = 0;
  virtual void close(Link link) = 0;
  virtual void send_datagram(ProcessId to, Bytes bytes) = 0;
  // The step is over: what was sent in it leaves now.
  virtual void flush() = 0;

 protected:
  ~Network() = default;
};

// Directories. Each operation is answered by one DiskDone.
class Storage {
 public:
  virtual void submit(effect::Disk operation) = 0;

 protected:
  ~Storage() = default;
};

// Clients. A link is either the network's or the clients', who asked take_link() for it.
class Clients {
 public:
  virtual bool owns(Link link) const = 0;
  virtual void reply(Link link, Bytes bytes) = 0;
  virtual void close(Link link) = 0;
  // The step is over: its replies leave now.
  virtual void flush() = 0;

 protected:
  ~Clients() = default;
};

// What the machine says of itself, and its end.
class Watcher {
 public:
  virtual void on_note(const effect::Note& note) = 0;
  // The machine asks for the end of the process. Nothing more is delivered to it.
  virtual void on_stop(std::string_view why) = 0;
  // The machine found a bug in itself. Does not return.
  [[noreturn]] virtual void on_assertion_failed(std::string_view what) = 0;

 protected:
  ~Watcher() = default;
};

class Host {
 public:
  // What effects are carried out by. Whoever is not there (an arbiter has no clients) is null.
  struct Outlets {
    Network* network = nullptr;
    Storage* storage = nullptr;
    Clients* clients = nullptr;
    Watcher* watcher = nullptr;
    Tap* tap = nullptr;
  };

  // `machine` has not been stepped yet, and outlives the host.
  Host(boost::asio::io_context& loop, Machine& machine);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Delivers Started, with entropy from the operating system.
  void start(const Outlets& outlets);
  // Hands an event to the machine, and carries out what it asks for. Does nothing once the machine has stopped.
  // REQUIRES: start() has returned; not called from within deliver().
  void deliver(const Event& event);
  // The number of the next link that somebody else opened.
  Link take_link() { return effects_.take_link(); }

  bool stopped() const { return stopped_; }

 private:
  struct Timer {
    explicit Timer(boost::asio::io_context& loop) : timer(loop) {}
    boost::asio::steady_timer timer;
    Instant at;
    std::uint64_t armed = 0;  // how often it was armed or disarmed: which of its waits still counts
  };

  void carry_out(Effect& effect);
  void carry_out(effect::Connect& connect);
  void carry_out(effect::Send& send);
  void carry_out(effect::Reply& reply);
  void carry_out(effect::Close& close);
  void carry_out(effect::SendDatagram& datagram);
  void carry_out(effect::SetTimer& set);
  void carry_out(effect::CancelTimer& cancel);
  void carry_out(effect::Disk& disk);
  void carry_out(effect::Report& report);
  void carry_out(effect::Note& note);
  void carry_out(effect::Stop& stop);
  Timer& timer(TimerId id);
  void wait_for(TimerId id);

  boost::asio::io_context& loop_;
  Machine& machine_;
  Outlets outlets_;
  HostEffects effects_;
  std::vector<std::unique_ptr<Timer>> timers_;  // by TimerId
  bool delivering_ = false;
  bool stopped_ = false;
};

}  // namespace smalldb::server
