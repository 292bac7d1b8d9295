// What each command does, once its options are read.
#pragma once

#include "client/options.h"

namespace smalldb::client {

// Gives the exit code. Throws std::runtime_error, with a text for people, if a file cannot be read.
Exit perform(const Options& options);

}  // namespace smalldb::client
