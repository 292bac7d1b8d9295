#include "server/status.h"

#include <sys/resource.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "model/notes.h"
#include "model/version.h"

namespace smalldb::server {
namespace {

using Json = nlohmann::ordered_json;

Json name_of(const Members& members, ProcessId id) {
  const Member* const member = members.find(id);
  return member == nullptr ? Json() : Json(member->name);
}

std::string hexadecimal(DirectoryId directory) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t half : {directory.high, directory.low}) {
    for (int shift = 60; shift >= 0; shift -= 4) text += digits[half >> shift & 15];
  }
  return text;
}

Json node_json(const NodeStatus& node, const Members& members) {
  const Member* const primary = members.find(node.primary);
  return {
      {"role", name(node.role)},
      {"serving", node.serving},
      {"in_sync", node.in_sync},
      {"claiming", node.claiming},
      {"waits_for_operator", node.waits_for_operator},
      {"arbiter_reachable", node.arbiter_reachable ? Json(*node.arbiter_reachable) : Json()},
      {"epoch", node.epoch.value},
      {"directory", hexadecimal(node.directory)},
      {"primary", name_of(members, node.primary)},
      {"primary_clients", primary == nullptr || primary->clients.empty() ? Json() : Json(primary->clients)},
      {"backup", name_of(members, node.backup)},
      {"log", {{"end", node.log_end.value}, {"durable", node.log_durable.value}, {"bytes", node.log_bytes}}},
      {"applied", node.applied.value},
      {"safe", node.safe.value},
      {"checkpoint", node.checkpoint.value},
      {"keys", node.keys},
      {"sessions", node.sessions},
      {"answers_held", node.answers_held},
      {"requests_waiting", node.requests_waiting},
      {"lag_bytes", node.lag_bytes},
  };
}

std::int64_t memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

class Metrics {
 public:
  template <class Number>
  void gauge(std::string_view metric, std::string_view help, Number value, const std::string& label = "") {
    add(metric, help, "gauge", label, std::to_string(value));
  }
  template <class Number>
  void counter(std::string_view metric, std::string_view help, Number value, const std::string& label = "") {
    add(metric, help, "counter", label, std::to_string(value));
  }
  void histogram(std::string_view metric, std::string_view help, const Histogram& histogram) {
    const std::string name(metric);
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
      count += histogram.counts()[i];
      const bool last = i == Histogram::limits.size();
      const std::string limit = last ? "+Inf" : seconds(Histogram::limits[i]);
      add(name, help, "histogram", "_bucket{le=\"" + limit + "\"}", std::to_string(count));
    }
    add(name, help, "histogram", "_sum", seconds(histogram.sum()));
    add(name, help, "histogram", "_count", std::to_string(count));
  }
  std::string take() { return std::move(text_); }

 private:
  static std::string seconds(std::chrono::nanoseconds time) {
    return std::to_string(static_cast<double>(time.count()) / 1e9);
  }
  void add(std::string_view metric, std::string_view help, std::string_view kind, const std::string& label,
           const std::string& value) {
    const std::string full = "smalldb_" + std::string(metric);
    if (last_ != full) {
      text_ += "# HELP " + full + " " + std::string(help) + "\n# TYPE " + full + " " + std::string(kind) + "\n";
      last_ = full;
    }
    text_ += full + label + " " + value + "\n";
  }

  std::string text_;
  std::string last_;
};

void add_node(const NodeStatus& node, Metrics& metrics) {
  metrics.gauge("primary", "1 while this node is the primary, serves, and can answer", node.serving ? 1 : 0);
  metrics.gauge("in_sync", "1 while there is a backup that could take over: it is there, as far as this node knows",
                node.in_sync ? 1 : 0);
  metrics.gauge("claiming", "1 while this node asks who may go on, and does not yet know", node.claiming ? 1 : 0);
  if (node.arbiter_reachable) {
    metrics.gauge("arbiter_reachable", "1 while the arbiter answers what it is asked from time to time",
                  *node.arbiter_reachable ? 1 : 0);
  }
  metrics.gauge("epoch", "The epoch of this node's log", node.epoch.value);
  metrics.gauge("log_end", "The last position of the log", node.log_end.value);
  metrics.gauge("log_durable", "The last position that is durable here", node.log_durable.value);
  metrics.gauge("log_safe", "The last position whose answer may be shown (primary)", node.safe.value);
  metrics.gauge("log_applied", "The last position executed", node.applied.value);
  metrics.gauge("log_bytes", "Bytes of the log's files", node.log_bytes);
  metrics.gauge("checkpoint", "The position of the newest durable checkpoint", node.checkpoint.value);
  metrics.gauge("keys", "Keys in the store", node.keys);
  metrics.gauge("sessions", "Sessions open", node.sessions);
  metrics.gauge("answers_held", "Answers that wait in the output gate", node.answers_held);
  metrics.gauge("requests_waiting", "Requests that wait for the backup to come closer", node.requests_waiting);
  metrics.gauge("lag_bytes", "Bytes of log that the backup has not acknowledged", node.lag_bytes);
}

Json arbiter_json(const Arbiter& arbiter, const Members& members) {
  Json json = {{"ready", arbiter.ready()}, {"grants", arbiter.granted().size()}};
  const bool any = !arbiter.granted().empty();
  json["last_epoch"] = any ? Json(arbiter.granted().back().value) : Json();
  json["last_granted_to"] = any ? name_of(members, arbiter.winner_of(arbiter.granted().back())) : Json();
  return json;
}

