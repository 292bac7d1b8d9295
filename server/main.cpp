// smalldb-server: a node of the store, or its arbiter, on a real machine.
#include <malloc.h>

#include <exception>
#include <iostream>
#include <optional>

#include "server/config.h"
#include "server/journal.h"
#include "server/server.h"

namespace {

// What messages and writes took is wanted again soon: it stays with the process, instead of coming from the system anew
// at every batch, page by page.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  mallopt(M_TOP_PAD, 4 << 20);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace smalldb::server;
  const ConfigOrExit read = read_config(argc, argv);
  if (!read.config) return read.exit;
  keep_freed_memory();
  std::optional<Journal> journal;
  bool began = false;
  try {
    journal.emplace(read.config->log_file);
    while (true) {
      Server server(*read.config, *journal);
      began = true;
      const int exit = server.run();
      if (!server.begins_anew()) return exit;
    }
  } catch (const std::exception& error) {
    if (!began) {
      std::cerr << "smalldb-server: " << error.what() << "\n";
      return bad_input;
    }
    // What could be had once, memory say, may be had again: this is no fault of the input.
    journal->error("ended", {{"why", error.what()}});
    return stopped_itself;
  }
}
