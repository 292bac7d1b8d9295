// What an operator may tell a node, as an `Input`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/bytes.h"

namespace smalldb {

enum class OperatorCommand : std::uint8_t {
  promote,     // manual arbiter: go on alone, or take over. The risk that both do is the operator's
  checkpoint,  // primary: append a checkpoint record now (F9)
  stop,        // end when nothing is owed to anybody any more, and tell the peer (model/leaver.h)
};

Bytes encode(OperatorCommand command);
std::optional<OperatorCommand> decode_operator_command(std::string_view bytes);
std::string_view name(OperatorCommand command);

}  // namespace smalldb
