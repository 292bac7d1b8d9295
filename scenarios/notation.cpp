#include "scenarios/notation.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "scenarios/scanner.h"

namespace smalldb::scenarios::notation {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

constexpr std::array<Unit, 6> duration_units = {{{"h", 3'600'000'000'000},
                                                 {"min", 60'000'000'000},
                                                 {"s", 1'000'000'000},
                                                 {"ms", 1'000'000},
                                                 {"us", 1'000},
                                                 {"ns", 1}}};
constexpr std::array<Unit, 4> size_units = {{{"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}, {"B", 1}}};

constexpr std::uint64_t size_max = 1ull << 50;

std::optional<std::uint64_t> duration_unit(std::string_view word) {
  for (const Unit& unit : duration_units) {
    if (word == unit.name) return unit.size;
  }
  if (word == "µs") return 1'000;
  if (word == "sec" || word == "second" || word == "seconds") return 1'000'000'000;
  if (word == "minute" || word == "minutes") return 60'000'000'000;
  if (word == "hour" || word == "hours") return 3'600'000'000'000;
  if (word == "d" || word == "day" || word == "days") return 24 * 3'600'000'000'000;
  return {};
}

std::optional<std::uint64_t> size_unit(std::string_view word) {
  for (const Unit& unit : size_units) {
    if (word == unit.name) return unit.size;
  }
  if (word == "kB" || word == "KB") return 1'000;
  if (word == "MB") return 1'000'000;
  if (word == "GB") return 1'000'000'000;
  if (word.empty() || word == "byte" || word == "bytes") return 1;
  return {};
}

// One or more numbers with units: 1h 30min.
std::optional<Duration> take_duration(Scanner& scanner, Sign sign) {
  Scanner ahead = scanner;
  const bool negative = sign == Sign::allowed && ahead.take_symbol("-");
  if (!negative && sign == Sign::allowed) ahead.take_symbol("+");
  std::uint64_t total = 0;
  bool any = false;
  for (;;) {
    Scanner part = ahead;
    const auto number = part.take_decimal();
    if (!number) break;
    const std::string_view word = part.take_letters();
    if (word.empty() && number->digits == 0 && !any) {  // 0 of anything is 0
      any = true;
      ahead = part;
      break;
    }
    const auto unit = duration_unit(word);
    if (!unit) break;
    const auto length = number->times(*unit, static_cast<std::uint64_t>(duration_max.nanoseconds) - total);
    if (!length) return {};
    total += *length;
    any = true;
    ahead = part;
  }
  if (!any) return {};
  scanner = ahead;
  return Duration{negative ? -static_cast<std::int64_t>(total) : static_cast<std::int64_t>(total)};
}

std::optional<std::uint64_t> take_size(Scanner& scanner) {
  Scanner ahead = scanner;
  const auto number = ahead.take_decimal();
  if (!number) return {};
  const auto unit = size_unit(ahead.take_letters());
  if (!unit) return {};
  const auto size = number->times(*unit, size_max);
  if (size) scanner = ahead;
  return size;
}

std::optional<sim::Ratio> ratio_of(std::uint64_t numerator, std::uint64_t denominator) {
  if (denominator == 0 || numerator > denominator) return {};
  const std::uint64_t common = std::gcd(numerator, denominator);
  numerator /= common;
  denominator /= common;
  if (denominator > 1'000'000'000) return {};
  return sim::Ratio{static_cast<std::uint32_t>(numerator), static_cast<std::uint32_t>(denominator)};
}

std::uint64_t power_of_ten(int exponent) {
  std::uint64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

std::optional<sim::Ratio> take_ratio(Scanner& scanner) {
  Scanner ahead = scanner;
  std::optional<sim::Ratio> ratio;
  if (ahead.take_word("never")) {
    ratio = sim::Ratio{0, 1};
  } else if (ahead.take_word("always")) {
    ratio = sim::Ratio{1, 1};
  } else if (const auto number = ahead.take_decimal()) {
    if (number->decimals > 9 || number->digits > 1'000'000'000'000) return {};
    if (ahead.take_symbol("/")) {
      const auto denominator = ahead.take_decimal();
      if (!denominator || denominator->decimals > 0 || number->decimals > 0) return {};
      ratio = ratio_of(number->digits, denominator->digits);
    } else if (ahead.take_symbol("%")) {
      ratio = ratio_of(number->digits, 100 * power_of_ten(number->decimals));
    } else {
      ratio = ratio_of(number->digits, power_of_ten(number->decimals));
    }
  }
  if (ratio) scanner = ahead;
  return ratio;
}

bool take_range_sign(Scanner& scanner) {
  return scanner.take_symbol("..") || scanner.take_word("to") || scanner.take_symbol("-");
}

struct Range {
  Duration least;
  Duration most;
};

std::optional<Range> take_range(Scanner& scanner) {
  Scanner ahead = scanner;
  const auto least = take_duration(ahead, Sign::none);
  if (!least) return {};
  Range range{*least, *least};
  if (take_range_sign(ahead)) {
    const auto most = take_duration(ahead, Sign::none);
    if (!most || *most < *least) return {};
    range.most = *most;
  }
  scanner = ahead;
  return range;
}

sim::Distribution even(Range range) {
  return range.least == range.most ? sim::constant(range.least) : sim::uniform(range.least, range.most);
}

// What follows `exponential`: a mean, then bounds.
std::optional<sim::Distribution> take_exponential(Scanner& scanner) {
  scanner.take_word("mean");
  const auto mean = take_duration(scanner, Sign::none);
  if (!mean) return {};
  Duration least, most;
  if (scanner.take_word("from")) {
    const auto bound = take_duration(scanner, Sign::none);
    if (!bound || *bound > *mean) return {};
    least = *bound;
  }
  scanner.take_word("up");
  if (scanner.take_word("to")) {
    const auto bound = take_duration(scanner, Sign::none);
    if (!bound || *bound < *mean || *bound == Duration{}) return {};
    most = *bound;
  }
  return sim::exponential(least, *mean, most);
}

std::optional<sim::Distribution> take_distribution(Scanner& scanner) {
  std::optional<sim::Distribution> usual;
  if (scanner.take_word("exponential")) {
    usual = take_exponential(scanner);
  } else if (scanner.take_word("pareto")) {
    const auto range = take_range(scanner);
    if (range && range->least > Duration{}) {
      usual = sim::pareto(range->least, range->most == range->least ? Duration{} : range->most);
    }
  } else {
    if (!scanner.take_word("uniform")) scanner.take_word("constant");
    const auto range = take_range(scanner);
    if (range) usual = even(*range);
  }
  if (!usual || scanner.done()) return usual;
  if (!scanner.take_symbol(",") && !scanner.take_word("and") && !scanner.take_word("with")) return {};
  const auto tail = take_ratio(scanner);
  if (!tail || tail->never()) return {};
  if (scanner.take_word("of")) scanner.take_word("them");
  const auto range = take_range(scanner);
  if (!range) return {};
  return sim::with_tail(*usual, *tail, range->least, range->most);
}

template <class Value>
std::optional<Value> whole(const Scanner& scanner, std::optional<Value> value, std::string& expected,
                           std::string_view what) {
  if (value && scanner.done()) return value;
  expected = what;
  return {};
}

// Whether one of the numbers with a unit in `text`, or several in a row, are more than `most` in all.
bool is_beyond(std::string_view text, std::optional<std::uint64_t> (*unit_of)(std::string_view), std::uint64_t most) {
  constexpr std::string_view digits = "0123456789";
  std::uint64_t left = most;
  for (std::size_t at; (at = text.find_first_of(digits)) != std::string_view::npos;) {
    if (text.substr(0, at).find_first_not_of(' ') != std::string_view::npos) left = most;  // not in a row
    text.remove_prefix(at);
    Scanner ahead(text);
    const bool is_huge = is_beyond_numbers(text);
    const auto number = ahead.take_decimal();
    if (number) {
      text = ahead.rest();
    } else {
      text.remove_prefix(std::min(text.find_first_not_of("0123456789._"), text.size()));
      ahead = Scanner(text);
    }
    const auto unit = unit_of(ahead.take_letters());
    if (!unit || (!number && !is_huge)) continue;
    const std::uint64_t whole = number ? number->digits / power_of_ten(number->decimals) : 0;
    if (is_huge || whole > left / *unit) return true;
    left -= whole * *unit;
    text = ahead.rest();
  }
  return false;
}

// Whether a number in `text` has a unit above those that there are.
bool has_unit_beyond(std::string_view text) {
  const std::size_t end = text.find_last_of("0123456789");
  return end != std::string_view::npos && is_unit_beyond(Scanner(text.substr(end + 1)).take_letters());
}

}  // namespace

bool is_unit_beyond(std::string_view word) {
  return word.size() >= 2 && word.size() <= 3 &&
         std::string_view("TPEZYtpezy").find(word[0]) != std::string_view::npos &&
         (word.substr(1) == "iB" || word.substr(1) == "B");
}

bool is_beyond_numbers(std::string_view text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789_"), text.size());
  const bool has_digits = end > 0 && text.front() != '_';
  return has_digits && !Scanner(text.substr(0, end)).take_decimal() && text[end - 1] != '_';
}

std::string form_or_longest(std::string_view text, std::string_view form) {
  const bool is_too_long = is_beyond(text, duration_unit, static_cast<std::uint64_t>(duration_max.nanoseconds));
  return is_too_long ? "a length of time up to " + write_duration(duration_max) : std::string(form);
}

std::string form_or_largest(std::string_view text, std::string_view form) {
  if (is_beyond(text, size_unit, size_max)) return "a size up to " + write_size(size_max);
  return has_unit_beyond(text) ? "a size in B, KiB, MiB or GiB, kB, MB or GB: there is no larger unit"
                               : std::string(form);
}

std::optional<Duration> read_duration(std::string_view text, std::string& expected, Sign sign) {
  Scanner scanner(text);
  const auto duration = take_duration(scanner, sign);
  return whole(scanner, duration, expected,
               form_or_longest(text, sign == Sign::allowed ? "a duration, as 100ms, 1.5s, 2 min or -20ms"
                                                           : "a duration, as 100ms, 1.5s or 2 min"));
}

std::string write_duration(Duration duration) {
  if (duration.nanoseconds == 0) return "0s";
  const bool negative = duration.nanoseconds < 0;
  const auto length = static_cast<std::uint64_t>(negative ? -duration.nanoseconds : duration.nanoseconds);
  for (const Unit& unit : duration_units) {
    if (length % unit.size == 0)
      return (negative ? "-" : "") + std::to_string(length / unit.size) + std::string(unit.name);
  }
  return {};
}

std::optional<std::uint64_t> read_size(std::string_view text, std::string& expected) {
  Scanner scanner(text);
  const auto size = take_size(scanner);
  return whole(scanner, size, expected, form_or_largest(text, "a size, as 512, 4 KiB or 1.5 MiB"));
}

std::string write_size(std::uint64_t size) {
  for (const Unit& unit : size_units) {
    if (size != 0 && size % unit.size == 0 && unit.size > 1)
      return std::to_string(size / unit.size) + std::string(unit.name);
  }
  return std::to_string(size);
}

std::optional<std::uint64_t> read_bandwidth(std::string_view text, std::string& expected) {
  Scanner scanner(text);
  auto size = take_size(scanner);
  if (size && *size != 0 && !(scanner.take_symbol("/") && scanner.take_word("s"))) size.reset();
  return whole(scanner, size, expected, form_or_largest(text, "a bandwidth, as 10 MiB/s, or 0 for no bound"));
}

std::string write_bandwidth(std::uint64_t bytes_a_second) {
  return bytes_a_second == 0 ? "0" : write_size(bytes_a_second) + "/s";
}

std::optional<sim::Ratio> read_ratio(std::string_view text, std::string& expected) {
  Scanner scanner(text);
  const auto ratio = take_ratio(scanner);
  return whole(scanner, ratio, expected, "a ratio from 0 to 1, as 1/50, 2 % or 0.02");
}

std::string write_ratio(sim::Ratio ratio) {
  if (ratio.numerator == 0) return "0";
  if (ratio.numerator == ratio.denominator) return "1";
  return std::to_string(ratio.numerator) + "/" + std::to_string(ratio.denominator);
}

std::optional<std::int64_t> read_drift(std::string_view text, std::string& expected) {
  constexpr std::uint64_t billion = 1'000'000'000;
  constexpr std::uint64_t most = 900'000'000;  // a clock that nearly stands still is slow enough
  Scanner scanner(text);
  const bool negative = scanner.take_symbol("-");
  if (!negative) scanner.take_symbol("+");
  std::optional<std::int64_t> drift;
  Scanner parts = scanner;
  const auto number = parts.take_decimal();
  if (number && (parts.take_word("ppm") || parts.take_word("ppb"))) {
    const bool millionths = scanner.rest().find("ppm") != std::string_view::npos;
    const auto billionths = number->times(millionths ? 1000 : 1, most);
    if (billionths) drift = static_cast<std::int64_t>(*billionths);
    scanner = parts;
  } else if (const auto ratio = take_ratio(scanner)) {
    const std::uint64_t scaled = billion * ratio->numerator;
    if (scaled % ratio->denominator == 0 && scaled / ratio->denominator <= most) {
      drift = static_cast<std::int64_t>(scaled / ratio->denominator);
    }
  }
  if (drift && negative) drift = -*drift;
  return whole(scanner, drift, expected, "a drift up to 9/10, as 100 ppm, -50 ppb or 1/1000");
}

std::string write_drift(std::int64_t billionths) {
  if (billionths == 0) return "0";
  if (billionths % 1000 == 0) return std::to_string(billionths / 1000) + " ppm";
  return std::to_string(billionths) + " ppb";
}

std::optional<sim::Distribution> read_distribution(std::string_view text, std::string& expected) {
  Scanner scanner(text);
  const auto distribution = take_distribution(scanner);
  return whole(
      scanner, distribution, expected,
      form_or_longest(text,
                      "a distribution, as 5ms, 1ms..5ms, exponential 2ms, pareto 1ms..10s or \"1ms..5ms, 1/100 of "
                      "them 50ms..90ms\""));
}

std::string write_distribution(const sim::Distribution& distribution) {
  using Shape = sim::Distribution::Shape;
  const auto range = [](Duration least, Duration most) {
    return least == most ? write_duration(least) : write_duration(least) + ".." + write_duration(most);
  };
  std::string text;
  switch (distribution.shape) {
    case Shape::constant: text = write_duration(distribution.least); break;
    case Shape::uniform: text = range(distribution.least, distribution.most); break;
    case Shape::exponential:
      text = "exponential " + write_duration(distribution.mean);
      if (distribution.least != Duration{}) text += " from " + write_duration(distribution.least);
      if (distribution.most != Duration{}) text += " up to " + write_duration(distribution.most);
      break;
    case Shape::pareto:
      text = "pareto " +
             range(distribution.least, distribution.most == Duration{} ? distribution.least : distribution.most);
      break;
  }
  if (!distribution.tail.never()) {
    text +=
        ", " + write_ratio(distribution.tail) + " of them " + range(distribution.tail_least, distribution.tail_most);
  }
  return text;
}

std::optional<sim::Distribution> read_rate(std::string_view text, std::string& expected) {
  Scanner scanner(text);
  const bool exponential = scanner.take_word("exponential");
  std::optional<sim::Distribution> interval;
  const auto number = scanner.take_decimal();
  if (number && number->digits > 0 && number->decimals < 9 && (scanner.take_symbol("/") || scanner.take_word("per"))) {
    const auto unit = duration_unit(scanner.take_letters());
    if (unit) {
      const std::uint64_t length = *unit * power_of_ten(number->decimals) / number->digits;
      const Duration mean = nanoseconds(static_cast<std::int64_t>(length));
      if (length > 0 && mean <= duration_max) interval = exponential ? sim::exponential({}, mean) : sim::constant(mean);
    }
  }
  const bool is_too_high = !interval && (is_beyond_numbers(text) || (number && number->digits >= 1'000'000'000));
  return whole(scanner, interval, expected,
               is_too_high ? "a rate up to 1000000000/s" : "a rate, as 100/s, 6000/min or exponential 100/s");
}

std::optional<std::uint64_t> read_count(std::string_view text, std::string& expected, std::uint64_t most) {
  Scanner scanner(text);
  std::optional<std::uint64_t> count;
  if (const auto number = scanner.take_decimal()) count = number->times(1, most);
  expected = most == ~0ull ? "a whole number" : "a whole number up to " + std::to_string(most);
  return whole(scanner, count, expected, std::string(expected));
}

std::uint64_t read_ordinal(std::string_view word) {
  constexpr std::array<std::string_view, 10> words = {"first", "second",  "third",  "fourth", "fifth",
                                                      "sixth", "seventh", "eighth", "ninth",  "tenth"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (word == words[i]) return i + 1;
  }
  Scanner scanner(word);
  const auto number = scanner.take_decimal();
  if (!number || number->decimals > 0) return 0;
  const std::string_view ending = scanner.take_letters();
  const bool ordinal = ending.empty() || ending == "st" || ending == "nd" || ending == "rd" || ending == "th";
  return ordinal && scanner.done() ? number->digits : 0;
}

std::string write_ordinal(std::uint64_t nth) {
  const std::uint64_t tens = nth / 10 % 10;
  const char* ending = tens == 1 ? "th" : nth % 10 == 1 ? "st" : nth % 10 == 2 ? "nd" : nth % 10 == 3 ? "rd" : "th";
  return std::to_string(nth) + ending;
}

bool is_name(std::string_view text) {
  Scanner scanner(text);
  const bool is_ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return is_ascii && !text.empty() && text.size() <= 40 && scanner.take_name().size() == text.size();
}

}  // namespace smalldb::scenarios::notation
