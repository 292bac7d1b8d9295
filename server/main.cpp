// smalldb-server: a node of the store, or its arbiter, on a real machine.
#include <malloc.h>

#include <boost/system/system_error.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <optional>
#include <system_error>

#include "model/printable.h"
#include "server/config.h"
#include "server/journal.h"
#include "server/not_now.h"
#include "server/server.h"
#include "server/service_manager.h"
#include "server/signals.h"

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
      began = true;
      const int exit = server.run();
      // What comes from here on is the next server's: it finds it when it runs.
      if (!server.begins_anew() || signals.told_to_end()) return exit;
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
