#include "scenarios/schema.h"

#include "scenarios/language.h"

namespace smalldb::scenarios {

namespace {

using grammar::MapSchema;

enum class Numbers { none, zero, share, any };  // of those without a unit: what the notation takes

Node matching(std::string_view pattern, std::string_view description, Numbers numbers = Numbers::none) {
  Node text = Node::map();
  text.add("type", Node::scalar("string", true));
  text.add("pattern", Node::scalar(std::string(pattern), true));
  if (numbers == Numbers::none) {
    text.add("description", Node::scalar(std::string(description), true));
    return text;
  }
  Node number = Node::map();
  if (numbers == Numbers::zero) number.add("const", Node::scalar("0"));
  if (numbers == Numbers::any) number.add("type", Node::scalar("number", true));
  if (numbers == Numbers::share) {
    number.add("type", Node::scalar("number", true));
    number.add("minimum", Node::scalar("0"));
    number.add("maximum", Node::scalar("1"));
  }
  Node node = Node::map();
  node.add("anyOf", Node::list({std::move(text), std::move(number)}));
  node.add("description", Node::scalar(std::string(description), true));
  return node;
}

// The shapes of a distribution as keys of a map.
Node distribution_map() {
  MapSchema schema;
  const Node length = grammar::reference("duration");
  Node pair = Node::map();
  pair.add("type", Node::scalar("array", true));
  pair.add("items", length);
  pair.add("minItems", Node::scalar("2"));
  pair.add("maxItems", Node::scalar("2"));
  Node text = Node::map();
  text.add("type", Node::scalar("string", true));
  const auto add = [&](const char* shape, std::vector<Node> forms, const char* description) {
    Node either = Node::map();
    either.add("anyOf", Node::list(std::move(forms)));
    schema.add(shape, std::move(either), description);
  };
  add("constant", {length}, "Always this: 5ms.");
  add("uniform", {pair, text}, "Evenly from one to the other: [1ms, 5ms].");
  add("exponential", {length, text}, "Memoryless, so long in the mean: 2ms.");
  add("pareto", {pair, text}, "Twice as long half as often: [1ms, 10s].");
  Node map = schema.take();
  map.add("minProperties", Node::scalar("1"));
  map.add("maxProperties", Node::scalar("1"));
  return map;
}

// What the notations of notation.h look like. Patterns are for an editor's first opinion; the loader has the last word.
Node definitions() {
  const std::string number = "[0-9][0-9_]*(\\.[0-9]+)?";
  const std::string length = "(" + number + " ?(ns|us|µs|ms|s|sec|seconds?|min|minutes?|h|hours?|d|days?) ?)+";
  const std::string ratio = "(never|always|[0-9]+ ?/ ?[0-9]+|" + number + " ?%?)";
  const std::string size = number + " ?(B|KiB|MiB|GiB|kB|KB|MB|GB|bytes?)?";
  Node node = Node::map();
  node.add("name", matching("^[A-Za-z][A-Za-z0-9_.-]{0,39}$", "A name."));
  node.add("duration", matching("^(0|" + length + ")$", "A length of time: 100ms, 1.5s, 2 min.", Numbers::zero));
  node.add("signed_duration",
           matching("^[-+]?(0|" + length + ")$", "A length of time, ahead or behind: 20ms, -1.5s.", Numbers::zero));
  node.add("size", matching("^" + size + "$", "Bytes: 512, 4 KiB, 1.5 MiB.", Numbers::any));
  node.add("size_range", matching("^" + size + "((\\.\\.| to )" + size + ")?$",
                                  "A size or a range: 100, 16..64, 1 KiB..4 KiB.", Numbers::any));
  node.add("bandwidth",
           matching("^(0|" + size + " ?/ ?s)$", "Bytes a second: 10 MiB/s; 0 is no bound.", Numbers::zero));
  node.add("ratio", matching("^" + ratio + "$", "From 0 to 1: 1/50, 2 %, 0.02.", Numbers::share));
  node.add("drift", matching("^[-+]?" + ratio + "( ?(ppm|ppb))?$", "100 ppm, -50 ppb, 1/1000.", Numbers::any));
  node.add("rate", matching("^((exponential )?" + number + " ?(/|per) ?[a-z]+|every .+)$",
                            "100/s, 6000/min, exponential 100/s, every 5ms..20ms."));
  node.add("links", matching("->|<>", "a -> b (one way), a <-> b (both), a, b -> c1, all -> b."));
  node.add("skew", matching("^(uniform|zipf|(hot )?.+ on .+)$", "uniform, zipf, or 80 % on 20 % of the keys."));
  node.add("step", matching("^([Gg][Ee][Tt]|[Pp][Uu][Tt]|[Dd][Ee][Ll][Ee][Tt][Ee]|[Ww][Aa][Ii][Tt]) ",
                            "get x; put x=1; delete x if exists; wait 100ms; wait until b goes live."));
  node.add("time_or_range",
           matching("^(0|" + length + ")((\\.\\.| to )" + length + ")?$", "1.5s, or a range: 1s..2s.", Numbers::zero));
  node.add("times", matching("^[0-9_]+ times$", "So many times: 5, or 5 times; at most 10000.", Numbers::any));
  node.add("until", matching("^(quiet|[0-9]+ operations|" + length + ")$", "quiet, a time, or 100 operations."));

  const auto described = [&](const char* name, const char* definition, const char* description) {
    Node wrapped = Node::map();
    wrapped.add("allOf", Node::list({grammar::reference(definition)}));
    wrapped.add("description", Node::scalar(description, true));
    node.add(name, std::move(wrapped));
  };
  described("schedule_at", "time_or_range", "Once, at this time, or some time within a range of times.");
  described("schedule_every", "duration", "Again and again, with this time between, within from and to.");
  described("schedule_randomly", "times", "So many times, at times drawn within from and to.");
  described("schedule_when", "occurrence", "At an occurrence: before b receives record 3.");
  described("schedule_from", "duration", "Not before this time.");
  described("schedule_to", "duration", "Not after this time.");
  described("schedule_later", "duration", "So much later than what `when` says.");
  described("schedule_count", "times", "The first so many times that it occurs.");

  std::string phrases = "before, after or when, and one of: ";
  bool first = true;
  for (const OccurrenceDescription& known : occurrence_descriptions()) {
    phrases += (first ? "" : "; ") + known.phrase;
    first = false;
  }
  node.add("occurrence", matching("[A-Za-z]", phrases + "."));

  const std::string span = "(0 ?|" + length + ")", within = span + "((\\.\\.|to|-) *" + span + ")?";
  const std::string usual = "((uniform |constant )?" + within + "|exponential (mean )?" + span + "(from " + span +
                            ")?(up )?(to " + span + ")?|pareto " + within + ")";
  const std::string tail = "( ?(,|and|with) ?" + ratio + " ?(of )?(them )?" + within + ")?";
  const char* const forms =
      "5ms; 1ms..5ms; exponential 2ms from 1ms up to 50ms; pareto 1ms..10s; \"1ms..5ms, 1/100 of them 50ms..90ms\".";
  const auto distribution = [&](const std::string& text, Numbers numbers) {
    Node either = Node::map();
    either.add("anyOf", Node::list({matching(text, forms, numbers), distribution_map()}));
    return either;
  };
  node.add("distribution", distribution("^" + usual + tail + "$", Numbers::zero));
  node.add("length", distribution("^(?!0(\\.0+)? ?[a-z]*$)" + usual + tail + "$", Numbers::none));
  node.add("fault", grammar::FaultItem::definition());
  node.add("operator_action", grammar::OperatorItem::definition());
  return node;
}

}  // namespace

std::string schema_text() {
  Node schema = Node::map();
  schema.add("$schema", Node::scalar("http://json-schema.org/draft-07/schema#", true));
  schema.add("title", Node::scalar("smalldb-sim scenario", true));
  schema.add("description",
             Node::scalar("A story for the store: what runs, what goes wrong, and what must come of it.", true));
  Node parts = grammar::Struct<Scenario>::schema();
  for (Node::Entry& entry : parts.entries) {
    if (entry.key != "properties") continue;
    for (Node::Entry& part : entry.value.entries) {
      if (part.key == "why") part.value.add("pattern", Node::scalar("\\S", true));
    }
  }
  for (Node::Entry& entry : parts.entries) schema.entries.push_back(std::move(entry));
  schema.add("required", Node::list({Node::scalar("why", true)}));
  schema.add("definitions", definitions());
  return write_json(schema);
}

}  // namespace smalldb::scenarios
