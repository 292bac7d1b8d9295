// smalldb-server: a node of the store, or its arbiter, on a real machine.
#include <malloc.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "model/printable.h"
#include "server/config.h"
#include "server/journal.h"
#include "server/not_now.h"
#include "server/server.h"
#include "server/service_manager.h"

namespace {

using namespace smalldb::server;

// What messages and writes took is wanted again soon: it stays with the process, instead of coming from the system anew
// at every batch, page by page.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  mallopt(M_TOP_PAD, 4 << 20);
}

// Of a start that failed. What the system refuses it may grant later, whatever it says: a directory that is not there
// may be on a volume that has yet to be mounted, and one that cannot be written is being checked.
Exit exit_of(const std::exception& error) {
  const bool may_pass = dynamic_cast<const NotNow*>(&error) != nullptr ||
                        dynamic_cast<const std::system_error*>(&error) != nullptr ||
                        dynamic_cast<const boost::system::system_error*>(&error) != nullptr ||
                        dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
  return may_pass ? not_now : bad_input;
}

// Takes signals that would end the process for as long as there is one: they are a server's business, but there is none
// between one that begins anew and the next, and once the last has ended they change nothing, nor the exit code.
class Signals {
 public:
  Signals() { wait(); }

  // Whether one that is to end the process has come, to whomever.
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

}  // namespace

int main(int argc, char** argv) {
  const ConfigOrExit read = read_config(argc, argv);
  if (!read.config) return read.exit;
  keep_freed_memory();
  std::optional<Journal> journal;
  const ServiceManager service_manager(std::getenv("NOTIFY_SOCKET"));
  auto& signals = *new Signals;  // until there is no process
  bool began = false;
  try {
    journal.emplace(read.config->log_file);
    while (true) {
      Server server(*read.config, *journal, service_manager);
      // No server has heard it that has ended for it.
      if (std::exchange(began, true) && signals.told_to_end()) std::raise(SIGTERM);
      const int exit = server.run();
      if (!server.begins_anew()) return exit;
    }
  } catch (const std::exception& error) {
    if (!began) {
      std::cerr << "smalldb-server: " << smalldb::printable(error.what()) << "\n";
      return exit_of(error);
    }
    // What could be had once, memory say, may be had again: this is no fault of the input.
    journal->error("ended", {{"why", error.what()}});
    return stopped_itself;
  }
}
