// The building blocks of the language: how one kind of value is read from a document, written to it, and described.
//
// The keys of the language are listed once, in language.h; from that list come the loader, the saver and the schema, so
// that they cannot drift apart. A notation is a type with three static functions:
//
//   static void read(const Node&, Value&, Reader&)   leaves the value as it was where the node is wrong, and says so
//   static Node write(const Value&)
//   static Node schema()                             JSON Schema
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/document.h"
#include "scenarios/notation.h"
#include "scenarios/problem.h"
#include "scenarios/scenario.h"
#include "scenarios/vocabulary.h"

namespace smalldb::scenarios::grammar {

// Collects the problems of one file, and which of its values could not be read.
class Reader {
 public:
  using Path = std::vector<std::string>;  // keys and indexes from the top, as those of a Finding (check.h)

  Reader(std::string file, std::vector<Problem>& problems) : file_(std::move(file)), problems_(problems) {}

  // As long as it lives, what stands under `key` (or an index) is being read.
  class Step {
   public:
    Step(Reader& reader, std::string key) : reader_(reader) { reader_.path_.push_back(std::move(key)); }
    ~Step() { reader_.path_.pop_back(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Reader& reader_;
  };

  // A problem that leaves all that is being read unknown.
  void wrong(Place place, std::string found, std::string expected, std::string nearest = {}) {
    unread_.push_back(path_);
    complain(place, std::move(found), std::move(expected), std::move(nearest));
  }
  void wrong(const Node& node, std::string expected, std::string nearest = {}) {
    wrong(node.place, node.describe(), std::move(expected), std::move(nearest));
  }
  // A problem of the map that is being read, that leaves what stands under these of its keys unknown.
  void wrong(const std::vector<std::string>& keys, Place place, std::string found, std::string expected,
             std::string nearest = {});
  // A problem with what was read.
  void complain(Place place, std::string found, std::string expected, std::string nearest = {}) {
    problems_.push_back({file_, place, std::move(found), std::move(expected), std::move(nearest)});
  }

  // Whether `path` was read, with all that stands below it.
  bool has_read(const Path& path) const;

 private:
  std::string file_;
  std::vector<Problem>& problems_;
  Path path_;
  std::vector<Path> unread_;
};

Node text_schema(std::string_view description);  // any text, or what stands for itself: a number, true or false
Node or_nothing(Node schema);                    // or a key with nothing behind it
Node reference(std::string_view definition);

// ---- One scalar -----------------------------------------------------------------------------------------------------

// A notation of notation.h: a text that `read` takes and `write` gives. `definition` is its name in the schema.
template <class T, auto read_text, auto write_text, const char* definition>
struct Text {
  using Value = T;
  static void read(const Node& node, Value& value, Reader& reader) {
    std::string expected;
    std::optional<T> parsed;
    if (node.is_scalar()) {
      parsed = read_text(node.text, expected);
    } else {
      (void)read_text("", expected);
    }
    if (parsed)
      value = *parsed;
    else
      reader.wrong(node, expected, nearest_word_of(definition, node.text));
  }
  static Node write(const Value& value) { return Node::scalar(write_text(value)); }
  static Node schema() { return reference(definition); }
};

inline constexpr char duration_definition[] = "duration";
inline constexpr char signed_duration_definition[] = "signed_duration";
inline constexpr char size_definition[] = "size";
inline constexpr char bandwidth_definition[] = "bandwidth";
inline constexpr char ratio_definition[] = "ratio";
inline constexpr char drift_definition[] = "drift";
inline constexpr char links_definition[] = "links";
inline constexpr char skew_definition[] = "skew";
inline constexpr char size_range_definition[] = "size_range";
inline constexpr char occurrence_definition[] = "occurrence";
inline constexpr char step_definition[] = "step";

std::optional<Duration> read_plain_duration(std::string_view text, std::string& expected);
std::optional<Duration> read_signed_duration(std::string_view text, std::string& expected);
std::optional<sim::Time> read_time(std::string_view text, std::string& expected);
std::string write_time(sim::Time time);
std::optional<std::uint32_t> read_small_size(std::string_view text, std::string& expected);
std::string write_small_size(std::uint32_t size);
std::optional<Occurrence> read_occurrence_text(std::string_view text, std::string& expected);
std::string write_occurrence_text(const Occurrence& occurrence);

using DurationText = Text<Duration, read_plain_duration, notation::write_duration, duration_definition>;
using SignedDurationText = Text<Duration, read_signed_duration, notation::write_duration, signed_duration_definition>;
using TimeText = Text<sim::Time, read_time, write_time, duration_definition>;
using SizeText = Text<std::uint64_t, notation::read_size, notation::write_size, size_definition>;
using SmallSizeText = Text<std::uint32_t, read_small_size, write_small_size, size_definition>;
using BandwidthText = Text<std::uint64_t, notation::read_bandwidth, notation::write_bandwidth, bandwidth_definition>;
using RatioText = Text<sim::Ratio, notation::read_ratio, notation::write_ratio, ratio_definition>;
using DriftText = Text<std::int64_t, notation::read_drift, notation::write_drift, drift_definition>;
using LinksText = Text<Links, notation::read_links, notation::write_links, links_definition>;
using SkewText = Text<Skew, notation::read_skew, notation::write_skew, skew_definition>;
using SizeRangeText = Text<SizeRange, notation::read_size_range, notation::write_size_range, size_range_definition>;
using OccurrenceText = Text<Occurrence, read_occurrence_text, write_occurrence_text, occurrence_definition>;
using StepText = Text<ScriptStep, notation::read_step, notation::write_step, step_definition>;

// `5ms`, or a map of its parts.
struct DistributionValue {
  using Value = sim::Distribution;
  static void read(const Node& node, Value& value, Reader& reader);
  static Node write(const Value& value);
  static Node schema();
};

// A whole number, with or without bounds.
template <class Integer, std::uint64_t least = 0, std::uint64_t most = std::numeric_limits<Integer>::max()>
struct Count {
  using Value = Integer;
  static void read(const Node& node, Value& value, Reader& reader) {
    std::string expected;
    const bool may_be_number = node.is_scalar() && !node.quoted;
    const auto number = may_be_number ? notation::read_count(node.text, expected, most) : std::nullopt;
    if (number && *number >= least) {
      value = static_cast<Integer>(*number);
      return;
    }
    expected = least > 0 ? "a whole number from " + std::to_string(least) : "a whole number";
    expected += most == ~0ull ? " below 2^64" : (least > 0 ? " to " : " up to ") + std::to_string(most);
    std::string ignored;
    if (node.quoted && notation::read_count(node.text, ignored, most))
      return reader.wrong(node.place, "a text in quotes, " + node.describe(), expected + ", without quotes");
    reader.wrong(node, expected);
  }
  static Node write(const Value& value) { return Node::scalar(std::to_string(value)); }
  static Node schema() {
    Node node = Node::map();
    node.add("type", Node::scalar("integer"));
    node.add("minimum", Node::scalar(std::to_string(least)));
    constexpr std::uint64_t exact_in_json = 1ull << 53;
    if (most <= exact_in_json) node.add("maximum", Node::scalar(std::to_string(most)));
    return node;
  }
};

struct Flag {  // on, off; yes, no; true, false
  using Value = bool;
  static void read(const Node& node, Value& value, Reader& reader);
  static Node write(const Value& value);
  static Node schema();
};

struct AnyText {  // what does not look like a text is one all the same
  using Value = std::string;
  static void read(const Node& node, Value& value, Reader& reader);
  static Node write(const Value& value);
  static Node schema();
};

struct NameText {
  using Value = Name;
  static void read(const Node& node, Value& value, Reader& reader);
  static Node write(const Value& value);
  static Node schema();
};

// The enumerators of E in their order, by name.
template <class E>
std::vector<std::string> choices();

template <class E>
struct Choice {
  using Value = E;
  static void read(const Node& node, Value& value, Reader& reader) {
    const std::vector<std::string> names = choices<E>();
    for (std::size_t i = 0; node.is_scalar() && i < names.size(); ++i) {
      if (node.text == names[i]) {
        value = static_cast<E>(i);
        return;
      }
    }
    reader.wrong(node, one_of(names), node.is_scalar() ? nearest_word(node.text, names) : "");
  }
  static Node write(const Value& value) { return Node::scalar(choices<E>()[static_cast<std::size_t>(value)]); }
  static Node schema() {
    Node node = Node::map();
    Node names = Node::list();
    for (const std::string& name : choices<E>()) names.items.push_back(Node::scalar(name, true));
    node.add("enum", std::move(names));
    return node;
  }
};

// ---- Several --------------------------------------------------------------------------------------------------------

// Whether each value in a notation is a map, or a list of maps.
template <class Notation>
constexpr bool is_of_maps() {
  if constexpr (requires { Notation::of_maps; })
    return Notation::of_maps;
  else
    return false;
}

// Whether a key with nothing behind it is as good as one that is left out.
template <class Notation>
constexpr bool may_be_nothing() {
  if constexpr (requires { Notation::nothing_is_none; })
    return Notation::nothing_is_none;
  else
    return false;
}

// A list; one value may stand for a list of one.
template <class Item>
struct ListOf {
  using Value = std::vector<typename Item::Value>;
  static constexpr bool of_maps = is_of_maps<Item>();
  static constexpr bool nothing_is_none = true;
  static void read(const Node& node, Value& value, Reader& reader) {
    value.clear();
    if (node.is_list()) {
      for (const Node& item : node.items) read_item(item, value, reader);
    } else if (node.kind != Node::Kind::nothing) {
      read_item(node, value, reader);
    }
  }
  static Node write(const Value& value) {
    Node node = Node::list();
    for (const auto& item : value) node.items.push_back(Item::write(item));
    return node;
  }
  static Node schema() {
    Node list = Node::map();
    list.add("type", Node::scalar("array"));
    list.add("items", Item::schema());
    Node node = Node::map();
    node.add("anyOf", Node::list({Item::schema(), std::move(list)}));
    return node;
  }

