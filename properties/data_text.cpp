#include "properties/data_text.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "model/printable.h"

namespace smalldb::properties {
namespace {

constexpr std::string_view dots = "...";

// Which part of a string is shown beside its beginning and its end, and what is said of the rest.
struct Cut {
  std::vector<std::size_t> must_show;
  bool tells_size = true;
  std::size_t number = 0;  // among those told together; 0: needs none
};

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {digits[byte >> 4], digits[byte & 15]};
  }
  return text;
}

// Quoted where it would else be taken for more than one word, or for a word of ours.
std::string quoted_if_needed(const std::string& text) {
  const bool is_word = !text.empty() && text.find_first_of(" \"=\\") == std::string::npos;
  const bool is_ours = text == "nothing" || text.starts_with("0x");
  return is_word && !is_ours ? text : "\"" + text + "\"";
}

// Without the dots at the end with which generated work fills its values up.
std::string_view without_padding(std::string_view bytes) {
  constexpr std::size_t padding_min = 4;
  const std::size_t last = bytes.find_last_not_of('.');
  const std::size_t size = last == std::string_view::npos ? 0 : last + 1;
  return bytes.size() - size < padding_min ? bytes : bytes.substr(0, size);
}

bool is_whole(std::string_view bytes, std::size_t most) {
  if (bytes.size() > most || without_padding(bytes).size() < bytes.size()) return false;
  return is_printable(bytes) || 2 + 2 * bytes.size() <= most;
}

// So much longer at both ends that no character of UTF-8 is cut.
Range with_characters(std::string_view bytes, Range range) {
  constexpr int rest_of_character_max = 3;
  const auto is_within = [&](std::size_t place) {
    return place > 0 && place < bytes.size() && (static_cast<unsigned char>(bytes[place]) & 0xc0) == 0x80;
  };
  for (int n = 0; n < rest_of_character_max && is_within(range.begin); ++n) --range.begin;
  for (int n = 0; n < rest_of_character_max && is_within(range.end); ++n) ++range.end;
  return range;
}

// The beginning, what must be shown and the end, each with a share of the room, by their places and apart.
std::vector<Range> ranges_of(std::string_view bytes, const Cut& cut, std::size_t room) {
  if (bytes.size() <= room && cut.must_show.empty()) return {{0, bytes.size()}};
  constexpr std::size_t each_min = 4;
  const std::size_t each = std::max(each_min, room / (2 + cut.must_show.size()));
  std::vector<Range> all{{0, each}};
  for (const std::size_t place : cut.must_show) {
    const std::size_t begin = place - std::min(place, each / 3);
    all.push_back({begin, begin + each});
  }
  all.push_back({bytes.size() - std::min(bytes.size(), each), bytes.size()});
  std::sort(all.begin(), all.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
  std::vector<Range> apart;
  for (const Range& one : all) {
    const std::size_t begin = std::min(one.begin, bytes.size()), end = std::min(one.end, bytes.size());
    if (!apart.empty() && begin <= apart.back().end + dots.size()) {
      apart.back().end = std::max(apart.back().end, end);
    } else if (begin < end) {
      apart.push_back({begin, end});
    }
  }
  return apart;
}

std::string text_of(std::string_view bytes, const Cut& cut, std::size_t most) {
  std::string remark;
  if (cut.tells_size) remark = " (" + std::to_string(bytes.size()) + (bytes.size() == 1 ? " byte" : " bytes");
  if (cut.number != 0) remark += (remark.empty() ? " (no. " : ", no. ") + std::to_string(cut.number);
  if (!remark.empty()) remark += ")";
  const std::string_view stem = without_padding(bytes);
  const std::size_t all_dots = dots.size() * (1 + cut.must_show.size());
  const std::size_t taken = remark.size() + all_dots;
  const std::size_t room = most - std::min(most, taken);
  std::vector<Range> ranges = ranges_of(stem, cut, room);
  for (Range& range : ranges) range = with_characters(stem, range);
  const bool is_text = std::all_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    return is_printable(stem.substr(range.begin, range.end - range.begin));
  });
  if (!is_text) ranges = ranges_of(stem, cut, room / 2 - std::min<std::size_t>(room / 2, 1));
  std::string shown;
  std::size_t end = 0;
  for (const Range& range : ranges) {
    const std::string_view part = stem.substr(range.begin, range.end - range.begin);
    if (range.begin > end) shown += dots;
    shown += is_text ? std::string(part) : hexadecimal(part);
    end = range.end;
  }
  shown = is_text ? quoted_if_needed(shown) : "0x" + shown;
  if (end < bytes.size()) shown += dots;
  return shown + remark;
}

