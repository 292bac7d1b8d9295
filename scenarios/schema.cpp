#include "scenarios/schema.h"

#include "scenarios/language.h"

namespace smalldb::scenarios {

namespace {

using grammar::text_schema;

Node matching(std::string_view pattern, std::string_view description) {
  Node node = text_schema(description);
  node.add("pattern", Node::scalar(std::string(pattern), true));
  return node;
}

// What the notations of notation.h look like. Patterns are for an editor's first opinion; the loader has the last word.
Node definitions() {
  const std::string number = "[0-9][0-9_]*(\\.[0-9]+)?";
  const std::string length = "(" + number + " ?(ns|us|µs|ms|s|sec|seconds?|min|minutes?|h|hours?|d|days?) ?)+";
  const std::string ratio = "(never|always|[0-9]+ ?/ ?[0-9]+|" + number + " ?%?)";
  const std::string size = number + " ?(B|KiB|MiB|GiB|kB|KB|MB|GB|bytes?)?";
  Node node = Node::map();
  node.add("name", matching("^[A-Za-z][A-Za-z0-9_.-]{0,39}$", "A name."));
  node.add("duration", matching("^(0|" + length + ")$", "A length of time: 100ms, 1.5s, 2 min."));
  node.add("signed_duration", matching("^[-+]?(0|" + length + ")$", "A length of time, ahead or behind: 20ms, -1.5s."));
  node.add("size", matching("^" + size + "$", "Bytes: 512, 4 KiB, 1.5 MiB."));
  node.add("size_range",
           matching("^" + size + "((\\.\\.| to )" + size + ")?$", "A size or a range: 100, 16..64, 1 KiB..4 KiB."));
  node.add("bandwidth", matching("^(0|" + size + " ?/ ?s)$", "Bytes a second: 10 MiB/s; 0 is no bound."));
  node.add("ratio", matching("^" + ratio + "$", "From 0 to 1: 1/50, 2 %, 0.02."));
  node.add("drift", matching("^[-+]?" + ratio + "( ?(ppm|ppb))?$", "100 ppm, -50 ppb, 1/1000."));
  node.add("rate", matching("^((exponential )?" + number + " ?(/|per) ?[a-z]+|every .+)$",
                            "100/s, 6000/min, exponential 100/s, every 5ms..20ms."));
  node.add("links", matching("->|<>", "a -> b (one way), a <-> b (both), a, b -> c1, all -> b."));
  node.add("skew", matching("^(uniform|zipf|(hot )?.+ on .+)$", "uniform, zipf, or 80 % on 20 % of the keys."));
  node.add("step", matching("^(get|put|delete|wait) ",
                            "get x; put x=1; delete x if exists; wait 100ms; wait until b goes live."));
  node.add("time_or_range",
           matching("^(0|" + length + ")((\\.\\.| to )" + length + ")?$", "1.5s, or a range: 1s..2s."));
  node.add("times", text_schema("So many times: 5, or 5 times."));
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
  node.add("occurrence", text_schema(phrases + "."));

  Node text = matching(
      "^.+$",
      "5ms; 1ms..5ms; exponential 2ms from 1ms up to 50ms; pareto 1ms..10s; \"1ms..5ms, 1/100 of them 50ms..90ms\".");
  Node map = Node::map();
  map.add("type", Node::scalar("object", true));
  map.add("maxProperties", Node::scalar("1"));
  Node distribution = Node::map();
  distribution.add("anyOf", Node::list({std::move(text), std::move(map)}));
  node.add("distribution", std::move(distribution));
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
  for (Node::Entry& entry : grammar::Struct<Scenario>::schema().entries) schema.entries.push_back(entry);
  schema.add("required", Node::list({Node::scalar("why", true)}));
  schema.add("definitions", definitions());
  return write_json(schema);
}

}  // namespace smalldb::scenarios
