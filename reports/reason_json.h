// Why a history is not linearizable, as JSON: what reports/check.schema.json calls a reason.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "reports/reason.h"

namespace smalldb::reports {

// A key, a value or a name, as histories write it: a string, or {"hex": "00ff"} where it is not UTF-8.
nlohmann::ordered_json data_json(std::string_view bytes);

nlohmann::ordered_json reason_json(const Reason& reason);

}  // namespace smalldb::reports