 private:
  static void read_item(const Node& node, Value& value, Reader& reader) {
    const Reader::Step step(reader, std::to_string(value.size()));
    typename Item::Value item{};
    Item::read(node, item, reader);
    value.push_back(std::move(item));
  }
};

// Lists of names, where `all` stands for none in particular.
struct NamesOrAll {
  using Value = std::vector<Name>;
  static void read(const Node& node, Value& value, Reader& reader);
  static Node write(const Value& value);
  static Node schema();
};

// The same for links.
struct LinksOrAll {
  using Value = std::vector<Links>;
  static void read(const Node& node, Value& value, Reader& reader);
  static Node write(const Value& value);
  static Node schema();
};

void repeated_key(const Node::Entry& entry, Reader& reader);
bool is_repeated(const Node& map, const Node::Entry& entry);

// A map with names of the writer's choosing as keys.
template <class Item>
struct MapOf {
  using Value = std::map<std::string, typename Item::Value>;
  static constexpr bool of_maps = true;
  static constexpr bool nothing_is_none = true;
  static void read(const Node& node, Value& value, Reader& reader) {
    if (node.kind == Node::Kind::nothing) return;
    if (!node.is_map()) return reader.wrong(node, "a map");
    for (const Node::Entry& entry : node.entries) {
      if (is_repeated(node, entry)) repeated_key(entry, reader);
      const Reader::Step step(reader, entry.key);
      Item::read(entry.value, value[entry.key], reader);
    }
  }
  static Node write(const Value& value) {
    Node node = Node::map();
    for (const auto& [key, item] : value) node.add(key, Item::write(item));
    return node;
  }
  static Node schema() {
    Node node = Node::map();
    node.add("type", Node::scalar("object"));
    node.add("additionalProperties", Item::schema());
    return node;
  }
};

// A value that may be absent; `absent` is written as nothing at all.
template <class Item>
struct Maybe {
  using Value = std::optional<typename Item::Value>;
  static constexpr bool of_maps = is_of_maps<Item>();
  static constexpr bool nothing_is_none = may_be_nothing<Item>();
  static void read(const Node& node, Value& value, Reader& reader) {
    typename Item::Value item{};
    Item::read(node, item, reader);
    value = std::move(item);
  }
  static Node write(const Value& value) { return value ? Item::write(*value) : Node{}; }
  static Node schema() { return Item::schema(); }
};

// ---- A struct: a map with fixed keys --------------------------------------------------------------------------------

// Says whether a struct's keys belong here, reads those that do, and complains about the others.
class MapReader {
 public:
  MapReader(const Node& node, Reader& reader) : node_(node), reader_(reader) {}

