// Signals that would end the process, for as long as there is one.
//
// They are a server's business while one runs. Between one that begins anew and the next nobody would take them, and
// one that has just ended may have been told without getting to it; once the last has ended they change nothing, nor
// the exit code.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

namespace smalldb::server {

class Signals {
 public:
  // From now on the process is ended by none of them.
  Signals() { wait(); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Whether one that is to end the process has come so far, to whomever.
  bool told_to_end() {
    loop_.restart();
    loop_.poll();
    return told_to_end_;
  }

 private:
  void wait() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      told_to_end_ = told_to_end_ || signal != SIGHUP;
      wait();
    });
  }

  boost::asio::io_context loop_;
  boost::asio::signal_set signals_{loop_, SIGTERM, SIGINT, SIGHUP};
  bool told_to_end_ = false;
};

}  // namespace smalldb::server
