#include "reports/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace smalldb::reports {
namespace {

constexpr std::array<std::pair<std::int64_t, std::string_view>, 4> units{
    {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}, {1, "ns"}}};

}  // namespace

std::string_view word(Port port) {
  switch (port) {
    case Port::client: return "client";
    case Port::replication: return "replication";
    case Port::arbiter: return "arbiter";
  }
  return "?";
}

std::string_view word(CloseReason reason) {
  switch (reason) {
    case CloseReason::refused: return "refused";
    case CloseReason::timed_out: return "timed_out";
    case CloseReason::reset: return "reset";
    case CloseReason::closed_by_peer: return "closed_by_peer";
  }
  return "?";
}

std::string_view word(DiskStatus status) {
  switch (status) {
    case DiskStatus::ok: return "ok";
    case DiskStatus::not_found: return "not_found";
    case DiskStatus::exists: return "exists";
    case DiskStatus::no_space: return "no_space";
    case DiskStatus::failed: return "failed";
    case DiskStatus::unreachable: return "unreachable";
  }
  return "?";
}

std::string_view word(effect::DiskVerb verb) {
  using effect::DiskVerb;
  switch (verb) {
    case DiskVerb::list: return "list";
    case DiskVerb::read: return "read";
    case DiskVerb::write: return "write";
    case DiskVerb::write_synced: return "write_synced";
    case DiskVerb::truncate: return "truncate";
    case DiskVerb::sync: return "sync";
    case DiskVerb::rename: return "rename";
    case DiskVerb::link: return "link";
    case DiskVerb::remove: return "remove";
    case DiskVerb::sync_directory: return "sync_directory";
  }
  return "?";
}

std::string seconds_text(sim::Time time) {
  return fmt::format("{}.{:06}", time.nanoseconds / 1'000'000'000, time.nanoseconds / 1'000 % 1'000'000);
}

std::string duration_text(Duration duration) {
  const std::int64_t n = duration.nanoseconds;
  if (n == 0) return "0";
  for (const auto& [size, unit] : units) {
    if (n % size == 0) return fmt::format("{} {}", n / size, unit);
    if (n > size && n / size < 1'000 && n * 1'000 % size == 0) {
      std::string decimals = fmt::format("{:03}", n % size * 1'000 / size);
      decimals.erase(decimals.find_last_not_of('0') + 1);
      return fmt::format("{}.{} {}", n / size, decimals, unit);
    }
  }
  return fmt::format("{} ns", n);
}

std::string rounded_text(Duration duration) {
  const std::int64_t n = duration.nanoseconds;
  for (const auto& [size, unit] : units) {
    if (n < size) continue;
    const std::int64_t whole = n / size;
    if (whole >= 100 || size == 1) return fmt::format("{} {}", whole, unit);
    if (whole >= 10) return fmt::format("{}.{} {}", whole, n % size * 10 / size, unit);
    return fmt::format("{}.{:02} {}", whole, n % size * 100 / size, unit);
  }
  return "0 s";
}

std::string ratio_text(sim::Ratio ratio) {
  if (ratio.numerator == 0) return "never";
  if (ratio.numerator == ratio.denominator) return "always";
  return fmt::format("{}/{}", ratio.numerator, ratio.denominator);
}

std::string distribution_text(const sim::Distribution& distribution) {
  using Shape = sim::Distribution::Shape;
  const auto usual = [&]() -> std::string {
    const std::string least = duration_text(distribution.least);
    switch (distribution.shape) {
      case Shape::constant: return least;
      case Shape::uniform: return fmt::format("{} .. {}", least, duration_text(distribution.most));
      case Shape::exponential: return fmt::format("about {}, at least {}", duration_text(distribution.mean), least);
      case Shape::pareto: return fmt::format("{} and, ever more rarely, much longer", least);
    }
    return "?";
  }();
  if (distribution.tail.never()) return usual;
  return fmt::format("{}, but {} of the time {} .. {}", usual, ratio_text(distribution.tail),
                     duration_text(distribution.tail_least), duration_text(distribution.tail_most));
}

std::string links_text(const std::optional<std::vector<sim::Direction>>& links, const Names& names) {
  if (!links) return "all links";
  std::string text;
  for (auto link = links->begin(); link != links->end(); ++link) {
    const auto back = std::find(links->begin(), links->end(), sim::Direction{link->to, link->from});
    if (back < link) continue;  // told when its turn was
    text += fmt::format("{}{} {} {}", text.empty() ? "" : ", ", names.process(link->from),
                        back == links->end() ? "->" : "<->", names.process(link->to));
  }
  return text;
}

}  // namespace smalldb::reports