  template <class Notation>
  void field(std::string_view key, typename Notation::Value& value, std::string_view /*description*/) {
    keys_.emplace_back(key);
    if (is_of_maps<Notation>()) keys_of_maps_.emplace_back(key);
    const Node* node = node_.find(key);
    if (node == nullptr) return;
    const Reader::Step step(reader_, std::string(key));
    Notation::read(*node, value, reader_);
  }

  template <class T>
  void exceptions(std::string_view key, std::map<Name, T>& values, const T& usual, std::string_view /*description*/);

  // A key that somebody else has read.
  void known(std::string_view key) { keys_.emplace_back(key); }
  // A key that does not belong here, of which somebody else has complained.
  void complained_of(std::string_view key) { complained_of_.emplace_back(key); }

  // Complains about the keys of the node that no field has asked for, and about repeated ones.
  void finish();
  // Of what finish has complained: whether `key` was perhaps meant by one that is none.
  bool is_misspelt(std::string_view key) const;

 private:
  void unknown_key(const Node::Entry& entry);

  const Node& node_;
  Reader& reader_;
  std::vector<std::string> keys_;
  std::vector<std::string> keys_of_maps_;
  std::vector<std::string> complained_of_;
  std::vector<std::string> misspelt_;
};

class MapWriter {
 public:
  // Maps of T by name, where what is not said of one is as it is in `usual`.
  template <class T>
  void exceptions(std::string_view key, const std::map<Name, T>& values, const T& usual,
                  std::string_view /*description*/);

