#include "reports/spoken_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "model/record.h"

namespace smalldb::reports {
namespace {

using Json = nlohmann::ordered_json;

// Identities are 64 random bits, of which many readers of JSON would lose some in a number.
std::string identity(DirectoryId id) { return fmt::format("{:016x}{:016x}", id.high, id.low); }

Json process_json(ProcessId process, const Names& names) {
  return process == no_process ? Json(nullptr) : Json(names.process(process));
}

Json condition_json(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::none: return nullptr;
    case Condition::Kind::revision_is: return {{"revision", condition.revision.value}};
    case Condition::Kind::exists: return "exists";
    case Condition::Kind::absent: return "absent";
  }
  return nullptr;
}

void add_operation(Json& json, Verb verb, const Bytes& key, const Bytes& value, const Condition& condition) {
  json["verb"] = name(verb);
  if (verb != Verb::open_session) json["key"] = key.view();
  if (verb == Verb::put) json["value"] = value.view();
  if (condition.kind != Condition::Kind::none) json["condition"] = condition_json(condition);
}

class FieldsOf {
 public:
  FieldsOf(Json& json, const Names& names) : json_(json), names_(names) {}

  void operator()(const RequestMessage& body) { add_request(body.request); }
  void operator()(const ResponseMessage& body) {
    const Response& response = body.response;
    json_["session"] = response.session.value;
    json_["number"] = response.number;
    json_["status"] = name(response.status);
    json_["revision"] = response.revision.value;
    json_["position"] = response.position.value;
    if (response.primary != no_process) json_["primary"] = names_.process(response.primary);
    if (!response.value.empty()) json_["value"] = response.value.view();
  }
  void operator()(const Hello& body) {
    json_["directory"] = identity(body.directory);
    json_["log_end"] = body.log_end.value;
    json_["checkpoint"] = body.checkpoint.value;
    Json& epochs = json_["epochs"] = Json::array();
    for (const EpochStart& start : body.epochs) {
      epochs.push_back({{"epoch", start.epoch.value}, {"first", start.first.value}});
    }
  }
  void operator()(const NotPrimary& body) {
    json_["primary"] = process_json(body.primary, names_);
    json_["backup"] = process_json(body.backup, names_);
  }
  void operator()(const Welcome& body) {
    json_["cut"] = body.cut.value;
    if (body.snapshot) json_["snapshot"] = body.snapshot_lsn.value;
  }
  void operator()(const SnapshotChunk& body) {
    json_["snapshot"] = body.snapshot_lsn.value;
    json_["offset"] = body.offset;
    json_["size"] = body.bytes.size();
    json_["last"] = body.last;
  }
  void operator()(const SnapshotTaken& body) {
    json_["snapshot"] = body.snapshot_lsn.value;
    json_["size"] = body.size;
  }
  void operator()(const Ready& body) { json_["end"] = body.end.value; }
  void operator()(const Records& body) {
    json_["first"] = body.first.value;
    json_["safe"] = body.safe.value;
    json_["confirm"] = body.confirm;
    Json& records = json_["records"] = Json::array();
    for (std::string_view rest = body.bytes.view(); !rest.empty();) {
      const auto record = decode_record(rest);
      if (!record) break;
      add_record(records, *record);
      rest.remove_prefix(decode_header(rest)->record_size());
    }
  }
  void operator()(const Ack& body) {
    json_["received"] = body.received.value;
    json_["durable"] = body.durable.value;
    json_["confirmed"] = body.confirmed;
    json_["lease"] = body.lease;
  }
  void operator()(const Claim& body) {
    json_["wanted"] = body.wanted.value;
    json_["directory"] = identity(body.directory);
    json_["node"] = process_json(body.node, names_);
    json_["founder"] = identity(body.founder);
  }
  void operator()(const Verdict& body) {
    json_["claimed"] = body.claimed.value;
    json_["winner"] = identity(body.winner);
    json_["node"] = process_json(body.node, names_);
  }
  void operator()(const Heartbeat& body) { json_["primary"] = body.primary; }
  void operator()(const Ping&) {}
  void operator()(const Pong&) {}
  void operator()(const Leaving& body) { json_["end"] = body.end.value; }

 private:
  void add_request(const Request& request) {
    json_["session"] = request.session.value;
    json_["number"] = request.number;
    add_operation(json_, request.verb, request.key, request.value, request.condition);
  }

  static void add_record(Json& records, const Record& record) {
    static constexpr std::string_view kinds[] = {"epoch_started", "operation",  "backup_joining",  "backup_declared",
                                                 "backup_left",   "checkpoint", "sessions_expired"};
    static_assert(std::size(kinds) == std::variant_size_v<RecordBody>);
    Json json{{"lsn", record.lsn.value}, {"epoch", record.epoch.value}, {"kind", kinds[record.body.index()]}};
    if (const auto* operation = std::get_if<Operation>(&record.body)) {
      const Request& request = operation->request;
      json["session"] = request.session.value;
      json["number"] = request.number;
      add_operation(json, request.verb, request.key, request.value, request.condition);
    }
    records.push_back(std::move(json));
  }

  Json& json_;
  const Names& names_;
};

}  // namespace

nlohmann::ordered_json message_json(const Message& message, const Names& names) {
  Json json{{"name", name(message.body)},
            {"epoch", message.epoch.value},
            {"incarnation", fmt::format("{:016x}", message.from.value)}};
  std::visit(FieldsOf(json, names), message.body);
  return json;
}

nlohmann::ordered_json invocation_json(const Invocation& invocation) {
  Json json{{"number", invocation.number}};
  add_operation(json, invocation.verb, invocation.key, invocation.value, invocation.condition);
  return json;
}

nlohmann::ordered_json completion_json(const Completion& completion) {
  Json json{{"number", completion.number}, {"outcome", name(completion.outcome)}};
  if (completion.revision.value != 0) json["revision"] = completion.revision.value;
  if (!completion.value.empty()) json["value"] = completion.value.view();
  return json;
}

std::string hexadecimal(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace smalldb::reports
