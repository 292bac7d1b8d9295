#include "scenarios/lives/evidence.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "scenarios/lives/diary.h"

namespace smalldb::scenarios {
namespace {

std::uint64_t size_of(const Diary::Stream& stream) {
  std::uint64_t size = 0;
  for (const Diary::Piece& piece : stream) size += piece.bytes.size();
  return size;
}

// How many bytes the shorter has, if the longer begins with them.
std::optional<std::uint64_t> common(const Diary::Stream& a, const Diary::Stream& b) {
  std::uint64_t size = 0;
  auto in_a = a.begin();
  auto in_b = b.begin();
  std::string_view rest_a;
  std::string_view rest_b;
  while (true) {
    while (rest_a.empty() && in_a != a.end()) rest_a = (in_a++)->bytes.view();
    while (rest_b.empty() && in_b != b.end()) rest_b = (in_b++)->bytes.view();
    const std::size_t both = std::min(rest_a.size(), rest_b.size());
    if (both == 0) return size;
    if (rest_a.substr(0, both) != rest_b.substr(0, both)) return std::nullopt;
    size += both;
    rest_a.remove_prefix(both);
    rest_b.remove_prefix(both);
  }
}

class Court {
 public:
  Court(const std::vector<Life>& lives, const std::vector<ProcessId>& processes, const properties::Cast& cast)
      : lives_(lives), processes_(processes), cast_(cast), first_(lives.size(), std::vector<bool>(lives.size())) {
    for (const Life& life : lives) diaries_.push_back(diary_of(life));
  }

  Evidence evidence() {
    pair_ends();
    read_disks();
    hear_others();
    look_at_names();
    hear_others();
    place_what_left_disks_alone();
    put_in_order();
    count_attempts();
    return std::move(evidence_);
  }

 private:
  using End = Evidence::End;
  static constexpr std::size_t never = SIZE_MAX;
  struct Fit {
    bool whole = false;  // nothing arrived that the other did not send
    std::uint64_t bytes = 0;
    End made;
    End accepted;
  };

  const Diary::Channel& channel(const End& end) const { return diaries_[end.first].channels.at(end.second); }

  // The best fits first: the other ends of some may not have been recorded.
  void pair_ends() {
    std::map<std::tuple<ProcessId, ProcessId, Port>, std::pair<std::vector<End>, std::vector<End>>> ends;  // by whom
    for (std::size_t life = 0; life < lives_.size(); ++life) {
      for (const auto& [link, channel] : diaries_[life].channels) {
        const ProcessId self = processes_[life];
        const ProcessId other = cast_.place_of(channel.other);
        if (channel.made) {
          ends[{self, other, channel.port}].first.emplace_back(life, link);
        } else {
          ends[{other, self, channel.port}].second.emplace_back(life, link);
        }
      }
    }
    std::vector<Fit> fits;
    for (const auto& [whose, each] : ends) {
      for (const End& accepted : each.second) {
        for (const End& made : each.first) {
          if (const std::optional<Fit> fit = fit_of(made, accepted)) fits.push_back(*fit);
        }
      }
    }
    std::stable_sort(fits.begin(), fits.end(), [](const Fit& a, const Fit& b) {
      return std::pair(a.whole, a.bytes) > std::pair(b.whole, b.bytes);
    });
    for (const Fit& fit : fits) {
      if (evidence_.other_ends.contains(fit.made) || evidence_.other_ends.contains(fit.accepted)) continue;
      evidence_.other_ends[fit.made] = {fit.accepted, size_of(channel(fit.accepted).sent)};
      evidence_.other_ends[fit.accepted] = {fit.made, size_of(channel(fit.made).sent)};
    }
  }

  std::optional<Fit> fit_of(const End& made, const End& accepted) const {
    const Diary::Channel& a = channel(made);
    const Diary::Channel& b = channel(accepted);
    if (a.received.empty() && b.received.empty()) return std::nullopt;
    const auto there = common(a.sent, b.received);
    if (!there) return std::nullopt;
    const auto back = common(b.sent, a.received);
    if (!back || *there + *back == 0) return std::nullopt;
    return Fit{*there == size_of(b.received) && *back == size_of(a.received), *there + *back, made, accepted};
  }