  template <class Notation>
  void field(std::string_view key, const typename Notation::Value& value, std::string_view /*description*/) {
    Node node = Notation::write(value);
    if (node.kind != Node::Kind::nothing) map_.add(std::string(key), std::move(node));
  }
  Node take() { return std::move(map_); }

 private:
  Node map_ = Node::map();
};

class MapSchema {
 public:
  template <class Notation>
  void field(std::string_view key, const typename Notation::Value& /*value*/, std::string_view description) {
    Node schema = Notation::schema();
    if constexpr (may_be_nothing<Notation>()) schema = or_nothing(std::move(schema));
    add(key, std::move(schema), description);
  }
  template <class T>
  void exceptions(std::string_view key, const std::map<Name, T>&, const T&, std::string_view description);
  void add(std::string_view key, Node schema, std::string_view description);
  void require(std::string_view key) { required_.items.push_back(Node::scalar(std::string(key), true)); }
  Node take();

 private:
  Node properties_ = Node::map();
  Node required_ = Node::list();
};

// The map without the entries that `defaults` has too.
Node without_defaults(Node map, const Node& defaults);

// T's keys are those that `fields(visitor, T&)` of language.h visits.
template <class T>
struct Struct {
  using Value = T;
  static constexpr bool of_maps = true;
  static constexpr bool nothing_is_none = true;
  static void read(const Node& node, Value& value, Reader& reader) {
    if (node.kind == Node::Kind::nothing) return;
    if (!node.is_map()) return reader.wrong(node, "a map");
    MapReader visitor(node, reader);
    fields(visitor, value);
    visitor.finish();
  }
  static Node write(const Value& value) { return write(value, T{}); }
  static Node write(const Value& value, const Value& usual) {
    return without_defaults(write_all(value), write_all(usual));
  }
  static Node schema() {
    MapSchema visitor;
    T value{};
    fields(visitor, value);
    return visitor.take();
  }

 private:
  static Node write_all(const Value& value) {
    MapWriter visitor;
    fields(visitor, const_cast<Value&>(value));  // a visitor that only reads
    return visitor.take();
  }
};

template <class T>
void MapReader::exceptions(std::string_view key, std::map<Name, T>& values, const T& usual, std::string_view) {
  keys_.emplace_back(key);
  const Node* node = node_.find(key);
  if (node == nullptr || node->kind == Node::Kind::nothing) return;
  const Reader::Step step(reader_, std::string(key));
  if (!node->is_map()) return reader_.wrong(*node, "a map");
  for (const Node::Entry& entry : node->entries) {
    if (is_repeated(*node, entry)) repeated_key(entry, reader_);
    const Reader::Step name(reader_, entry.key);
    Struct<T>::read(entry.value, values.insert_or_assign(entry.key, usual).first->second, reader_);
  }
}

template <class T>
void MapWriter::exceptions(std::string_view key, const std::map<Name, T>& values, const T& usual, std::string_view) {
  Node node = Node::map();
  for (const auto& [name, value] : values) node.add(name, Struct<T>::write(value, usual));
  map_.add(std::string(key), std::move(node));
}

template <class T>
void MapSchema::exceptions(std::string_view key, const std::map<Name, T>&, const T&, std::string_view description) {
  add(key, or_nothing(MapOf<Struct<T>>::schema()), description);
}

}  // namespace smalldb::scenarios::grammar
