#include "scenarios/scanner.h"

#include <algorithm>

namespace smalldb::scenarios {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.'; }
constexpr int decimals_max = 18;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result) letter = lower(letter);
  return result;
}

std::optional<std::uint64_t> Decimal::times(std::uint64_t unit, std::uint64_t most) const {
  __extension__ typedef unsigned __int128 Wide;
  Wide value = static_cast<Wide>(digits) * unit;
  Wide divisor = 1;
  for (int i = 0; i < decimals; ++i) divisor *= 10;
  if (value % divisor != 0) return {};
  value /= divisor;
  if (value > most) return {};
  return static_cast<std::uint64_t>(value);
}

void Scanner::skip_spaces() {
  while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == '\n'))
    rest_.remove_prefix(1);
}

std::string_view Scanner::take_letters() {
  std::size_t length = 0;
  while (length < rest_.size() && is_letter(rest_[length])) ++length;
  const std::string_view taken = rest_.substr(0, length);
  rest_.remove_prefix(length);
  skip_spaces();
  return taken;
}

bool Scanner::take_word(std::string_view word) {
  Scanner ahead = *this;
  const std::string_view letters = ahead.take_letters();
  const bool equal = std::equal(letters.begin(), letters.end(), word.begin(), word.end(),
                                [](char a, char b) { return lower(a) == b; });
  if (equal) *this = ahead;
  return equal;
}

bool Scanner::take_symbol(std::string_view symbol) {
  if (!rest_.starts_with(symbol)) return false;
  rest_.remove_prefix(symbol.size());
  skip_spaces();
  return true;
}

std::optional<Decimal> Scanner::take_decimal() {
  constexpr std::uint64_t most = ~std::uint64_t{0};
  Decimal decimal;
  std::size_t at = 0;
  int digits = 0;
  bool point = false;
  for (; at < rest_.size(); ++at) {
    const char c = rest_[at];
    if (is_digit(c)) {
      const auto digit = static_cast<std::uint64_t>(c - '0');
      if (decimal.digits > (most - digit) / 10) return {};
      decimal.digits = decimal.digits * 10 + digit;
      ++digits;
      if (point && ++decimal.decimals > decimals_max) return {};
    } else if (c == '.' && !point && at + 1 < rest_.size() && is_digit(rest_[at + 1])) {
      point = true;
    } else if (!(c == '_' && digits > 0 && at + 1 < rest_.size() && is_digit(rest_[at + 1]))) {
      break;
    }
  }
  if (digits == 0) return {};
  rest_.remove_prefix(at);
  skip_spaces();
  return decimal;
}

std::string_view Scanner::take_name() {
  if (rest_.empty() || !is_letter(rest_.front())) return {};
  std::size_t length = 0;
  while (length < rest_.size() && is_name_part(rest_[length])) {
    // `a->b` needs no spaces.
    if (rest_[length] == '-' && length + 1 < rest_.size() && rest_[length + 1] == '>') break;
    ++length;
  }
  const std::string_view taken = rest_.substr(0, length);
  rest_.remove_prefix(length);
  skip_spaces();
  return taken;
}

std::string_view Scanner::take_until(std::string_view end) {
  const std::size_t at = rest_.find(end);
  if (at == std::string_view::npos) return {};
  const std::string_view taken = rest_.substr(0, at);
  rest_.remove_prefix(at + end.size());
  skip_spaces();
  return taken;
}

}  // namespace smalldb::scenarios
