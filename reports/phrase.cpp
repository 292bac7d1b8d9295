#include "reports/phrase.h"

#include <algorithm>

#include "reports/layout.h"

namespace smalldb::reports {
namespace {

constexpr std::array<std::size_t, Wording::ways> bytes_of_way{40, 30, 22, 16, 10};

}  // namespace

Phrase Phrase::data(std::string_view bytes) {
  Phrase phrase(bytes);
  phrase.data_.push_back({0, static_cast<std::uint32_t>(bytes.size())});
  return phrase;
}

Phrase& Phrase::operator+=(const Phrase& more) {
  const auto at = static_cast<std::uint32_t>(bytes_.size());
  bytes_ += more.bytes_;
  for (const Range& range : more.data_) data_.push_back({at + range.begin, at + range.end});
  return *this;
}

template <class TextOf>
std::string Phrase::written(const TextOf& text_of) const {
  const std::string_view all = bytes_;
  std::string text;
  std::size_t at = 0;
  for (const Range& range : data_) {
    text += all.substr(at, range.begin - at);
    text += text_of(all.substr(range.begin, range.end - range.begin));
    at = range.end;
  }
  text += all.substr(at);
  return text;
}

std::string Phrase::text(const properties::DataTexts& texts) const {
  return written([&](std::string_view bytes) { return texts.of(bytes); });
}

std::string Phrase::whole() const { return written(properties::whole_data_text); }

void Phrase::add_data_to(std::vector<std::string_view>& data) const {
  const std::string_view all = bytes_;
  for (const Range& range : data_) data.push_back(all.substr(range.begin, range.end - range.begin));
}

const properties::DataTexts& Wording::texts(Texts& all, std::size_t way, bool tells_size) const {
  if (!all.at(way)) all[way].emplace(data_, properties::TextLimit{bytes_of_way[way], tells_size});
  return *all[way];
}

std::string Wording::sentence(const Phrase& phrase, std::size_t most) const {
  std::string text;
  for (std::size_t way = 0; way < ways; ++way) {
    text = phrase.text(texts(sentence_texts_, way, true));
    if (text.size() <= most) return text;
  }
  return shortened(text, most);
}

std::string Wording::row(const Phrase& phrase, std::size_t way) const {
  return phrase.text(texts(row_texts_, way, false));
}

std::optional<std::string> Wording::row_within(const Phrase& phrase, std::size_t most) const {
  for (std::size_t way = 0; way < ways; ++way) {
    std::string text = row(phrase, way);
    if (text.size() <= most) return text;
  }
  return std::nullopt;
}

std::string Wording::row_fitted(const Phrase& phrase, std::size_t most) const {
  if (auto text = row_within(phrase, most)) return *text;
  const std::string text = row(phrase, ways - 1);
  std::size_t end = most - std::min<std::size_t>(most, 3);
  while (end > 0 && text[end - 1] == '.') --end;  // dots follow
  return shortened(text, end);
}

}  // namespace smalldb::reports
