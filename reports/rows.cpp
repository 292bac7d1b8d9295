#include "reports/rows.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace smalldb::reports {
namespace {

// Room for time in which nothing is shown: the more the longer, and never much.
int height_of_gap(Duration gap) {
  constexpr std::int64_t short_gap = 4'000'000;
  constexpr int each_doubling = 5, most = 40;
  const auto times = static_cast<std::uint64_t>(std::max<std::int64_t>(0, gap.nanoseconds) / short_gap);
  return std::min(most, each_doubling * static_cast<int>(std::bit_width(times)));
}

std::vector<RowWish> merged(std::vector<RowWish> wishes) {
  std::stable_sort(wishes.begin(), wishes.end(), [](const auto& a, const auto& b) { return a.event < b.event; });
  std::vector<RowWish> all;
  for (const RowWish& wish : wishes) {
    if (all.empty() || all.back().event != wish.event) {
      all.push_back(wish);
    } else {
      all.back().height = std::max(all.back().height, wish.height);
      all.back().is_news = all.back().is_news || wish.is_news;
    }
  }
  return all;
}

// Whether each is news, or not further than `distance` from some. The first and the last count as news.
std::vector<bool> near_news(const std::vector<RowWish>& all, std::size_t distance) {
  std::vector<bool> near(all.size(), false);
  const auto mark = [&](std::size_t place) {
    const std::size_t from = place - std::min(place, distance);
    const std::size_t to = std::min(all.size() - 1, place + distance);
    std::fill(near.begin() + static_cast<std::ptrdiff_t>(from), near.begin() + static_cast<std::ptrdiff_t>(to) + 1,
              true);
  };
  for (std::size_t place = 0; place < all.size(); ++place) {
    if (all[place].is_news || place == 0 || place + 1 == all.size()) mark(place);
  }
  return near;
}

// Who is shown, of so many that not all can be.
std::vector<bool> choose(const std::vector<RowWish>& all, std::size_t most) {
  if (all.size() <= most) return std::vector<bool>(all.size(), true);
  // The greatest distance at which there is room.
  std::size_t enough = 0, too_much = most;
  while (too_much - enough > 1) {
    const std::size_t distance = enough + (too_much - enough) / 2;
    const std::vector<bool> near = near_news(all, distance);
    const bool fits = static_cast<std::size_t>(std::count(near.begin(), near.end(), true)) <= most;
    (fits ? enough : too_much) = distance;
  }
  std::vector<bool> shown = near_news(all, enough);
  // What a fold would be higher than is shown.
  constexpr std::size_t fewest_folded = 4;
  for (std::size_t place = 0; place < all.size();) {
    if (shown[place]) {
      ++place;
      continue;
    }
    std::size_t end = place;
    while (end < all.size() && !shown[end]) ++end;
    for (std::size_t n = place; n < end && end - place < fewest_folded; ++n) shown[n] = true;
    place = end;
  }
  return shown;
}

}  // namespace

Rows::Rows(std::vector<RowWish> wishes, std::size_t most, const std::vector<Gap>& gaps) {
  // So that there is something to fold, however little is known of a gap.
  const std::size_t wished = wishes.size();
  for (const Gap& gap : gaps) {
    wishes.push_back({gap.after + 1, {}, 0, false});
    for (std::size_t n = 0; n < wished; ++n) {
      if (wishes[n].is_news && gap.has(wishes[n].event)) wishes.push_back({wishes[n].event + 1, {}, 0, false});
    }
  }
  const std::vector<RowWish> all = merged(std::move(wishes));
  std::vector<bool> shown = choose(all, most);
  for (std::size_t n = 0; n < all.size(); ++n) {
    const bool is_in_gap = std::any_of(gaps.begin(), gaps.end(), [&](const Gap& gap) { return gap.has(all[n].event); });
    if (is_in_gap && !all[n].is_news) shown[n] = false;
  }
  for (std::size_t n = 0; n < all.size(); ++n) {
    const RowWish& wish = all[n];
    if (!shown[n]) {
      if (n == 0 || shown[n - 1]) {
        folds_.push_back({rows_.empty() ? wish.event : rows_.back().event + 1, wish.event, wish.at, height_});
        height_ += fold_height;
      }
      folds_.back().last = wish.event;
      continue;
    }
    if (n > 0 && !shown[n - 1]) {
      folds_.back().last = wish.event - 1;
      folds_.back().to = wish.at;
    }
    if (n > 0 && shown[n - 1]) height_ += height_of_gap(wish.at - all[n - 1].at);
    rows_.push_back({wish.event, wish.at, height_, wish.height});
    height_ += wish.height;
  }
}

const Rows::Fold* Rows::fold_of(sim::EventIndex event) const {
  const auto after = std::upper_bound(folds_.begin(), folds_.end(), event,
                                      [](auto index, const Fold& fold) { return index < fold.first; });
  if (after == folds_.begin() || std::prev(after)->last < event) return nullptr;
  return &*std::prev(after);
}

bool Rows::shows(sim::EventIndex event) const { return fold_of(event) == nullptr; }

int Rows::y_of(sim::EventIndex event) const {
  if (const Fold* const fold = fold_of(event)) return fold->top + fold_height / 2;
  const auto row = std::lower_bound(rows_.begin(), rows_.end(), event,
                                    [](const Row& one, sim::EventIndex index) { return one.event < index; });
  if (row == rows_.end()) return height_;
  if (row->event == event || row == rows_.begin()) return row->middle();
  return (row->middle() + std::prev(row)->middle()) / 2;
}

}  // namespace smalldb::reports
