// Where an HTTP/1.1 answer ends.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace smalldb::load {

struct HttpAnswer {
  int status;
  std::size_t size;  // with its header
};

// The answer that `in` begins with; nothing while it is not all there. Throws Refused at what is no answer.
std::optional<HttpAnswer> http_answer(std::string_view in);

}  // namespace smalldb::load