  // ---- Which life came first ----

  // Of two lives of a process that one came first of which the other had heard, from whomever: until no more follows.
  void hear_others() {
    bool more = true;
    while (more) {
      more = false;
      for (std::size_t earlier = 0; earlier < lives_.size(); ++earlier) {
        const std::vector<std::size_t> since = heard_of(earlier);
        for (std::size_t later = 0; later < lives_.size(); ++later) {
          if (later == earlier || processes_[later] != processes_[earlier] || since[later] == never) continue;
          more = more || !first_[earlier][later];
          first_[earlier][later] = true;
        }
      }
    }
  }

  // From which of its steps on each life had heard of this one, or `never`.
  std::vector<std::size_t> heard_of(std::size_t life) const {
    std::vector<std::size_t> since(lives_.size(), never);
    std::vector<std::size_t> to_tell{life};
    since[life] = 0;
    const auto hears = [&](std::size_t who, std::size_t step) {
      if (step >= since[who]) return;
      since[who] = step;
      to_tell.push_back(who);
    };
    while (!to_tell.empty()) {
      const std::size_t teller = to_tell.back();
      to_tell.pop_back();
      for (std::size_t later = 0; later < lives_.size(); ++later) {
        if (first_[teller][later]) hears(later, 0);
      }
      for (auto it = evidence_.other_ends.lower_bound({teller, Link{}});
           it != evidence_.other_ends.end() && it->first.first == teller; ++it) {
        hears(it->second.end.first, told(channel(it->first), channel(it->second.end), since[teller]));
      }
    }
    return since;
  }

  // In which step the other end first hears of what happened here from this step on, or `never`.
  static std::size_t told(const Diary::Channel& here, const Diary::Channel& there, std::size_t since) {
    std::size_t heard = never;
    if (here.made && here.opened >= since) heard = there.opened;
    if (!here.made && since == 0) heard = there.answered.value_or(never);
    std::uint64_t sent = 0;
    auto piece = here.sent.begin();
    for (; piece != here.sent.end() && piece->step < since; ++piece) sent += piece->bytes.size();
    if (piece == here.sent.end()) return heard;
    std::uint64_t received = 0;
    for (const Diary::Piece& arrived : there.received) {
      received += arrived.bytes.size();
      if (received > sent) return std::min(heard, arrived.step);
    }
    return heard;
  }

  void read_disks() {
    for (std::size_t later = 0; later < lives_.size(); ++later) {
      for (const Diary::Found& found : diaries_[later].found) {
        for (std::size_t earlier = 0; earlier < lives_.size(); ++earlier) {
          if (earlier == later || processes_[earlier] != processes_[later] || !wrote(earlier, found)) continue;
          bool alone = true;
          for (std::size_t other = 0; other < lives_.size(); ++other) {
            if (other != earlier && processes_[other] == processes_[later] && wrote(other, found)) alone = false;
          }
          if (alone) first_[earlier][later] = true;
        }
      }
    }
  }

  bool wrote(std::size_t life, const Diary::Found& found) const {
    const auto file = diaries_[life].written.find(found.file);
    if (file == diaries_[life].written.end()) return false;
    const Diary::Extents& extents = file->second;
    auto from = extents.upper_bound(found.offset);
    if (from != extents.begin()) --from;
    return std::any_of(from, extents.lower_bound(found.offset + found.bytes.size()), [&](const auto& extent) {
      const auto& [offset, bytes] = extent;
      const std::uint64_t begin = std::max(offset, found.offset);
      const std::uint64_t end = std::min(offset + bytes.size(), found.offset + found.bytes.size());
      return begin < end && end - begin == std::min(bytes.size(), found.bytes.size()) &&
             bytes.view().substr(begin - offset, end - begin) ==
                 found.bytes.view().substr(begin - found.offset, end - begin);
    });
  }

