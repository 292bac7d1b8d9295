// smalldb: the command line of the store.
#include <exception>
#include <iostream>

#include "client/commands.h"
#include "client/options.h"
#include "model/printable.h"

int main(int argc, char** argv) {
  using namespace smalldb::client;
  const OptionsOrExit read = read_options(argc, argv);
  if (!read.options) return read.exit;
  try {
    return perform(*read.options);
  } catch (const std::exception& error) {
    std::cerr << "smalldb: " << smalldb::printable(error.what()) << "\n";
    return bad_input;
  }
}
