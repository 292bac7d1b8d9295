// The names of what can be expected of a run, as properties/ gives them; apart so that the language need not know more.
#pragma once

#include <string>
#include <vector>

namespace smalldb::scenarios {

struct Judged {
  std::string name;
  std::string what;
  bool is_liveness = false;  // judged of a healed world alone
};

// Properties, by their names in `expect`.
const std::vector<Judged>& judged_properties();

// Conditions that `sometimes` and `never` can name.
const std::vector<Judged>& judged_conditions();

}  // namespace smalldb::scenarios
