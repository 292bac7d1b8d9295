#include "scenarios/grammar.h"

#include <algorithm>

namespace smalldb::scenarios::grammar {

namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Node typed(std::string_view type) {
  Node node = Node::map();
  node.add("type", Node::scalar(std::string(type), true));
  return node;
}

Node any_of(std::vector<Node> alternatives) {
  Node node = Node::map();
  node.add("anyOf", Node::list(std::move(alternatives)));
  return node;
}

bool is_beginning(const Reader::Path& beginning, const Reader::Path& path) {
  return beginning.size() <= path.size() && std::equal(beginning.begin(), beginning.end(), path.begin());
}

// Whether it is two lengths of time, the longer first.
bool is_turned_round(const Node& list) {
  std::string ignored;
  if (list.items.size() != 2) return false;
  const auto first = notation::read_duration(list.items[0].text, ignored);
  const auto second = notation::read_duration(list.items[1].text, ignored);
  return first && second && *second < *first;
}

}  // namespace

void Reader::wrong(const std::vector<std::string>& keys, Place place, std::string found, std::string expected,
                   std::string nearest) {
  for (const std::string& key : keys) {
    unread_.push_back(path_);
    unread_.back().push_back(key);
  }
  complain(place, std::move(found), std::move(expected), std::move(nearest));
}

bool Reader::has_read(const Path& path) const {
  return std::none_of(unread_.begin(), unread_.end(),
                      [&](const Path& unread) { return is_beginning(unread, path) || is_beginning(path, unread); });
}

Node text_schema(std::string_view description) {
  Node node = Node::map();
  node.add("type",
           Node::list({Node::scalar("string", true), Node::scalar("number", true), Node::scalar("boolean", true)}));
  if (!description.empty()) node.add("description", Node::scalar(std::string(description), true));
  return node;
}

Node or_nothing(Node schema) {
  const bool is_choice = schema.entries.size() == 1 && schema.entries[0].key == "anyOf";
  if (is_choice) {
    schema.entries[0].value.items.push_back(typed("null"));
    return schema;
  }
  return any_of({std::move(schema), typed("null")});
}

Node reference(std::string_view definition) {
  Node node = Node::map();
  node.add("$ref", Node::scalar("#/definitions/" + std::string(definition), true));
  return node;
}

std::optional<Duration> read_plain_duration(std::string_view text, std::string& expected) {
  return notation::read_duration(text, expected, notation::Sign::none);
}

std::optional<Duration> read_signed_duration(std::string_view text, std::string& expected) {
  return notation::read_duration(text, expected, notation::Sign::allowed);
}

std::optional<sim::Time> read_time(std::string_view text, std::string& expected) {
  const auto since_start = notation::read_duration(text, expected);
  if (!since_start) {
    expected = notation::form_or_longest(text, "a time since the start, as 1.5s or 2 min");
    return {};
  }
  return sim::Time{since_start->nanoseconds};
}

std::string write_time(sim::Time time) { return notation::write_duration({time.nanoseconds}); }

