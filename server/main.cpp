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
    Server server(*read.config, journal);
    return server.run();
  } catch (const std::exception& error) {
    std::cerr << "smalldb-server: " << error.what() << "\n";
    return bad_input;
  }
}
