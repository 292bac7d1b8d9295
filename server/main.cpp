// smalldb-server: a node of the store, or its arbiter, on a real machine.
#include <exception>
#include <iostream>

#include "server/config.h"
#include "server/journal.h"
#include "server/server.h"

int main(int argc, char** argv) {
  using namespace smalldb::server;
  const ConfigOrExit read = read_config(argc, argv);
  if (!read.config) return read.exit;
  try {
    Journal journal(read.config->log_file);
    while (true) {
      Server server(*read.config, journal);
      const int exit = server.run();
      if (!server.begins_anew()) return exit;
    }
  } catch (const std::exception& error) {
    std::cerr << "smalldb-server: " << error.what() << "\n";
    return bad_input;
  }
}
