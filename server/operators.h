// Who may give a node orders over HTTP, and which of them it takes.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "model/node_status.h"
#include "model/settings.h"
#include "server/api.h"
#include "server/http_parser.h"

namespace smalldb::server {

class Operators {
 public:
  // The operator has this token; or, without one, sits at this machine.
  explicit Operators(std::string token = {}) : token_(std::move(token)) {}

  // The answer to an order that is not carried out: whoever gave it may not, there is no node here, or its state is not
  // the one that the order is for. `clients`: where this process listens to clients, host and port.
  std::optional<HttpAnswer> turn_down(Inquiry order, const HttpRequest& request, bool local, const std::string& clients,
                                      ArbiterKind arbiter, const std::optional<NodeStatus>& node) const;

 private:
  bool is_operator(const HttpRequest& request, bool local, const std::string& clients) const;

  std::string token_;
};

}  // namespace smalldb::server
