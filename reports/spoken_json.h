// Messages and operations as JSON: the decoded half of a line of a trace file. docs/trace.md lists the fields.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "model/client.h"
#include "model/messages.h"
#include "reports/names.h"

namespace smalldb::reports {

nlohmann::ordered_json message_json(const Message& message, const Names& names);
nlohmann::ordered_json invocation_json(const Invocation& invocation);
nlohmann::ordered_json completion_json(const Completion& completion);

// Two digits a byte.
std::string hexadecimal(std::string_view bytes);

}  // namespace smalldb::reports
