// The JSON in a server's answer, which may be anybody's.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace smalldb::client {

// The object that a body is. Nothing if it is no JSON, no object, or nested deeper than any answer of ours: copying and
// writing it would take as much of the stack.
std::optional<nlohmann::json> object_in(const std::string& body);

}  // namespace smalldb::client
