// What a process is and has, in the forms that /status, /metrics and /healthz give it.
#pragma once

#include <optional>
#include <string>

#include "model/arbiter.h"
#include "model/node_status.h"
#include "server/api.h"
#include "server/datagrams.h"
#include "server/disk.h"
#include "server/front.h"
#include "server/http_server.h"
#include "server/members.h"
#include "server/peer_links.h"

namespace smalldb::server {

struct StatusSources {
  const Member& self;
  const Members& members;
  std::optional<NodeStatus> node;
  const Arbiter* arbiter;  // null at a node
  const Disk& disk;
  const PeerLinks& links;
  const HttpServer& http;
  const Front* front;
  const Datagrams* datagrams;
};

std::string status_json(const StatusSources& sources);
// The exposition format of Prometheus.
std::string status_metrics(const StatusSources& sources);
// 200 while the process does what it is for.
HttpAnswer health(const StatusSources& sources);

}  // namespace smalldb::server
