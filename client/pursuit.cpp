#include "client/pursuit.h"

#include <charconv>

#include "client/answer_json.h"

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

// The text that a body has under a name ("error", "message"); empty if there is none.
std::string word_of(const Reply& reply, std::string_view name) {
  const auto json = object_in(reply.body);
  if (!json) return {};
  const auto found = json->find(name);
  return found != json->end() && found->is_string() ? found->get<std::string>() : std::string();
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

std::optional<SessionId> session_in(const std::string& body) {
  const auto json = object_in(body);
  if (!json) return std::nullopt;
  const auto found = json->find("session");
  if (found == json->end() || !found->is_number_unsigned() || *found == 0) return std::nullopt;
  return SessionId{found->get<std::uint64_t>()};
}

std::string message_of(const Reply& reply) {
  const std::string message = word_of(reply, "message");
  return message.empty() ? "it answers " + std::to_string(reply.status) + ", as no node of smalldb does" : message;
}

// A success as our server says it, and not anybody else who listens there.
bool Pursuit::is_done(const Reply& reply) const {
  switch (verb_) {
    case Verb::open_session: return reply.status == 201 && session_in(reply.body);
    case Verb::get: return (reply.status == 200 || (reply.status == 304 && knows_)) && revision_of(reply.etag);
    case Verb::put:
    case Verb::remove: return reply.status == 204 && revision_of(reply.etag);
  }
  return false;
}

std::optional<Result> Pursuit::take(const Heard& heard) {
  if (const auto* const silence = std::get_if<Silence>(&heard)) {
    may_have_happened_ = may_have_happened_ || silence->sent;
    return std::nullopt;
  }
  const Reply& reply = std::get<Reply>(heard);
  const std::string message = message_of(reply);
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
  if (reply.status >= 400 && reply.status < 500) return fail(message);
  may_have_happened_ = true;
  return std::nullopt;
}

Result Pursuit::give_up(const std::string& why) const { return fail(why); }

Result Pursuit::fail(const std::string& why) const {
  const bool changes = verb_ == Verb::put || verb_ == Verb::remove;
  return {changes && may_have_happened_ ? Outcome::unknown : Outcome::failed, {}, {}, why};
}

}  // namespace smalldb::client
