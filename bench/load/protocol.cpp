#include "bench/load/protocol.h"

namespace smalldb::load {

std::optional<std::size_t> Protocol::greeted(std::string_view) const { return 0; }

}  // namespace smalldb::load
