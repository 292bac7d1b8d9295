// Why an answer should not have left: what it rests on, line by line, and the link that is missing.
//
//     Why output_rule and output_rule_causal are violated
//         1.003132  c1 asks for put x=2
//         1.003411  c1 -> a: put x=2 (request 2 of session 4)
//         1.003411  a writes record 6: put x=2 (request 2 of session 4)
//         1.003866  a makes it durable
//         1.003866  a -> c1: answer to request 2: ok, revision 6 (rests on 6)
//          missing  b makes that record 6 durable: never in this run
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "properties/provenance.h"
#include "reports/names.h"
#include "reports/style.h"
#include "sim/time.h"

namespace smalldb::reports {

struct WhyLine {
  std::optional<sim::Time> at;  // nothing: what did not happen, or not in time
  std::string text;
};

struct Why {
  std::vector<std::string> properties;  // violated, and by this answer
  std::vector<WhyLine> lines;
};

Why why_of(const properties::Provenance& provenance, std::vector<std::string> properties, const Names& names);

void write_why(const Why& why, const Style& style, std::ostream& out);

}  // namespace smalldb::reports
