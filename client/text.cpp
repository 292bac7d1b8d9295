#include "client/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>

#include "model/printable.h"

namespace smalldb::client {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

constexpr std::string_view digits = "0123456789abcdef";

bool is_utf8(std::string_view bytes) {
  // The library's own judgement: it accepts a string literal if and only if that is UTF-8.
  std::string literal = "\"";
  for (const char c : bytes) literal += static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\' ? '.' : c;
  return Json::accept(literal + "\"");
}

Json node_of(const NodeView& view) { return Json::parse(view.status)["node"]; }

std::uint64_t number(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

bool serves(const NodeView& view) { return !view.status.empty() && node_of(view).value("serving", false); }

// What a node is, with what it waits for, and would wait for at a takeover.
std::string role_of(const Json& node) {
  std::string role = printable(node.value("role", "?"));
  if (node.value("claiming", false) && role != "claiming") role += ", claiming";
  if (node.value("waits_for_operator", false)) role += ", waits for an operator";
  if (node.value("serving", false)) role += node.value("in_sync", false) ? "" : ", alone";
  const auto reachable = node.find("arbiter_reachable");
  if (reachable != node.end() && *reachable == false) role += ", arbiter away";
  return role;
}

Row row_of(const NodeView& view, std::uint64_t primary_end) {
  const Json node = node_of(view);
  const Json log = node.value("log", Json::object());
  const std::uint64_t end = number(log, "end");
  return {view.address.text(),
          role_of(node),
          std::to_string(number(node, "epoch")),
          std::to_string(end),
          primary_end > end ? std::to_string(primary_end - end) : "0",
          std::to_string(number(log, "durable")),
          std::to_string(number(node, "applied")),
          serves(view) ? std::to_string(number(node, "lag_bytes")) + " bytes" : "-",
          std::to_string(number(node, "keys"))};
}

}  // namespace

Json bytes_json(std::string_view bytes) {
  if (is_utf8(bytes)) return bytes;
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += {digits[byte >> 4], digits[byte & 15]};
  }
  return {{"hex", hex}};
}

std::string on_a_line(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text.append(c == '\\' ? 2 : 1, c);
  return printable(text);
}

std::string for_a_terminal(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.find_first_of("\n\t"), bytes.size());
    text += printable(bytes.substr(0, size));
    if (size < bytes.size()) text += bytes[size];
    bytes.remove_prefix(std::min(size + 1, bytes.size()));
  }
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

std::string table_of(const std::vector<NodeView>& views) {
  std::uint64_t primary_end = 0;
  for (const NodeView& view : views) {
    if (serves(view)) primary_end = std::max(primary_end, number(node_of(view).value("log", Json()), "end"));
  }
  std::vector<Row> rows = {
      {"node", "role", "epoch", "log end", "behind", "durable", "applied", "unacknowledged", "keys"}};
  for (const NodeView& view : views) {
    rows.push_back(view.status.empty() ? Row{view.address.text(), printable(view.why)} : row_of(view, primary_end));
  }
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    if (row.size() < widths.size()) widths[0] = std::max(widths[0], row[0].size());
    for (std::size_t i = 0; row.size() == widths.size() && i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string table;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string room(widths[i] > row[i].size() ? widths[i] - row[i].size() : 0, ' ');
      const bool last = i + 1 == row.size();
      table += i < 2 ? row[i] + (last ? "" : room) : room + row[i];
      table += last ? "\n" : "  ";
    }
  }
  return table;
}

bool somebody_serves(const std::vector<NodeView>& views) { return std::any_of(views.begin(), views.end(), serves); }

std::string alarm_of(const std::vector<NodeView>& views) {
  std::string who;
  std::set<std::uint64_t> epochs;
  const auto serving = std::count_if(views.begin(), views.end(), serves);
  for (const NodeView& view : views) {
    if (!serves(view)) continue;
    const std::uint64_t epoch = number(node_of(view), "epoch");
    epochs.insert(epoch);
    who += (who.empty() ? "" : ", ") + view.address.text() + " in epoch " + std::to_string(epoch);
  }
  if (serving < 2) return {};
  const bool split = epochs.size() < static_cast<std::size_t>(serving);
  return std::to_string(serving) + " nodes say that they serve (" + who + "): " +
         (split ? "what is written to one is not at the other. Stop all but one, and see that all ask the same arbiter"
                : "that of the last epoch does, and the others must hear of it soon. Look again");
}

}  // namespace smalldb::client
