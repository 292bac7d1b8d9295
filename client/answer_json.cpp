#include "client/answer_json.h"

#include <utility>

namespace smalldb::client {
namespace {

constexpr int depth_max = 32;

}  // namespace

std::optional<nlohmann::json> object_in(const std::string& body) {
  bool too_deep = false;
  const auto keep = [&too_deep](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
    too_deep = too_deep || depth > depth_max;
    return !too_deep;
  };
  nlohmann::json json = nlohmann::json::parse(body, keep, false);
  if (too_deep || !json.is_object()) return std::nullopt;
  return json;
}

}  // namespace smalldb::client
