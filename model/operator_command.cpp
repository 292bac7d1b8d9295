#include "model/operator_command.h"

namespace smalldb {

Bytes encode(OperatorCommand command) {
  const char byte = static_cast<char>(command);
  return Bytes::copy({&byte, 1});
}

std::optional<OperatorCommand> decode_operator_command(std::string_view bytes) {
  if (bytes.size() != 1 || static_cast<std::uint8_t>(bytes[0]) > static_cast<std::uint8_t>(OperatorCommand::stop)) {
    return std::nullopt;
  }
  return static_cast<OperatorCommand>(bytes[0]);
}

std::string_view name(OperatorCommand command) {
  switch (command) {
    case OperatorCommand::promote: return "promote";
    case OperatorCommand::checkpoint: return "checkpoint";
    case OperatorCommand::stop: return "stop";
  }
  return "?";
}

}  // namespace smalldb
