#include "client/pursuit.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace smalldb::client {
namespace {

std::optional<Revision> revision_of(const std::string& etag) {
  Revision revision;
  if (etag.size() < 3 || etag.front() != '"' || etag.back() != '"') return std::nullopt;
  const char* const last = etag.data() + etag.size() - 1;
  const auto [end, error] = std::from_chars(etag.data() + 1, last, revision.value);
  if (error != std::errc() || end != last) return std::nullopt;
  return revision;
}

// A success as our server says it, and not anybody else who listens there.
bool is_done(const Reply& reply) {
  if (reply.status == 201) return !word_of(reply, "session").empty();
  return (reply.status == 200 || reply.status == 204 || reply.status == 304) && revision_of(reply.etag);
}

}  // namespace

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::done: return "done";
    case Outcome::absent: return "absent";
    case Outcome::mismatched: return "mismatched";
    case Outcome::failed: return "failed";
    case Outcome::unknown: return "unknown";
  }
  return "?";
}

std::string word_of(const Reply& reply, std::string_view name) {
  const auto json = nlohmann::json::parse(reply.body, nullptr, false);
  if (!json.is_object()) return {};
  const auto found = json.find(name);
  if (found == json.end()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::optional<Result> Pursuit::take(const Heard& heard) {
  if (const auto* const silence = std::get_if<Silence>(&heard)) {
    may_have_happened_ = may_have_happened_ || silence->sent;
    return std::nullopt;
  }
  const Reply& reply = std::get<Reply>(heard);
  const std::string message = word_of(reply, "message");
  if (is_done(reply)) return Result{Outcome::done, reply.body, revision_of(reply.etag), {}};
  if (reply.status == 404 && word_of(reply, "error") == "not_found") return Result{Outcome::absent, {}, {}, message};
  if (reply.status == 412 && !reply.outcome.empty()) {
    return Result{Outcome::mismatched, {}, revision_of(reply.etag), message};
  }
  if (reply.status == 409 && reply.outcome == "unknown") {
    may_have_happened_ = true;
    return fail(message);
  }
  const bool later = reply.status == 307 || reply.status == 503 || reply.status == 408 || reply.status == 409;
  if (reply.outcome == "failed" && later) return std::nullopt;
  if (reply.status >= 400 && reply.status < 500) {
    return fail(message.empty() ? "the server answers " + std::to_string(reply.status) : message);
  }
  may_have_happened_ = true;
  return std::nullopt;
}

Result Pursuit::give_up(const std::string& why) const { return fail(why); }

Result Pursuit::fail(const std::string& why) const {
  return {changes_ && may_have_happened_ ? Outcome::unknown : Outcome::failed, {}, {}, why};
}

}  // namespace smalldb::client