// A string of many that are told together.
struct Told {
  std::string_view bytes;
  bool is_whole = false;
  Cut cut;
  std::size_t number = 0;
  std::string text;
};

// One more thing is told of strings that would have the same text; of each, in the end, its number.
void tell_apart(const std::vector<Told*>& alike) {
  constexpr std::size_t places_max = 2;
  std::vector<Told*> cut;
  std::set<std::size_t> sizes;
  for (Told* one : alike) {
    sizes.insert(one->bytes.size());
    if (!one->is_whole) cut.push_back(one);
  }
  // By their bytes, so that what the first and the last agree in, all agree in.
  const std::string_view first = cut.front()->bytes, last = cut.back()->bytes;
  const auto differ = std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first;
  const auto place = static_cast<std::size_t>(differ - first.begin());
  const bool is_beginning = place == first.size();  // of the last
  for (Told* one : cut) {
    std::vector<std::size_t>& places = one->cut.must_show;
    const bool may_show = places.size() < places_max && std::find(places.begin(), places.end(), place) == places.end();
    const bool may_tell_size = !one->cut.tells_size && sizes.size() > 1;
    if (may_tell_size && (is_beginning || !may_show)) {
      one->cut.tells_size = true;
    } else if (may_show) {
      places.push_back(place);
    } else {
      one->cut.number = one->number;
    }
  }
}

}  // namespace

DataTexts::DataTexts(std::vector<std::string_view> told_together, TextLimit limit) : limit_(limit) {
  std::sort(told_together.begin(), told_together.end());
  told_together.erase(std::unique(told_together.begin(), told_together.end()), told_together.end());
  std::vector<Told> all;
  for (std::size_t n = 0; n < told_together.size(); ++n) {
    const std::string_view bytes = told_together[n];
    const bool is_told_whole = is_whole(bytes, limit.bytes);
    // What has no dots in it reads like nothing that was cut.
    if (is_told_whole && (limit.tells_size || bytes.find(dots) == std::string_view::npos)) continue;
    all.push_back({bytes, is_told_whole, {{}, limit.tells_size}, n + 1, {}});
  }
  for (bool is_done = false; !is_done;) {
    is_done = true;
    std::map<std::string_view, std::vector<Told*>> alike;
    for (Told& one : all) {
      one.text = one.is_whole ? whole_data_text(one.bytes) : text_of(one.bytes, one.cut, limit.bytes);
      alike[one.text].push_back(&one);
    }
    for (const auto& [text, those] : alike) {
      if (those.size() < 2) continue;
      tell_apart(those);
      is_done = false;
    }
  }
  for (Told& one : all) {
    if (!one.is_whole) texts_.emplace(one.bytes, std::move(one.text));
  }
}

std::string DataTexts::of(std::string_view bytes) const {
  if (const auto told = texts_.find(bytes); told != texts_.end()) return told->second;
  if (is_whole(bytes, limit_.bytes)) return whole_data_text(bytes);
  return text_of(bytes, {{}, limit_.tells_size}, limit_.bytes);
}

std::string data_text(std::string_view bytes) { return DataTexts().of(bytes); }

std::string whole_data_text(std::string_view bytes) {
  return is_printable(bytes) ? quoted_if_needed(std::string(bytes)) : "0x" + hexadecimal(bytes);
}

}  // namespace smalldb::properties
