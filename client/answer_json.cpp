#include "client/answer_json.h"

#include <utility>

namespace smalldb::client {
namespace {

using Json = nlohmann::json;

constexpr int depth_max = 32;

}  // namespace

std::optional<Json> object_in(const std::string& body) {
  bool too_deep = false;
  const auto keep = [&too_deep](int depth, Json::parse_event_t, const Json&) {
    too_deep = too_deep || depth > depth_max;
    return !too_deep;
  };
  Json json = Json::parse(body, keep, false);
  if (too_deep || !json.is_object()) return std::nullopt;
  return json;
}

}  // namespace smalldb::client
