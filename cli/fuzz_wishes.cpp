#include "cli/fuzz_wishes.h"

#include <algorithm>
#include <iostream>
#include <thread>

#include "cli/campaign_end.h"
#include "cli/options.h"
#include "cli/read_file.h"
#include "cli/seeds.h"
#include "scenarios/notation.h"

namespace smalldb::cli {
namespace {

using scenarios::notation::read_count;

struct Shard {
  std::uint64_t number = 0;
  std::uint64_t of = 1;
};

std::optional<Shard> read_shard(const std::string& text, std::string& expected) {
  expected = "a shard: 0/4, 1/4, 2/4 or 3/4 of four";
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  std::string ignored;
  const auto number = read_count(text.substr(0, slash), ignored);
  const auto of = read_count(text.substr(slash + 1), ignored);
  if (!number || !of || *number >= *of) return std::nullopt;
  return Shard{*number, *of};
}

std::optional<scenarios::Corpus> read_corpus(const std::string& file, std::string& expected) {
  std::string why;
  const auto text = read_file(file, why);
  auto corpus = text ? scenarios::Corpus::read(*text, why) : std::nullopt;
  if (corpus && corpus->seeds.empty()) why = "it has none";
  expected = "a file of seeds (" + why + ")";
  return corpus && !corpus->seeds.empty() ? corpus : std::nullopt;
}

std::optional<std::uint64_t> read_jobs(const std::string& text, std::string& expected) {
  return read_count(text, expected, 1024);
}

}  // namespace

std::optional<Exit> read_fuzz_wishes(const CommandLine& line, FuzzWishes& wishes) {
  Options options{
      "Runs random scenarios: one for each seed, the same one for ever. Findings are grouped by what was violated and "
      "how, and the fastest run of each is kept. At the end it says what was exercised.",
      "smalldb-sim fuzz", exit_codes_of_campaigns};
  wishes.workers.jobs = std::max(1u, std::thread::hardware_concurrency());
  Seeds seeds;
  Shard shard;
  std::optional<std::uint64_t> jobs;
  options.add_option("TEMPLATE.yaml", wishes.fixed, "A scenario: what it says is kept, the rest is drawn")
      .type_name("");
  const Option range = add_read(
      options, "--seeds", seeds, "A..B|WORD", Seeds::read,
      "These seeds; or from a number, or what a word stands for (a commit's hash), until the time is over. From 1 if "
      "not said");
  add_read(options, "--time", wishes.milliseconds, "60s", above_zero(read_milliseconds),
           "How long; until all seeds are done or it is stopped if not said. Of A..B all must be run all the same, or "
           "the outcome is unknown. What has begun is finished: 64 seeds for each process at most");
  add_read(options, "--jobs", jobs, "N", above_zero(read_jobs),
           "So many processes; as many as there are processors if not said. What is found does not depend on it");
  add_choice<std::optional<scenarios::Budget>>(options, "--budget", wishes.budget,
                                               {{"both", std::nullopt},
                                                {"survivable", scenarios::Budget::survivable},
                                                {"unrestricted", scenarios::Budget::unrestricted}},
                                               "How much may go wrong. survivable: safe throughout and live again; "
                                               "unrestricted: disks are destroyed and lie too. "
                                               "both if not said: even seeds are survivable, odd ones unrestricted");
  options.add_flag(
      "--require-coverage", wishes.require_coverage,
      "Fails if a kind of fault that the budget has never took effect, a condition was never seen, or a property "
      "could never have failed; of what a template rules out, too");
  add_unjudged_max(options, wishes.unjudged_max);
  options.add_flag(
      "--no-shrink", [&wishes] { wishes.shrink = false; }, "Leaves findings as large as they were found");
  add_read(options, "--shard", shard, "I/N", read_shard,
           "Part I of N of the seeds, from 0/N to N-1/N, for many machines; see merge");
  const Option results =
      options
          .add_option(
              "--results", wishes.results,
              "Writes what each block of seeds came to, for merge; if the file has some already, goes on after them")
          .type_name("FILE");
  add_read(options, "--corpus", wishes.corpus, "FILE", read_corpus, "The seeds of this file, in the place of --seeds")
      .excludes(range)
      .excludes(results);  // merge adds up ranges of seeds
  options
      .add_option("--distil", wishes.distil,
                  "Writes a corpus: a few of the seeds, which together exercise all that all of them do")
      .type_name("FILE")
      .excludes(results);  // what others have run is not known run by run
  options
      .add_option(
          "--out", wishes.out,
          "A directory for findings: a capsule each, and the shrunk scenario; findings if not said, none if it is \"\"")
      .type_name("DIR");
  options.add_option("--junit", wishes.junit, "Writes a JUnit report").type_name("FILE");
  add_choice<FuzzWishes::Format>(options, "--format", wishes.format,
                                 {{"text", FuzzWishes::Format::text}, {"json", FuzzWishes::Format::json}},
                                 "For a person, or one document for a program");
  add_hang(options, wishes.workers.hang_after_ms);
  add_events(options, wishes.events_max);
  add_read(options, "--memory", wishes.workers.memory_max, "4GiB", above_zero(scenarios::notation::read_size),
           "A run that takes more memory is neither good nor bad: its seed is named, and the outcome unknown");
  if (const auto exit = options.parse(line)) return exit;
  wishes.first = seeds.first;
  wishes.last = seeds.last;
  wishes.shard = shard.number;
  wishes.shards = shard.of;
  if (jobs) wishes.workers.jobs = static_cast<unsigned>(*jobs);
  return std::nullopt;
}

}  // namespace smalldb::cli
