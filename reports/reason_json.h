// Why a history is not linearizable, as JSON: what reports/check.schema.json calls a reason.
#pragma once

#include <nlohmann/json.hpp>

#include "reports/reason.h"

namespace smalldb::reports {

nlohmann::ordered_json reason_json(const Reason& reason);

}  // namespace smalldb::reports
