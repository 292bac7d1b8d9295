#include "scenarios/document.h"

#include <utility>

namespace smalldb::scenarios {

// Here, where what its map holds is complete.
Node::Node() = default;
Node::Node(const Node&) = default;
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(const Node&) = default;
Node& Node::operator=(Node&&) noexcept = default;
Node::~Node() = default;

Node Node::scalar(std::string text, bool quoted) {
  Node node;
  node.kind = Kind::scalar;
  node.text = std::move(text);
  node.quoted = quoted;
  return node;
}

Node Node::list(std::vector<Node> items) {
  Node node;
  node.kind = Kind::list;
  node.items = std::move(items);
  return node;
}

Node Node::map() {
  Node node;
  node.kind = Kind::map;
  return node;
}

void Node::add(std::string key, Node value) {
  constexpr std::size_t usual_count = 8;
  if (entries.empty()) entries.reserve(usual_count);
  entries.push_back({std::move(key), {}, std::move(value)});
}

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string Node::describe() const {
  switch (kind) {
    case Kind::nothing: return "nothing";
    case Kind::scalar: return smalldb::quoted(text);
    case Kind::list: return items.empty() ? "an empty list" : "a list of " + std::to_string(items.size());
    case Kind::map: return entries.empty() ? "an empty map" : "a map with the key " + smalldb::quoted(entries[0].key);
  }
  return {};
}

bool same(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.text != b.text || a.items.size() != b.items.size() ||
      a.entries.size() != b.entries.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same(a.items[i], b.items[i])) return false;
  }
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    if (a.entries[i].key != b.entries[i].key || !same(a.entries[i].value, b.entries[i].value)) return false;
  }
  return true;
}

}  // namespace smalldb::scenarios
