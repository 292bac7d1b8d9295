#include "scenarios/language.h"

namespace smalldb::scenarios::grammar {

void Rate::read(const Node& node, Value& value, Reader& reader) {
  std::string expected;
  std::optional<sim::Distribution> interval;
  if (node.is_scalar() && node.text.starts_with("every ")) {
    interval = notation::read_distribution(std::string_view(node.text).substr(6), expected);
  } else if (node.is_scalar()) {
    interval = notation::read_rate(node.text, expected);
  }
  if (interval)
    value = *interval;
  else
    reader.wrong(node,
                 expected.find(" up to ") != std::string::npos
                     ? expected
                     : "a rate, as 100/s, 6000/min, exponential 100/s or every 5ms..20ms",
                 nearest_word_of("rate", node.text));
}

Node Rate::write(const Value& value) {
  constexpr std::int64_t second = seconds(1).nanoseconds;
  const std::int64_t length = value.least.nanoseconds;
  if (value.shape == sim::Distribution::Shape::constant && value.tail.never() && length > 0 && second % length == 0) {
    return Node::scalar(std::to_string(second / length) + "/s");
  }
  return Node::scalar("every " + notation::write_distribution(value));
}

void UntilValue::read(const Node& node, Value& value, Reader& reader) {
  std::string ignored;
  if (node.is_scalar() && node.text == "quiet") {
    value.until = End::Until::quiet;
    return;
  }
  if (node.is_scalar() && node.text.ends_with(" operations")) {
    const auto count = notation::read_count(std::string_view(node.text).substr(0, node.text.size() - 11), ignored);
    if (count && *count > 0) {
      value.until = End::Until::operations;
      value.operations = *count;
      return;
    }
  } else if (node.is_scalar()) {
    if (const auto at = read_time(node.text, ignored); at && *at > sim::Time{}) {
      value.until = End::Until::time;
      value.at = *at;
      return;
    }
  }
  const std::string form = "quiet, a time as 30s, or as 100 operations";
  const bool is_count = node.text.ends_with(" operations") && notation::is_beyond_numbers(node.text);
  reader.wrong(node, is_count ? "a number of operations below 2^64" : notation::form_or_longest(node.text, form),
               node.is_scalar() ? nearest_word(node.text, {"quiet"}) : "");
}

Node UntilValue::write(const Value& value) {
  switch (value.until) {
    case End::Until::quiet: return Node::scalar("quiet");
    case End::Until::time: return TimeText::write(value.at);
    case End::Until::operations: return Node::scalar(std::to_string(value.operations) + " operations");
  }
  return {};
}

}  // namespace smalldb::scenarios::grammar
