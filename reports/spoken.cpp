#include "reports/spoken.h"

#include <fmt/format.h>

#include "properties/data_text.h"

namespace smalldb::reports {
namespace {

using properties::data_text;

constexpr std::size_t records_shown = 3;

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::string condition_text(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::none: return "";
    case Condition::Kind::revision_is: return fmt::format(" if revision {}", condition.revision.value);
    case Condition::Kind::exists: return " if exists";
    case Condition::Kind::absent: return " if absent";
  }
  return "";
}

std::string node_text(ProcessId node, const Names& names) {
  return node == no_process ? "nobody" : std::string(names.process(node));
}

std::string request_text(const Request& request) {
  if (request.verb == Verb::open_session) return "open a session";
  return fmt::format("{} (request {} of session {})",
                     operation_text(request.verb, request.key.view(), request.value.view(), request.condition),
                     request.number, request.session.value);
}

std::string response_text(const Response& response, const Names& names) {
  std::string text =
      response.number == 0 ? std::string("answer") : fmt::format("answer to request {}", response.number);
  text += fmt::format(": {}", name(response.status));
  if (!response.value.empty()) text += fmt::format(", {}", data_text(response.value.view()));
  if (response.revision.value != 0) text += fmt::format(", revision {}", response.revision.value);
  if (response.primary != no_process) text += fmt::format(", go to {}", names.process(response.primary));
  if (response.position.value != 0) text += fmt::format(" (rests on {})", response.position.value);
  return text;
}

std::string records_text(const Records& records, const Names& names) {
  const std::string safe = fmt::format("safe up to {}", records.safe.value);
  if (records.bytes.empty()) return fmt::format("no records before {}, {}", records.first.value, safe);
  std::string listed;
  std::uint64_t count = 0;
  for (std::string_view rest = records.bytes.view(); !rest.empty(); ++count) {
    const auto header = decode_header(rest);
    if (!header || header->record_size() > rest.size()) break;
    const auto record = count < records_shown ? decode_record(rest) : std::nullopt;
    if (record) listed += fmt::format("{}{}", listed.empty() ? "" : "; ", record_text(*record, names));
    rest.remove_prefix(header->record_size());
  }
  if (count > records_shown) listed += "; ...";
  const std::string which = count == 1
                                ? fmt::format("record {}", records.first.value)
                                : fmt::format("records {} to {}", records.first.value, records.first.value + count - 1);
  return fmt::format("{}, {}: {}", which, safe, listed);
}

}  // namespace

std::string operation_text(Verb verb, std::string_view key, std::string_view value, const Condition& condition) {
  const std::string what = verb == Verb::put ? fmt::format("{}={}", data_text(key), data_text(value)) : data_text(key);
  return fmt::format("{} {}{}", name(verb), what, condition_text(condition));
}

std::string operation_text(const Invocation& invocation) {
  return operation_text(invocation.verb, invocation.key.view(), invocation.value.view(), invocation.condition);
}

std::string completion_text(Verb verb, const Completion& completion) {
  const std::uint64_t revision = completion.revision.value;
  switch (completion.outcome) {
    case Outcome::ok:
      return verb == Verb::get ? fmt::format("{}, revision {}", data_text(completion.value.view()), revision)
                               : fmt::format("ok, revision {}", revision);
    case Outcome::not_found: return "there is none";
    case Outcome::condition_failed:
      return revision == 0 ? "condition failed, there is none"
                           : fmt::format("condition failed, revision is {}", revision);
    case Outcome::failed: return "failed: it did not and will not take effect";
    case Outcome::unknown: return "unknown: it may have taken effect, or may yet";
  }
  return "?";
}

std::string record_text(const Record& record, const Names& names) {
  return std::visit(
      Overloaded{
          [&](const EpochStarted& body) {
            return fmt::format("epoch {} starts, {} is primary", record.epoch.value, node_text(body.node, names));
          },
          [&](const Operation& body) { return request_text(body.request); },
          [&](const BackupJoining& body) { return fmt::format("{} joins", node_text(body.node, names)); },
          [&](const BackupDeclared& body) { return fmt::format("{} is in sync", node_text(body.node, names)); },
          [](const BackupLeft&) { return std::string("the backup has left"); },
          [](const Checkpoint&) { return std::string("checkpoint"); },
          [](const SessionsExpired&) { return std::string("idle sessions expire"); },
      },
      record.body);
}

std::string message_text(const Message& message, const Names& names) {
  return std::visit(
      Overloaded{
          [](const RequestMessage& body) { return request_text(body.request); },
          [&](const ResponseMessage& body) { return response_text(body.response, names); },
          [](const Hello& body) {
            return fmt::format("hello, my log ends at {} and has {} epochs", body.log_end.value, body.epochs.size());
          },
          [&](const NotPrimary& body) {
            return fmt::format("I am not primary, it is {}", node_text(body.primary, names));
          },
          [](const Welcome& body) {
            return body.snapshot ? fmt::format("welcome, take a snapshot as of {}", body.snapshot_lsn.value)
                                 : fmt::format("welcome, cut your log at {}", body.cut.value);
          },
          [](const SnapshotChunk& body) {
            return fmt::format("snapshot as of {}: bytes {} to {}{}", body.snapshot_lsn.value, body.offset,
                               body.offset + body.bytes.size(), body.last ? ", the last" : "");
          },
          [](const SnapshotTaken& body) {
            return fmt::format("snapshot as of {}: {} bytes taken", body.snapshot_lsn.value, body.size);
          },
          [](const Ready& body) { return fmt::format("ready for records after {}", body.end.value); },
          [&](const Records& body) { return records_text(body, names); },
          [](const Ack& body) {
            std::string text =
                fmt::format("acknowledges {}, durable up to {}", body.received.value, body.durable.value);
            if (body.confirmed != 0) text += fmt::format(", reads confirmed up to {}", body.confirmed);
            return text + (body.lease ? ", with a lease" : "");
          },
          [](const Claim& body) { return fmt::format("claims epoch {}", body.wanted.value); },
          [&](const Verdict& body) {
            return fmt::format("epoch {} belongs to {}", body.claimed.value, node_text(body.node, names));
          },
          [](const Heartbeat& body) { return std::string(body.primary ? "I live, and serve" : "I live"); },
          [](const Ping&) { return std::string("would you answer a claim?"); },
          [](const Pong&) { return std::string("I would answer a claim"); },
          [](const Leaving& body) { return fmt::format("I stop, my log ends at {}", body.end.value); },
      },
      message.body);
}

}  // namespace smalldb::reports
