#include "bench/checker_cases.h"

namespace smalldb::checker {
namespace {

using testing::Breakage;
using testing::Workload;

constexpr std::uint32_t thousand = 1000;
constexpr std::uint32_t million = 1'000'000;

const Workload swaps_200_unknown{
    .operations = 10 * thousand, .clients = 10, .gets = 40, .puts = 30, .swaps = 30, .values = 5, .unknown = 200};

const Case all[] = {
    {"one_key_15_clients", {.operations = 10 * thousand, .clients = 15}},
    {"thousand_keys_with_removes",
     {.operations = million, .keys = thousand, .clients = 100, .puts = 40, .removes = 10, .unknown = thousand}},
    {"one_key_100_clients", {.operations = million, .clients = 100, .unknown = thousand}},
    {"one_key_100_clients_stale", {.operations = million, .clients = 100, .unknown = thousand}, 900},
    {"unknown_and_stale", {.operations = 10 * thousand, .clients = 5, .unknown = 100}, 900},
    {"unknown_and_stale_with_swaps",
     {.operations = 10 * thousand, .clients = 5, .gets = 40, .puts = 30, .swaps = 30, .unknown = 100},
     900},
    {"ten_million", {.operations = 10 * million, .keys = thousand, .clients = 100, .unknown = thousand}},
    {"appends", {.operations = 10 * thousand, .keys = 10, .clients = 5, .puts = 0, .appends = 50}},
    {"certificate_one_key", {.operations = million, .clients = 100, .revisions = true}},
    {"certificate_thousand_keys", {.operations = million, .keys = thousand, .clients = 100, .revisions = true}},

    {"growth_zones/10k", {.operations = 10 * thousand, .clients = 100, .unknown = 10}},
    {"growth_zones/100k", {.operations = 100 * thousand, .clients = 100, .unknown = 100}},
    {"growth_zones/1M", {.operations = million, .clients = 100, .unknown = thousand}},
    {"growth_zones/10M", {.operations = 10 * million, .clients = 100, .unknown = 10 * thousand}},
    {"growth_search/10k", {.operations = 10 * thousand, .clients = 10, .puts = 40, .removes = 10, .unknown = 10}},
    {"growth_search/100k", {.operations = 100 * thousand, .clients = 10, .puts = 40, .removes = 10, .unknown = 10}},
    {"growth_search/1M", {.operations = million, .clients = 10, .puts = 40, .removes = 10, .unknown = 10}},
    {"growth_search/10M", {.operations = 10 * million, .clients = 10, .puts = 40, .removes = 10, .unknown = 10}},
    {"growth_certificate/10k", {.operations = 10 * thousand, .clients = 100, .revisions = true}},
    {"growth_certificate/100k", {.operations = 100 * thousand, .clients = 100, .revisions = true}},
    {"growth_certificate/1M", {.operations = million, .clients = 100, .revisions = true}},
    {"growth_certificate/10M", {.operations = 10 * million, .clients = 100, .revisions = true}},

    {"hard/search_100_clients_removes", {.operations = 100 * thousand, .clients = 100, .puts = 40, .removes = 10}},
    {"hard/search_five_values_swaps",
     {.operations = thousand, .clients = 10, .gets = 40, .puts = 30, .swaps = 30, .values = 5, .unknown = 30}},
    {"hard/search_tenth_unknown", {.operations = 10 * thousand, .clients = 5, .values = 20, .unknown = thousand}},
    {"hard/search_swaps_200_unknown", swaps_200_unknown},
    {"hard/search_swaps_200_unknown_phantom", swaps_200_unknown, 900, Engine::automatic, Breakage::phantom_value},
    {"hard/search_20_values_stale", {.operations = 10 * thousand, .clients = 5, .values = 20}, 900},
    {"hard/search_20_values_swaps_stale",
     {.operations = 10 * thousand, .clients = 5, .gets = 40, .puts = 30, .swaps = 30, .values = 20, .unknown = 20},
     900},
    {"hard/search_ten_values_mostly_swaps",
     {.operations = 3 * thousand, .clients = 5, .gets = 5, .puts = 5, .swaps = 90, .values = 10, .unknown = 300},
     0,
     Engine::automatic,
     Breakage::stale_read,
     testing::TellsUnknown::at_once,
     true},
    {"hard/search_appends_stale",
     {.operations = 5 * thousand, .clients = 1, .gets = 5, .puts = 0, .appends = 995},
     900,
     Engine::frontier},
    {"hard/search_appends_removes",
     {.operations = 100 * thousand, .clients = 20, .puts = 0, .removes = 10, .appends = 40}},
    {"hard/search_appends_removes_swaps",
     {.operations = 10 * thousand,
      .clients = 20,
      .puts = 10,
      .removes = 10,
      .appends = 40,
      .swaps = 10,
      .unknown = 200}},
    {"growth_search_unknown/25k",
     {.operations = 25 * thousand, .clients = 10, .puts = 40, .removes = 10, .unknown = 2500}},
    {"growth_search_unknown/50k",
     {.operations = 50 * thousand, .clients = 10, .puts = 40, .removes = 10, .unknown = 5 * thousand}},
    {"growth_search_unknown/100k",
     {.operations = 100 * thousand, .clients = 10, .puts = 40, .removes = 10, .unknown = 10 * thousand}},
    {"hard/zones_as_search", {.operations = 100 * thousand, .clients = 30}, 0, Engine::frontier},
    {"hard/generic", {.operations = thousand, .clients = 5}, 0, Engine::generic},
};

constexpr Breakage other = Breakage::other_value;
const Case of_reasons[] = {
    {"300_ops_5_values", {.operations = 300, .clients = 5, .values = 5}, 750, Engine::automatic, other},
    {"1000_ops_5_values", {.operations = thousand, .clients = 5, .values = 5}, 750, Engine::automatic, other},
    {"3000_ops_5_values", {.operations = 3 * thousand, .clients = 5, .values = 5}, 750, Engine::automatic, other},
    {"1000_ops_2_values", {.operations = thousand, .clients = 5, .values = 2}, 750, Engine::automatic, other},
    {"1000_ops_20_values_10_clients",
     {.operations = thousand, .clients = 10, .values = 20},
     750,
     Engine::automatic,
     other},
    {"1000_ops_5_values_20_unknown",
     {.operations = thousand, .clients = 5, .values = 5, .unknown = 20},
     750,
     Engine::automatic,
     other},
    {"1000_ops_5_values_swaps",
     {.operations = thousand, .clients = 5, .gets = 40, .puts = 30, .swaps = 30, .values = 5},
     750,
     Engine::automatic,
     other},
    {"1000_ops_5_values_swaps_20_unknown",
     {.operations = thousand, .clients = 5, .gets = 40, .puts = 30, .swaps = 30, .values = 5, .unknown = 20},
     750,
     Engine::automatic,
     other},
    {"3000_ops_10_values_removes",
     {.operations = 3 * thousand, .clients = 10, .puts = 40, .removes = 10, .values = 10},
     750,
     Engine::automatic,
     other},
};

const Case happening[] = {
    {"thousand_keys_with_removes",
     {.operations = million, .keys = thousand, .clients = 100, .puts = 40, .removes = 10, .unknown = thousand}},
    {"one_key_100_clients", {.operations = million, .clients = 100, .unknown = thousand}},
    {"one_key_100_clients_stale", {.operations = million, .clients = 100, .unknown = thousand}, 900},
    {"one_key_100_clients_never_answered",
     {.operations = million, .clients = 100, .unknown = thousand},
     0,
     Engine::automatic,
     Breakage::stale_read,
     testing::TellsUnknown::in_the_end},
    {"growth/100k", {.operations = 100 * thousand, .keys = 100, .clients = 20}},
    {"growth/1M", {.operations = million, .keys = 100, .clients = 20}},
    {"growth/10M", {.operations = 10 * million, .keys = 100, .clients = 20}},
    {"hard/one_key_8_clients_removes", {.operations = 100 * thousand, .clients = 8, .puts = 40, .removes = 10}},
    {"hard/one_key_16_clients_removes", {.operations = 10 * thousand, .clients = 16, .puts = 40, .removes = 10}},
    {"hard/five_values_swaps",
     {.operations = thousand, .clients = 10, .gets = 40, .puts = 30, .swaps = 30, .values = 5, .unknown = 30}},
    {"hard/never_answered",
     {.operations = 100 * thousand, .clients = 5, .values = thousand, .unknown = 20},
     900,
     Engine::automatic,
     Breakage::stale_read,
     testing::TellsUnknown::in_the_end},
};

}  // namespace

std::optional<History> history_of(const Case& one, std::uint64_t seed) {
  Workload workload = one.workload;
  workload.seed = seed;
  History history = testing::generate(workload);
  if (one.broken_at != 0 && !testing::break_it(history, one.breakage, one.broken_at)) return std::nullopt;
  return history;
}

std::span<const Case> cases() { return all; }
std::span<const Case> cases_of_reasons() { return of_reasons; }
std::span<const Case> cases_as_it_happens() { return happening; }

}  // namespace smalldb::checker
