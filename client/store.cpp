#include "client/store.h"

#include <algorithm>
#include <deque>
#include <random>

#include "client/answer_json.h"

namespace smalldb::client {
namespace {

using Json = nlohmann::json;

// Rests between attempts: at first short, for a takeover takes less than a second, then longer; never all clients at
// the same time.
class Backoff {
 public:
  Clock::duration next() {
    const std::int64_t most = std::exchange(most_, std::min(2 * most_, longest)).count();
    return std::chrono::nanoseconds(std::uniform_int_distribution<std::int64_t>(most / 2, most)(chance_));
  }

 private:
  static constexpr std::chrono::nanoseconds longest{std::chrono::seconds(1)};
  std::chrono::nanoseconds most_{std::chrono::milliseconds(50)};
  std::minstd_rand chance_{std::random_device{}()};
};

std::string etag(Revision revision) { return "\"" + std::to_string(revision.value) + "\""; }

Call call_of(const Operation& operation) {
  Call call;
  call.target = "/kv/" + percent_encoded(operation.key);
  call.body = operation.value;
  switch (operation.verb) {
    case Verb::put: call.method = "PUT"; break;
    case Verb::remove: call.method = "DELETE"; break;
    case Verb::get:
    case Verb::open_session: call.method = "GET"; break;
  }
  switch (operation.condition.kind) {
    case Condition::Kind::none: break;
    case Condition::Kind::revision_is: call.fields.emplace_back("If-Match", etag(operation.condition.revision)); break;
    case Condition::Kind::exists: call.fields.emplace_back("If-Match", "*"); break;
    case Condition::Kind::absent: call.fields.emplace_back("If-None-Match", "*"); break;
  }
  if (operation.unless) call.fields.emplace_back("If-None-Match", etag(*operation.unless));
  return call;
}

Call status_call() { return {"GET", "/status", {}, {}}; }

// Whether what is read in it further on, here and in text.cpp, is of the kind that it should be.
bool is_node(const Json& node) {
  if (!node.is_object() || (node.contains("role") && !node["role"].is_string())) return false;
  for (const char* const name : {"serving", "in_sync", "claiming", "waits_for_operator"}) {
    if (node.contains(name) && !node[name].is_boolean()) return false;
  }
  return !node.contains("epoch") || node["epoch"].is_number_unsigned();
}

}  // namespace

std::string percent_encoded(const std::string& key) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  static constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~/:";
  std::string text;
  for (const char c : key) {
    if (plain.find(c) != std::string_view::npos) {
      text += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return text;
}

Store::Store(const StoreOptions& options)
    : options_(options), caller_(options.tls_authority), servers_(options.servers) {}

Result Store::perform(const Operation& operation, Clock::time_point end) {
  const Clock::time_point until = std::min(end, Clock::now() + options_.timeout);
  words_.clear();
  Call call = call_of(operation);
  if (operation.verb == Verb::get) return pursue(call, Pursuit(Verb::get, operation.unless.has_value()), until);
  const Result opened = pursue({"POST", "/sessions", {}, {}}, Pursuit(Verb::open_session), until);
  if (opened.outcome != Outcome::done) return opened;
  call.fields.emplace_back("Idempotency-Key", std::to_string(session_in(opened.body)->value) + "-1");
  return pursue(call, Pursuit(operation.verb), until);
}

Result Store::pursue(const Call& call, Pursuit pursuit, Clock::time_point until) {
  Backoff backoff;
  for (;;) {
    if (const std::optional<Address> primary = find_primary(until)) {
      const Heard heard = caller_.ask(*primary, call, attempt_end(until));
      if (std::optional<Result> result = pursuit.take(heard)) return *result;
      primary_.reset();
      if (const auto* const reply = std::get_if<Reply>(&heard)) {
        learn(reply->primary);
        words_[primary->text()] = message_of(*reply);
      } else {
        words_[primary->text()] = std::get<Silence>(heard).why;
      }
    }
    const Clock::duration left = until - Clock::now();
    if (left <= Clock::duration::zero() || !caller_.rest(std::min(left, backoff.next()))) {
      return pursuit.give_up(interrupted() ? "interrupted" : "no answer that lasts within the time: " + last_words());
    }
  }
}

// One round: every server is asked once, those that others take for the primary before the rest.
std::optional<Address> Store::find_primary(Clock::time_point until) {
  if (primary_) return primary_;
  std::deque<Address> to_ask(servers_.begin(), servers_.end());
  std::vector<Address> asked;
  const auto next = [&]() -> std::optional<Address> {
    while (!to_ask.empty()) {
      const Address server = to_ask.front();
      to_ask.pop_front();
      if (std::find(asked.begin(), asked.end(), server) != asked.end()) continue;
      return asked.emplace_back(server);
    }
    return std::nullopt;
  };
  const auto take = [&](const Address& server, const Heard& heard) {
    const NodeView view = view_of(server, heard);
    if (view.status.empty()) {
      words_[server.text()] = view.why;
      return false;
    }
    const Json node = Json::parse(view.status)["node"];
    if (node.value("serving", false)) {
      primary_ = server;
      return true;
    }
    words_[server.text()] = "it is " + node.value("role", "of no known role") + ", and does not serve";
    to_ask.insert(to_ask.end(), servers_.begin(), servers_.end());
    const auto primary = node.find("primary_clients");
    if (primary == node.end() || !primary->is_string()) return false;
    if (const auto address = Address::parse(primary->get<std::string>())) to_ask.push_front(*address);
    return false;
  };
  caller_.ask_around(next, status_call(), options_.attempt, until, take);
  return primary_;
}

NodeView Store::view_of(const Address& node, const Heard& heard) {
  if (const auto* const silence = std::get_if<Silence>(&heard)) return {node, {}, silence->why};
  const Reply& reply = std::get<Reply>(heard);
  const std::optional<Json> json = object_in(reply.body);
  if (reply.status != 200 || !json || !is_node(json->value("node", Json()))) {
    return {node, {}, "it is no node of smalldb"};
  }
  for (const Json& member : json->value("members", Json::array())) {
    if (member.is_object() && member.contains("clients") && member["clients"].is_string()) {
      learn(member["clients"].get<std::string>());
    }
  }
  return {node, reply.body, {}};
}

std::vector<NodeView> Store::look() {
  const Clock::time_point until = Clock::now() + options_.timeout;
  std::vector<NodeView> views;
  for (std::size_t i = 0; i < servers_.size() && !interrupted(); ++i) {  // which grow meanwhile
    const Address server = servers_[i];
    views.push_back(view_of(server, caller_.ask(server, status_call(), attempt_end(until))));
  }
  return views;
}

Result Store::promote(const Address& node, std::optional<std::uint64_t> epoch, bool force, const std::string& token) {
  std::string query;
  if (epoch) query += "?epoch=" + std::to_string(*epoch);
  if (force) query += std::string(query.empty() ? "?" : "&") + "force=true";
  Call call{"POST", "/promote" + query, {}, {}};
  if (!token.empty()) call.fields.emplace_back("Authorization", "Bearer " + token);
  const Heard heard = caller_.ask(node, call, Clock::now() + options_.attempt);
  if (const auto* const silence = std::get_if<Silence>(&heard)) {
    return {silence->sent ? Outcome::unknown : Outcome::failed, {}, {}, silence->why};
  }
  const Reply& reply = std::get<Reply>(heard);
  return {reply.status == 202 ? Outcome::done : Outcome::failed, {}, {}, message_of(reply)};
}

Clock::time_point Store::attempt_end(Clock::time_point until) const {
  return std::min(until, Clock::now() + options_.attempt);
}

void Store::learn(const std::string& text) {
  const std::optional<Address> address = Address::parse(text);
  if (address && std::find(servers_.begin(), servers_.end(), *address) == servers_.end()) servers_.push_back(*address);
}

std::string Store::last_words() const {
  std::string all;
  for (const auto& [server, words] : words_) all += (all.empty() ? "" : "; ") + server + ": " + words;
  return all;
}

}  // namespace smalldb::client