void add_arbiter(const Arbiter& arbiter, Metrics& metrics) {
  const auto& granted = arbiter.granted();
  metrics.gauge("arbiter_ready", "1 once the grants of earlier lives have been read", arbiter.ready() ? 1 : 0);
  metrics.gauge("arbiter_grants", "Epochs granted, ever", granted.size());
  metrics.gauge("arbiter_last_epoch", "The epoch granted last; 0: none", granted.empty() ? 0 : granted.back().value);
}

}  // namespace

std::string status_json(const StatusSources& sources) {
  Json members = Json::array();
  for (const Member& member : sources.members.all()) {
    members.push_back({{"name", member.name}, {"clients", member.clients.empty() ? Json() : Json(member.clients)}});
  }
  Json status = {
      {"name", sources.self.name}, {"kind", sources.node ? "node" : "arbiter"}, {"version", std::string(version())}};
  if (sources.node) status["node"] = node_json(*sources.node, sources.members);
  if (sources.arbiter != nullptr) status["arbiter"] = arbiter_json(*sources.arbiter, sources.members);
  status["members"] = members;
  status["connections"] = {{"clients", sources.http.open()}, {"cluster", sources.links.open()}};
  return status.dump(2) + "\n";
}

std::string status_metrics(const StatusSources& sources) {
  Metrics metrics;
  metrics.gauge("info", "What this is", 1, "{version=\"" + std::string(version()) + "\"}");
  if (sources.node) add_node(*sources.node, metrics);
  if (sources.arbiter != nullptr) add_arbiter(*sources.arbiter, metrics);
  const Disk::Figures& disk = sources.disk.figures();
  metrics.counter("disk_operations_total", "Operations on files", disk.operations);
  metrics.counter("disk_failures_total", "Operations on files that failed", disk.failures);
  metrics.counter("disk_written_bytes_total", "Bytes written to files", disk.bytes_written);
  metrics.counter("disk_syncs_total", "Operations that synced", disk.syncs);
  metrics.counter("disk_sync_seconds_total", "Time spent in them", static_cast<double>(disk.sync_nanoseconds) / 1e9);
  metrics.gauge("disk_waiting", "Operations that are not done", disk.waiting);
  const HttpServer::Figures& http = sources.http.figures();
  metrics.gauge("http_connections", "Connections of clients", sources.http.open());
  metrics.counter("http_connections_total", "Connections taken", http.connections);
  metrics.counter("http_turned_away_total", "Connections beyond the limit that were closed, or answered 503",
                  http.turned_away);
  metrics.counter("http_not_accepted_total", "Attempts to take a connection that failed", http.not_accepted);
  metrics.counter("http_cut_off_total", "Connections closed for being slow or idle", http.cut_off);
  metrics.counter("http_requests_total", "Requests read", http.requests);
  metrics.counter("http_faults_total", "Requests that could not be read", http.faults);
  metrics.counter("http_no_room_total", "Requests answered 503 for want of room: --body-bytes-max, --answer-bytes-max",
                  http.refused_for_room);
  for (int digit = 1; digit <= 5; ++digit) {
    metrics.counter("http_answers_total", "Answers by the first digit of their status", http.answers[digit],
                    "{status=\"" + std::to_string(digit) + "xx\"}");
  }
  if (sources.front != nullptr) {
    metrics.gauge("requests_open", "Requests whose clients wait for an answer", sources.front->waiting());
    metrics.gauge("requests_unanswered", "Requests that the store has not answered, whether or not a client waits",
                  sources.front->unanswered());
    metrics.gauge("requests_unanswered_bytes", "What they take of --body-bytes-max", sources.front->bytes());
    metrics.histogram("request_seconds", "How long answers of the store took", sources.front->took());
  }
  metrics.gauge("links", "Connections to other processes of the cluster", sources.links.open());
  metrics.counter("links_sent_bytes_total", "Bytes sent to them", sources.links.figures().bytes_sent);
  metrics.counter("links_received_bytes_total", "Bytes received from them", sources.links.figures().bytes_received);
  metrics.counter("links_refused_total", "Connections that failed to greet", sources.links.figures().refused);
  metrics.counter("links_crowded_out_total", "Connections that had not greeted when others wanted their place",
                  sources.links.figures().crowded_out);
  if (sources.datagrams != nullptr) {
    metrics.counter("datagrams_dropped_total", "Datagrams that were not believed", sources.datagrams->dropped());
  }
  metrics.gauge("memory_max_bytes", "The most memory that the process had", memory_bytes());
  return metrics.take();
}

HttpAnswer health(const StatusSources& sources) {
  if (sources.arbiter != nullptr) return {sources.arbiter->ready() ? 200u : 503u, "text/plain", "arbiter\n", {}};
  const NodeStatus& node = *sources.node;
  // Who asks for an epoch has lost the other one, and answers nothing before it has been told whose the epoch is.
  const bool good = !node.claiming && (node.serving || node.role == Role::backup);
  const bool asks = node.claiming && node.role != Role::claiming;
  return {good ? 200u : 503u, "text/plain", std::string(name(node.role)) + (asks ? ", claiming\n" : "\n"), {}};
}

}  // namespace smalldb::server
