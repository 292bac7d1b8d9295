#include "reports/reason_json.h"

#include <string>

#include "properties/checker/check.h"
#include "properties/checker/formats/utf8.h"
#include "reports/spoken_json.h"

namespace smalldb::reports {
namespace {

using Json = nlohmann::ordered_json;

Json operation_json(const ReasonOperation& one) {
  Json json{{"position", one.position}, {"process", data_json(one.name)},
            {"what", one.what.whole()}, {"answer", one.answer.whole()},
            {"place", one.place},       {"invoked", one.invoked}};
  if (one.returned != checker::never) json["returned"] = one.returned;
  json["culprit"] = one.is_culprit;
  json["other"] = one.is_other;
  json["writer"] = one.is_writer;
  return json;
}

}  // namespace

Json data_json(std::string_view bytes) {
  return checker::is_utf8(bytes) ? Json(bytes) : Json{{"hex", hexadecimal(bytes)}};
}

Json reason_json(const Reason& reason) {
  Json json{{"key", data_json(reason.key)},
            {"anomaly", checker::name(reason.anomaly)},
            {"engine", checker::name(reason.engine)},
            {"sentence", reason.sentence.whole()}};
  Json& operations = json["operations"] = Json::array();
  for (const ReasonOperation& one : reason.operations) operations.push_back(operation_json(one));
  json["is_minimal"] = reason.is_minimal;
  json["writers_are_free"] = reason.writers_are_free;
  json["good_until"] = reason.good_until;
  json["good_until_is_last"] = reason.good_until_is_last;
  Json& states = json["states"] = Json::array();
  for (const HeldValue& state : reason.states) states.push_back(state ? data_json(*state) : Json(nullptr));
  json["states_left_out"] = reason.left_out.states;
  json["has_all_states"] = reason.has_all_states;
  Json& marks = json["marks"] = Json::array();
  for (const auto& mark : reason.marks) marks.push_back({{"text", mark.text}, {"from", mark.from}, {"to", mark.to}});
  json["marks_left_out"] = reason.left_out.marks;
  return json;
}

}  // namespace smalldb::reports