std::optional<std::uint32_t> read_small_size(std::string_view text, std::string& expected) {
  const auto size = notation::read_size(text, expected);
  if (size && *size <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(*size);
  expected = "a size below 4 GiB, as 512, 4 KiB or 1.5 MiB";
  return {};
}

std::string write_small_size(std::uint32_t size) { return notation::write_size(size); }

std::optional<Occurrence> read_occurrence_text(std::string_view text, std::string& expected) {
  return read_occurrence(text, expected);
}

std::string write_occurrence_text(const Occurrence& occurrence) { return to_text(occurrence); }

void DistributionValue::read(const Node& node, Value& value, Reader& reader) {
  std::string expected;
  std::optional<sim::Distribution> parsed;
  if (node.is_scalar()) {
    parsed = notation::read_distribution(node.text, expected);
  } else if (node.is_map() && node.entries.size() == 1) {
    // {exponential: 2ms}, {uniform: [1ms, 5ms]}: the same words, split by YAML.
    const Node::Entry& only = node.entries[0];
    static const std::vector<std::string> shapes = {"constant", "uniform", "exponential", "pareto"};
    if (!contains(shapes, only.key)) {
      return reader.wrong(only.place, "the key " + quoted(only.key), one_of(shapes), nearest_word(only.key, shapes));
    }
    std::string text = only.key;
    if (only.value.is_scalar()) text += " " + only.value.text;
    if (only.value.is_list() && only.value.items.size() == 2) {
      text += " " + only.value.items[0].text + ".." + only.value.items[1].text;
    }
    parsed = notation::read_distribution(text, expected);
    if (!parsed && only.value.is_list() && is_turned_round(only.value)) {
      return reader.wrong(only.value.place,
                          quoted(only.value.items[0].text) + " before " + quoted(only.value.items[1].text),
                          "the shorter of the two first");
    }
    if (!parsed) {
      const std::string form = only.key == "uniform" || only.key == "pareto" ? "two lengths of time, as [1ms, 5ms]"
                                                                             : "a length of time, as 5ms";
      return reader.wrong(only.value, notation::form_or_longest(text, form));
    }
  } else {
    (void)notation::read_distribution("", expected);
  }
  if (parsed)
    value = *parsed;
  else
    reader.wrong(node, expected, nearest_word_of("distribution", node.text));
}

Node DistributionValue::write(const Value& value) { return Node::scalar(notation::write_distribution(value)); }

Node DistributionValue::schema() { return reference("distribution"); }

void Flag::read(const Node& node, Value& value, Reader& reader) {
  if (node.is_scalar() && (node.text == "on" || node.text == "yes" || node.text == "true"))
    value = true;
  else if (node.is_scalar() && (node.text == "off" || node.text == "no" || node.text == "false"))
    value = false;
  else
    reader.wrong(node, "on or off",
                 node.is_scalar() ? nearest_word(node.text, {"off", "no", "on", "yes", "true", "false"}) : "");
}

Node Flag::write(const Value& value) { return Node::scalar(value ? "on" : "off"); }

Node Flag::schema() {
  // An editor's YAML may take on and off for true and false, or for the words.
  Node node = Node::map();
  Node words = Node::list({Node::scalar("true"), Node::scalar("false")});
  for (const char* word : {"on", "off", "yes", "no"}) words.items.push_back(Node::scalar(word, true));
  node.add("enum", std::move(words));
  return node;
}

void AnyText::read(const Node& node, Value& value, Reader& reader) {
  if (node.is_scalar()) {
    value = node.text;
    while (!value.empty() && (value.back() == '\n' || value.back() == ' ')) value.pop_back();
  } else {
    reader.wrong(node, "a text");
  }
}

Node AnyText::write(const Value& value) { return Node::scalar(value, value.empty()); }

Node AnyText::schema() { return text_schema({}); }

void NameText::read(const Node& node, Value& value, Reader& reader) {
  if (node.is_scalar() && notation::is_name(node.text))
    value = node.text;
  else if (node.is_scalar() && node.text.find(',') != std::string::npos)
    reader.wrong(node, "a name, or where there may be several a list of them, as [a, b]");
  else
    reader.wrong(node, "a name: a letter, then letters, digits, _, - or ., at most 40");
}

Node NameText::write(const Value& value) { return Node::scalar(value); }

Node NameText::schema() { return reference("name"); }

void NamesOrAll::read(const Node& node, Value& value, Reader& reader) {
  if (node.is_scalar() && node.text == "all")
    value.clear();
  else if (node.is_scalar() || !node.items.empty())
    ListOf<NameText>::read(node, value, reader);
  else
    reader.wrong(node, "a name, a list of names, or all");
}

Node NamesOrAll::write(const Value& value) {
  if (value.empty()) return Node::scalar("all");
  return value.size() == 1 ? NameText::write(value[0]) : ListOf<NameText>::write(value);
}

Node NamesOrAll::schema() { return ListOf<NameText>::schema(); }

void LinksOrAll::read(const Node& node, Value& value, Reader& reader) {
  if (node.is_scalar() && node.text == "all")
    value.clear();
  else if (node.is_scalar() || !node.items.empty())
    ListOf<LinksText>::read(node, value, reader);
  else
    reader.wrong(node, "links as a -> b, a list of them, or all");
}

Node LinksOrAll::write(const Value& value) {
  if (value.empty()) return Node::scalar("all");
  return value.size() == 1 ? LinksText::write(value[0]) : ListOf<LinksText>::write(value);
}

Node LinksOrAll::schema() {
  Node all = Node::map();
  all.add("const", Node::scalar("all", true));
  return any_of({std::move(all), ListOf<LinksText>::schema()});
}

void repeated_key(const Node::Entry& entry, Reader& reader) {
  reader.wrong({entry.key}, entry.place, "the key " + quoted(entry.key) + " again", "each key once");
}

bool is_repeated(const Node& map, const Node::Entry& entry) { return map.find(entry.key) != &entry.value; }

void MapReader::finish() {
  for (const Node::Entry& entry : node_.entries) {
    if (is_repeated(node_, entry)) {
      repeated_key(entry, reader_);
    } else if (!contains(keys_, entry.key) && !contains(complained_of_, entry.key)) {
      unknown_key(entry);
    }
  }
}

void MapReader::unknown_key(const Node::Entry& entry) {
  const std::string nearest = nearest_word(entry.key, keys_);
  // If none is near it may stand for any key that is not said and can have such a value.
  std::vector<std::string> meant;
  for (const std::string& key : keys_) {
    const bool fits = !entry.value.is_scalar() || !contains(keys_of_maps_, key);
    if (nearest.empty() ? node_.find(key) == nullptr && fits : key == nearest) meant.push_back(key);
  }
  if (!nearest.empty()) misspelt_.push_back(nearest);
  if (entry.key == "<<") {  // whatever it stands for
    return reader_.wrong(meant, entry.place, "a merge key, \"<<\"",
                         "each key written out: an alias stands for a whole value, and nothing is merged");
  }
  reader_.wrong(meant, entry.place, "the key " + quoted(entry.key), one_of(keys_), nearest);
}

bool MapReader::is_misspelt(std::string_view key) const {
  return std::find(misspelt_.begin(), misspelt_.end(), key) != misspelt_.end();
}

void MapSchema::add(std::string_view key, Node schema, std::string_view description) {
  // A description beside a reference is not seen by all; one that wraps it is.
  const bool wraps = schema.find("$ref") != nullptr && !description.empty();
  Node described = wraps ? Node::map() : schema;
  if (wraps) described.add("allOf", Node::list({std::move(schema)}));
  if (!description.empty() && described.find("description") == nullptr) {
    described.add("description", Node::scalar(std::string(description), true));
  }
  properties_.add(std::string(key), std::move(described));
}

Node MapSchema::take() {
  Node node = typed("object");
  node.add("additionalProperties", Node::scalar("false"));
  if (!required_.items.empty()) node.add("required", std::move(required_));
  node.add("properties", std::move(properties_));
  return node;
}

Node without_defaults(Node map, const Node& defaults) {
  std::erase_if(map.entries, [&](const Node::Entry& entry) {
    const Node* usual = defaults.find(entry.key);
    return usual != nullptr && same(*usual, entry.value);
  });
  return map;
}

}  // namespace smalldb::scenarios::grammar
