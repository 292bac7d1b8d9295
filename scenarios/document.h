// A YAML file as a tree of plain values, each with its place: the one form in which scenarios are read, written and
// compared.
//
// YAML has more than a scenario needs. A document is one map, list or scalar; aliases are resolved by copying, an alias
// inside of what it names is a mistake, and so are tags, several documents in a file, and trees that are deeper or
// larger than any person writes. Reading takes any bytes whatever and always ends.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/problem.h"

namespace smalldb::scenarios {

struct Node {
  enum class Kind { nothing, scalar, list, map };

  // `key` and the value that stands beside it; keys may be repeated, it is the reader's to complain.
  struct Entry;

  Kind kind = Kind::nothing;
  Place place;
  std::string text;            // scalar
  bool quoted = false;         // scalar: was written in quotes, so it is text whatever it looks like
  std::vector<Node> items;     // list
  std::vector<Entry> entries;  // map, in the order of the file

  Node();
  Node(const Node&);
  Node(Node&&) noexcept;
  Node& operator=(const Node&);
  Node& operator=(Node&&) noexcept;
  ~Node();

  static Node scalar(std::string text, bool quoted = false);
  static Node list(std::vector<Node> items = {});
  static Node map();

  void add(std::string key, Node value);  // REQUIRES: a map
  const Node* find(std::string_view key) const;

  bool is_map() const { return kind == Kind::map; }
  bool is_list() const { return kind == Kind::list; }
  bool is_scalar() const { return kind == Kind::scalar; }

  // "the word \"hodls\"", "a list of 3", "a map", "nothing": for Problem::found.
  std::string describe() const;
};

struct Node::Entry {
  std::string key;
  Place place;
  Node value;
};

// Equal but for their places.
bool same(const Node& a, const Node& b);

// Limits on what is taken for a scenario.
inline constexpr std::size_t file_size_max = 1024 * 1024;
inline constexpr std::size_t node_count_max = 100'000;
inline constexpr int depth_max = 40;

// The tree that `text` says. Problems name `file`; if there are any, the tree is not to be used.
Node read_yaml(std::string_view text, const std::string& file, std::vector<Problem>& problems);

// `node` as YAML in block style; short lists of scalars and short maps within lists in flow style.
std::string write_yaml(const Node& node);

// `node` as JSON, indented by two, short parts in one line; a scalar that is not quoted and reads as a number, true or
// false is written bare.
std::string write_json(const Node& node);

}  // namespace smalldb::scenarios
