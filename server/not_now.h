// Why a process does not begin, where it may later.
#pragma once

#include <stdexcept>

namespace smalldb::server {

// A start that failed for want of what may be had later, without anybody changing what was asked for.
class NotNow : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace smalldb::server
