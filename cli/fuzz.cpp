#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "cli/campaign_end.h"
#include "cli/command.h"
#include "cli/file_output.h"
#include "cli/fuzz_wishes.h"
#include "cli/interrupt.h"
#include "cli/perform.h"
#include "cli/results.h"
#include "cli/template.h"
#include "cli/terminal.h"
#include "cli/workers.h"
#include "model/printable.h"
#include "reports/campaign_report.h"
#include "reports/tally_json.h"

namespace smalldb::cli {
namespace {

using scenarios::Block;
using scenarios::BlockName;

constexpr std::uint64_t progress_every_ms = 500;

class Stopwatch {
 public:
  std::uint64_t milliseconds() const {
    const auto passed = std::chrono::steady_clock::now() - began_;
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(passed).count());
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

std::string words_for(const FuzzWishes& wishes) {
  std::string text = wishes.corpus ? "a corpus of " + std::to_string(wishes.corpus->seeds.size()) + " seeds"
                                   : "seeds " + std::to_string(wishes.first) +
                                         (wishes.last ? " to " + std::to_string(*wishes.last) : " on");
  text += ", budget " + (wishes.budget ? std::string(name(*wishes.budget)) : "both");
  if (!wishes.fixed.empty()) text += ", around " + wishes.fixed;
  if (wishes.shards > 1) text += ", shard " + std::to_string(wishes.shard) + " of " + std::to_string(wishes.shards);
  return text;
}

// What a corpus is made of must be known run by run.
std::uint64_t seeds_a_block(const FuzzWishes& wishes) { return wishes.distil.empty() && !wishes.corpus ? 64 : 1; }

// The block at this place in the campaign; nothing behind its end.
std::optional<BlockName> block_of(const FuzzWishes& wishes, std::uint64_t place) {
  if (wishes.corpus) {
    const auto& seeds = wishes.corpus->seeds;
    return place < seeds.size() ? std::optional(BlockName{seeds[place].seed, 1}) : std::nullopt;
  }
  const std::uint64_t size = seeds_a_block(wishes);
  const std::uint64_t last = wishes.last.value_or(std::numeric_limits<std::uint64_t>::max());
  if (place > (last - wishes.first) / size) return std::nullopt;
  const std::uint64_t first = wishes.first + place * size;
  return BlockName{first, std::min(size - 1, last - first) + 1};
}

// Of this shard; nothing if the campaign has no last seed.
std::optional<std::uint64_t> runs_in_all(const FuzzWishes& wishes) {
  if (!wishes.last && !wishes.corpus) return std::nullopt;
  const std::uint64_t before_last = wishes.corpus ? wishes.corpus->seeds.size() - 1 : *wishes.last - wishes.first;
  if (before_last >= std::numeric_limits<std::uint64_t>::max() / 2) return std::nullopt;
  const std::uint64_t size = seeds_a_block(wishes), last_block = before_last / size;
  if (wishes.shard > last_block) return 0;
  const std::uint64_t runs = ((last_block - wishes.shard) / wishes.shards + 1) * size;
  const bool has_last = last_block % wishes.shards == wishes.shard;
  return has_last ? runs - (size - 1 - before_last % size) : runs;
}

void write_corpus(const CommandLine& line, const std::string& what, const scenarios::Corpus& corpus,
                  const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file << "# " << corpus.seeds.size() << " seeds that together exercise all that these do: " << what << ".\n"
       << "# smalldb-sim fuzz";
  for (const std::string& word : line.arguments) file << ' ' << in_shell(word);
  file << '\n' << corpus.write();
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

bool can_hold_corpus(const std::string& path) {
  if (path.empty() || std::ofstream(path, std::ios::app)) return true;
  std::cerr << "smalldb-sim fuzz: cannot write " << printable(path) << ": " << std::strerror(errno) << '\n';
  return false;
}

// Whether a block is one of those that are wished for. REQUIRES: no corpus is.
bool is_wished(const FuzzWishes& wishes, const BlockName& known) {
  if (known.first < wishes.first || (wishes.last && known.first > *wishes.last)) return false;
  const std::uint64_t place = (known.first - wishes.first) / seeds_a_block(wishes);
  return place % wishes.shards == wishes.shard && block_of(wishes, place) == known;
}

// Opens the file for what is to come, behind the blocks that it holds already.
bool go_on_with(const FuzzWishes& wishes, Results& before, std::ofstream& results) {
  const std::string& file = wishes.results;
  if (file == "-") {
    std::cerr << "smalldb-sim fuzz: cannot write the results to -: standard output is for the report\n";
    return false;
  }
  std::error_code problem;
  if (std::filesystem::is_regular_file(file, problem)) {
    std::uint64_t whole_bytes = 0;
    if (!before.add_file("fuzz", file, whole_bytes)) return false;
    const auto stranger = std::find_if(before.known.begin(), before.known.end(),
                                       [&](const auto& known) { return !is_wished(wishes, known.first); });
    if (stranger != before.known.end()) {
      std::cerr << "smalldb-sim fuzz: " << printable(file)
                << " holds results that are not of this campaign and shard (of " << stranger->first.count
                << " seeds from " << stranger->first.first
                << " on), and cannot be gone on with; it takes a file of its own\n";
      return false;
    }
    std::filesystem::resize_file(file, whole_bytes, problem);
    if (problem) throw std::system_error(problem, file);
  }
  results.open(file, std::ios::binary | std::ios::app);
  if (!results)
    std::cerr << "smalldb-sim fuzz: cannot write " << printable(file) << ": " << std::strerror(errno) << '\n';
  return results.is_open();
}

// One line on a terminal, over and over; nothing anywhere else. Where the terminal is narrow, its end is not seen.
class Progress {
 public:
  void tell(const scenarios::Tally& tally, const reports::Pace& pace, std::optional<std::uint64_t> runs_in_all) {
    if (!on_terminal_ || pace.milliseconds < told_ + progress_every_ms) return;
    told_ = pace.milliseconds;
    std::cerr << clear_line << dont_wrap << reports::progress(tally, pace, runs_in_all) << wrap << std::flush;
  }
  // Before anything else is written there.
  void clear() {
    if (on_terminal_ && told_ > 0) std::cerr << clear_line << std::flush;
    told_ = 0;
  }

 private:
  static constexpr std::string_view clear_line = "\r\033[K", dont_wrap = "\033[?7l", wrap = "\033[?7h";
  bool on_terminal_ = shows_progress();
  std::uint64_t told_ = 0;
};

// Nothing, and said why, if there is no such campaign.
std::optional<scenarios::CampaignName> read_campaign(const FuzzWishes& wishes, scenarios::Campaign& campaign) {
  campaign.budget = wishes.budget;
  campaign.events_max = wishes.events_max;
  scenarios::CampaignName name{std::string(version()), wishes.budget, wishes.events_max, {}};
  if (wishes.fixed.empty()) return name;
  auto text = load_template(wishes.fixed, campaign.fixed);
  if (!text) return std::nullopt;
  name.fixed = *std::move(text);
  return name;
}

CampaignEnd end_of(const CommandLine& line, const FuzzWishes& wishes) {
  CampaignEnd end;
  end.program = line.program;
  end.what = words_for(wishes);
  end.fixed = wishes.fixed;
  end.out = wishes.out;
  end.json = wishes.format == FuzzWishes::Format::json;
  end.require_coverage = wishes.require_coverage;
  end.shrink = wishes.shrink;
  end.hang_after_ms = wishes.workers.hang_after_ms;
  end.unjudged_max = wishes.unjudged_max;
  return end;
}

// Whether a campaign that has ended so is all that was wished for: one without a last seed when its time is over, or,
// where it has none, whenever somebody stops it.
bool is_whole(const FuzzWishes& wishes, reports::Ended ended) {
  if (wishes.last || wishes.corpus) return ended == reports::Ended::complete;
  return !wishes.milliseconds || ended != reports::Ended::stopped;
}

}  // namespace

Exit fuzz(const CommandLine& line) {
  FuzzWishes wishes;
  if (const auto exit = read_fuzz_wishes(line, wishes)) return *exit;
  scenarios::Campaign campaign;
  const auto campaign_name = read_campaign(wishes, campaign);
  if (!campaign_name) return bad_input;
  // What cannot be written is told before the campaign, and not after it.
  FileOutput junit("smalldb-sim fuzz", "JUnit report", wishes.junit);
  FindingsDirectory findings;
  if (!findings.make("smalldb-sim fuzz", wishes.out) || !can_hold_corpus(wishes.distil)) return bad_input;
  Results before;
  before.campaign = campaign_name;
  std::ofstream results;
  if (!wishes.results.empty() && !go_on_with(wishes, before, results)) return bad_input;
  if (!open_all({&junit}, {wishes.fixed, wishes.results})) return bad_input;
  note_interrupts();

  const Stopwatch stopwatch;
  scenarios::Tally tally = std::move(before.tally);
  const reports::Pace known{tally.runs, tally.events, tally.simulated_us, 0};
  const auto pace = [&] {
    return reports::Pace{tally.runs - known.runs, tally.events - known.events, tally.simulated_us - known.simulated_us,
                         stopwatch.milliseconds()};
  };
  scenarios::Distiller distiller;
  Progress progress;
  std::uint64_t next_block = wishes.shard;
  auto ended = reports::Ended::complete;
  const auto next = [&]() -> std::optional<BlockName> {
    for (;;) {
      const auto name = block_of(wishes, next_block);
      if (!name) return std::nullopt;
      if (before.known.contains(*name)) {
        next_block += wishes.shards;
        continue;
      }
      if (ended == reports::Ended::complete) {
        if (wishes.milliseconds && stopwatch.milliseconds() >= *wishes.milliseconds)
          ended = reports::Ended::time_is_over;
        else if (interrupted() || !results)
          ended = reports::Ended::stopped;
      }
      if (ended != reports::Ended::complete) return std::nullopt;
      next_block += wishes.shards;
      return name;
    }
  };
  const auto take = [&](Block block) {
    block.campaign = *campaign_name;
    if (results.is_open()) results << reports::write_block(block) << std::flush;
    if (!wishes.distil.empty()) distiller.add(block.name.first, block.tally);
    tally.add(block.tally);
  };
  Workers workers(campaign, wishes.workers);
  const auto in_all = runs_in_all(wishes);
  workers.run(next, take, [&] { progress.tell(tally, pace(), in_all); });
  progress.clear();

  CampaignEnd end = end_of(line, wishes);
  end.junit = junit.stream();
  end.ended = is_whole(wishes, ended) ? reports::Ended::complete : ended;
  end.pace = pace();
  Exit exit = end_campaign(campaign, std::move(tally), end);
  if (results.is_open() && !results.flush()) {
    std::cerr << "smalldb-sim fuzz: could not write all of " << printable(wishes.results) << '\n';
    exit = failed;
  }
  if (!wishes.distil.empty()) write_corpus(line, words_for(wishes), distiller.distil(), wishes.distil);
  if (!junit.close()) exit = failed;
  findings.remove_if_empty();
  end_if_terminated();
  return exit;
}

}  // namespace smalldb::cli
