// The JSON Schema of scenarios, for editors: scenarios/schema.json is this text, and a test holds it to it.
#pragma once

#include <string>

namespace smalldb::scenarios {

std::string schema_text();

}  // namespace smalldb::scenarios