  void look_at_names() {
    for (std::size_t a = 0; a < lives_.size(); ++a) {
      for (std::size_t b = 0; b < lives_.size(); ++b) {
        if (processes_[a] != processes_[b] || !lives_[a].aside || !lives_[b].aside) continue;
        if (lives_[a].aside->file != lives_[b].aside->file || lives_[a].aside->times <= lives_[b].aside->times)
          continue;
        if (!first_[b][a]) first_[a][b] = true;
      }
    }
  }

  // Nobody can have found anything of these. They have not found what others wrote that nothing puts before them, so
  // these came later.
  void place_what_left_disks_alone() {
    for (std::size_t idle = 0; idle < lives_.size(); ++idle) {
      if (left_a_trace(idle)) continue;
      for (std::size_t other = 0; other < lives_.size(); ++other) {
        if (other == idle || processes_[other] != processes_[idle] || first_[other][idle]) continue;
        if (left_a_trace(other)) first_[idle][other] = true;
      }
      hear_others();  // what follows from that for the next one of these
    }
  }

  void put_in_order() {
    std::vector<std::size_t> left;
    for (std::size_t life = 0; life < lives_.size(); ++life) left.push_back(life);
    std::stable_sort(left.begin(), left.end(), [this](std::size_t a, std::size_t b) { return began(a) < began(b); });
    std::map<ProcessId, std::size_t> last;
    while (!left.empty()) {
      auto next = std::find_if(left.begin(), left.end(), [&](std::size_t life) {
        return std::none_of(left.begin(), left.end(), [&](std::size_t other) { return first_[other][life]; });
      });
      if (next == left.end()) {  // they contradict each other
        next = left.begin();
        evidence_.in_doubt.insert(processes_[*next]);
      }
      const auto before = last.find(processes_[*next]);
      if (before != last.end() && !first_[before->second][*next] && left_a_trace(before->second) &&
          left_a_trace(*next)) {
        evidence_.in_doubt.insert(processes_[*next]);
      }
      last[processes_[*next]] = *next;
      evidence_.order.push_back(*next);
      left.erase(next);
    }
  }

  void count_attempts() {
    for (std::size_t life = 0; life < lives_.size(); ++life) {
      for (const Diary::Asked& asked : diaries_[life].asked) {
        ++evidence_.attempts[Evidence::operation(asked.session, asked.number, life)];
      }
    }
    std::erase_if(evidence_.attempts, [](const auto& each) { return each.second == 1; });
  }

  std::int64_t began(std::size_t life) const { return lives_[life].steps.front().moment.wall.nanoseconds; }
  // Whether it left something on the disk that it had not found there: a recovery writes again what it has read.
  bool left_a_trace(std::size_t life) const {
    const Diary& diary = diaries_[life];
    return std::any_of(diary.written.begin(), diary.written.end(), [&](const auto& file) {
      return std::any_of(file.second.begin(), file.second.end(), [&](const auto& extent) {
        return std::none_of(diary.found.begin(), diary.found.end(), [&](const Diary::Found& found) {
          return found.file == file.first && had(found, extent.first, extent.second.view());
        });
      });
    });
  }
  static bool had(const Diary::Found& found, std::uint64_t offset, std::string_view bytes) {
    return found.offset <= offset && offset + bytes.size() <= found.offset + found.bytes.size() &&
           found.bytes.view().substr(offset - found.offset, bytes.size()) == bytes;
  }

  const std::vector<Life>& lives_;
  const std::vector<ProcessId>& processes_;
  const properties::Cast& cast_;
  std::vector<Diary> diaries_;
  std::vector<std::vector<bool>> first_;  // first_[a][b]: a came before b
  Evidence evidence_;
};

}  // namespace

Evidence evidence_of(const std::vector<Life>& lives, const std::vector<ProcessId>& processes,
                     const properties::Cast& cast) {
  return Court(lives, processes, cast).evidence();
}

}  // namespace smalldb::scenarios
