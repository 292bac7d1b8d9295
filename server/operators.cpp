#include "server/operators.h"

#include <boost/beast/core/string.hpp>
#include <string_view>

#include "server/config.h"
#include "server/secret.h"

namespace smalldb::server {
namespace {

// Whoever decides has looked before: what he saw must still be so.
std::optional<HttpAnswer> refuse_promotion(const NodeStatus& status, const HttpRequest& request, ArbiterKind arbiter) {
  if (arbiter != ArbiterKind::manual) {
    return refuse(409, "not_manual", "the arbiter decides who may serve, not the operator");
  }
  const Promotion wanted = read_promotion(request.target).value_or(Promotion{});
  if (wanted.epoch && *wanted.epoch != status.epoch.value) {
    return refuse(409, "other_epoch", "this node is in epoch " + std::to_string(status.epoch.value) + ": look again");
  }
  if (!status.waits_for_operator && !wanted.force) {
    return refuse(409, "not_waiting",
                  "this node does not wait for an operator; force=true takes over all the same, from whoever serves");
  }
  return std::nullopt;
}

}  // namespace

// Without a token whoever sits at this machine is the operator: but not whoever a proxy here speaks for, nor a page of
// the web in a browser here, which says whose it is by Origin, or by the Host that it believes to be its own.
bool Operators::is_operator(const HttpRequest& request, bool local, const std::string& clients) const {
  if (!token_.empty()) {
    constexpr std::string_view scheme = "Bearer ";  // in whatever letters (RFC 9110, 11.1)
    const std::string& said = request.authorization;
    return boost::beast::iequals(said.substr(0, scheme.size()), std::string(scheme)) &&
           equal_in_constant_time(said.substr(scheme.size()), token_);
  }
  if (!local || request.for_another) return false;
  const std::string host = host_in(request.host);
  return is_loopback(host) || host == host_in(clients);
}

std::optional<HttpAnswer> Operators::turn_down(Inquiry order, const HttpRequest& request, bool local,
                                               const std::string& clients, ArbiterKind arbiter,
                                               const std::optional<NodeStatus>& node) const {
  if (!is_operator(request, local, clients)) {
    HttpAnswer refused = refuse(token_.empty() ? 403 : 401, "not_allowed", "this is for the operator alone");
    if (!token_.empty()) refused.fields += "WWW-Authenticate: Bearer\r\n";
    return refused;
  }
  if (!node) return refuse(404, "no_store", "an arbiter has nothing of the kind");
  if (order == Inquiry::promote) return refuse_promotion(*node, request, arbiter);
  if (node->role != Role::primary) {
    return refuse(409, "not_primary", "only the primary begins a checkpoint, at all nodes");
  }
  return std::nullopt;
}

}  // namespace smalldb::server
