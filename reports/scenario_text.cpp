#include "reports/scenario_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/layout.h"
#include "reports/words.h"
#include "scenarios/document.h"
#include "scenarios/save.h"

namespace smalldb::reports {
namespace {

using scenarios::Node;

constexpr std::size_t margin_width = 2;
constexpr std::size_t label_width = 10;
constexpr std::size_t item_size_max = 400;

std::string in_a_line(const Node& node) {
  std::string text;
  if (node.is_list()) {
    for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + in_a_line(item);
    return "[" + text + "]";
  }
  if (node.is_map()) {
    for (const Node::Entry& entry : node.entries) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", entry.key, in_a_line(entry.value));
    }
    return "{" + text + "}";
  }
  return node.text;
}

std::string without_brackets(const Node& node) {
  const std::string text = in_a_line(node);
  const bool bracketed = (node.is_list() || node.is_map()) && text.size() >= 2;
  return bracketed ? text.substr(1, text.size() - 2) : text;
}

// How much there is to do is told in any case.
Node with_counts(Node work, const scenarios::Work& of) {
  for (Node::Entry& entry : work.entries) {
    if (entry.key != "generate" || entry.value.find("count") != nullptr) continue;
    Node counted = Node::map();
    counted.add("count", Node::scalar(fmt::format("{}", of.generate->count)));
    for (Node::Entry& setting : entry.value.entries) counted.add(setting.key, std::move(setting.value));
    entry.value = std::move(counted);
  }
  return work;
}

std::string_view arbiter_text(ArbiterKind kind) {
  switch (kind) {
    case ArbiterKind::tie_breaker: return "a tie breaker decides who goes on alone";
    case ArbiterKind::shared_lock: return "a lock in a shared directory decides who goes on alone";
    case ArbiterKind::manual: return "an operator decides who goes on alone";
    case ArbiterKind::none: return "nobody decides who goes on alone";
  }
  return "?";
}

class Lines {
 public:
  Lines(const Style& style, std::ostream& out) : style_(style), out_(out) {}

  void write(std::string_view label, std::string_view text) {
    std::string head = fmt::format("{:{}}{:<{}}", "", margin_width, label == last_ ? "" : label, label_width);
    if (label != last_ && label.size() >= label_width) head += ' ';
    write_paragraph(style_.paint(Colour::dim, head), head.size(), shortened(text, item_size_max), out_, style_.width());
    last_ = label;
  }

 private:
  const Style& style_;
  std::ostream& out_;
  std::string last_;
};

std::string list_text(const std::vector<scenarios::Name>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

void write_cluster(const scenarios::Cluster& cluster, const Node* written, Lines& lines) {
  const std::string clients =
      cluster.clients.empty() ? "no clients" : fmt::format("clients {}", list_text(cluster.clients));
  std::string text = fmt::format("nodes {}; {}; {}", list_text(cluster.nodes), clients, arbiter_text(cluster.arbiter));
  if (!cluster.founders.empty()) text += fmt::format("; founded by {}", list_text(cluster.founders));
  if (!cluster.spares.empty()) text += fmt::format("; spare: {}", list_text(cluster.spares));
  if (!cluster.without_session.empty())
    text += fmt::format("; without a session: {}", list_text(cluster.without_session));
  lines.write("cluster", text);
  if (written == nullptr) return;
  for (const std::string_view part : {"store", "client", "rules"}) {
    if (const Node* node = written->find(part))
      lines.write("cluster", fmt::format("{}: {}", part, without_brackets(*node)));
  }
}

// "; struck at 2.971375 s, over at 4.982422 s".
std::string struck_text(const scenarios::FaultAccount& fault) {
  if (fault.strikes.empty()) return "; never struck";
  std::string text;
  for (const auto& strike : fault.strikes) {
    text += fmt::format("{}{} s", text.empty() ? "; struck at " : "; at ", seconds_text(strike.began));
    if (strike.ended && *strike.ended != strike.began)
      text += fmt::format(", over at {} s", seconds_text(*strike.ended));
  }
  if (fault.fired > fault.strikes.size()) text += fmt::format("; and {} more", fault.fired - fault.strikes.size());
  return text;
}

}  // namespace

void write_scenario(const scenarios::Result& result, const Style& style, std::ostream& out) {
  const scenarios::Scenario& scenario = result.scenario;
  // What a saved scenario leaves out is as it is by default, and so need not be told.
  std::vector<scenarios::Problem> problems;
  const Node root = scenarios::read_yaml(scenarios::save_text(scenario), scenario.name, problems);

  Lines lines(style, out);
  write_cluster(scenario.cluster, root.find("cluster"), lines);
  for (const Node::Entry& entry : root.entries) {
    if (entry.key == "name" || entry.key == "why" || entry.key == "seed" || entry.key == "cluster") continue;
    if (!entry.value.is_list()) {
      lines.write(entry.key, without_brackets(entry.value));
      continue;
    }
    for (std::size_t n = 0; n < entry.value.items.size(); ++n) {
      const Node& item = entry.value.items[n];
      std::string text = without_brackets(entry.key == "workload" ? with_counts(item, scenario.workload[n]) : item);
      if (entry.key == "faults") text += struck_text(result.faults[n]);
      lines.write(entry.key, text);
    }
  }
}

}  // namespace smalldb::reports
