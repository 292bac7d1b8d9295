#include "server/terms.h"

#include "server/duration.h"

namespace smalldb::server {
namespace {

std::string arbiter_text(const Config& config, const std::string& lock) {
  switch (config.arbiter) {
    case ArbiterKind::tie_breaker: return "--tie-breaker " + config.tie_breaker;
    case ArbiterKind::shared_lock: return "--shared-lock with server.identity " + lock;
    case ArbiterKind::manual: return "--manual";
    case ArbiterKind::none: break;
  }
  return "nobody";
}

std::string reads_text(const Settings& settings) {
  if (settings.reads == Reads::confirmed) return "confirmed";
  return "leased with --lease " + duration_text(settings.lease.nanoseconds);
}

}  // namespace

std::vector<Term> terms_of(const Config& config, const std::string& lock) {
  if (config.kind == Config::Kind::arbiter) return {};
  const Settings& settings = config.settings;
  return {
      {"the arbiter", arbiter_text(config, lock)},
      {"--acknowledge", settings.acknowledge == Acknowledge::durable ? "durable" : "received"},
      {"--reads", reads_text(settings)},
      {"--heartbeat-every", duration_text(settings.heartbeat_every.nanoseconds)},
      {"--suspect-after", duration_text(settings.suspect_after.nanoseconds)},
  };
}

std::string disagreement(const std::vector<Term>& ours, const std::vector<Term>& theirs, const std::string& whom) {
  std::string text;
  for (std::size_t i = 0; i < ours.size() && i < theirs.size(); ++i) {
    if (ours[i] == theirs[i]) continue;
    if (ours[i].setting != theirs[i].setting) return whom + " has other settings than there are here: another version?";
    text += (text.empty() ? "" : "; ") + ours[i].setting + " is " + ours[i].value + " here, and " + theirs[i].value +
            " at " + whom;
  }
  if (text.empty() && ours.size() != theirs.size()) return whom + " has not as many settings: another version?";
  return text.empty() ? text : text + ": it must be the same at all nodes";
}

}  // namespace smalldb::server
