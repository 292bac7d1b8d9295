#include "scenarios/save.h"

#include "scenarios/language.h"

namespace smalldb::scenarios {

std::string save_text(const Scenario& scenario) { return write_yaml(grammar::Struct<Scenario>::write(scenario)); }

}  // namespace smalldb::scenarios
