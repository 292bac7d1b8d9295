#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

#include "cli/campaign_end.h"
#include "cli/command.h"
#include "cli/fuzz_wishes.h"
#include "cli/interrupt.h"
#include "cli/template.h"
#include "cli/workers.h"
#include "reports/campaign_report.h"
#include "reports/tally_json.h"
#include "sim/chance.h"

namespace smalldb::cli {
namespace {

using scenarios::Block;
using scenarios::BlockName;

constexpr std::uint64_t block_size = 64;
constexpr std::uint64_t progress_every_ms = 500;

class Watch {
 public:
  std::uint64_t milliseconds() const {
    const auto passed = std::chrono::steady_clock::now() - began_;
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(passed).count());
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

std::string words_for(const FuzzWishes& wishes) {
  std::string text =
      "seeds " + std::to_string(wishes.first) + (wishes.last ? " to " + std::to_string(*wishes.last) : " on");
  text += ", budget " + (wishes.budget ? std::string(name(*wishes.budget)) : "both");
  if (!wishes.fixed.empty()) text += ", around " + wishes.fixed;
  if (wishes.shards > 1) text += ", shard " + std::to_string(wishes.shard) + " of " + std::to_string(wishes.shards);
  return text;
}

// One line on a terminal, over and over; nothing anywhere else.
class Progress {
 public:
  void tell(const scenarios::Tally& tally, std::uint64_t milliseconds) {
    if (!on_terminal_ || milliseconds < told_ + progress_every_ms) return;
    told_ = milliseconds;
    std::cerr << "\r\033[K" << reports::progress(tally, milliseconds) << std::flush;
  }
  ~Progress() {
    if (on_terminal_ && told_ > 0) std::cerr << "\r\033[K" << std::flush;
  }

 private:
  bool on_terminal_ = isatty(STDERR_FILENO) == 1;
  std::uint64_t told_ = 0;
};

}  // namespace

Exit fuzz(const CommandLine& line) {
  FuzzWishes wishes;
  if (const auto exit = read_fuzz_wishes(line, wishes)) return *exit;
  scenarios::Campaign campaign;
  campaign.budget = wishes.budget;
  std::string identity =
      std::string(version()) + ", budget " + (wishes.budget ? std::string(name(*wishes.budget)) : "both");
  if (!wishes.fixed.empty()) {
    const auto text = load_template(wishes.fixed, campaign.fixed);
    if (!text) return bad_input;
    identity += ", template " + std::to_string(sim::chance::hash_of(*text));
  }
  std::ofstream results;
  if (!wishes.results.empty()) {
    results.open(wishes.results, std::ios::binary | std::ios::app);
    if (!results) {
      std::cerr << "smalldb-sim fuzz: cannot write " << wishes.results << '\n';
      return bad_input;
    }
  }
  note_interrupts();

  const Watch watch;
  scenarios::Tally tally;
  Progress progress;
  std::uint64_t next_block = wishes.shard;
  const auto next = [&]() -> std::optional<BlockName> {
    const std::uint64_t first = wishes.first + next_block * block_size;
    const bool over = interrupted() || (wishes.last && first > *wishes.last) ||
                      (wishes.milliseconds && watch.milliseconds() >= *wishes.milliseconds);
    if (over) return std::nullopt;
    next_block += wishes.shards;
    const std::uint64_t count = wishes.last ? std::min(block_size, *wishes.last - first + 1) : block_size;
    return BlockName{identity, first, count};
  };
  const auto take = [&](const Block& block) {
    if (results.is_open()) results << reports::write_block(block) << std::flush;
    tally.add(block.tally);
  };
  Workers workers(campaign, {.jobs = wishes.jobs, .hang_after_ms = wishes.hang_after_ms});
  workers.run(next, take, [&] { progress.tell(tally, watch.milliseconds()); });
  if (results.is_open() && !results.flush()) throw std::runtime_error("could not write all of " + wishes.results);

  CampaignEnd end;
  end.program = line.program;
  end.what = words_for(wishes);
  end.fixed = wishes.fixed;
  end.out = wishes.out;
  end.junit = wishes.junit;
  end.json = wishes.format == FuzzWishes::Format::json;
  end.require_coverage = wishes.require_coverage;
  end.shrink = wishes.shrink;
  end.milliseconds = watch.milliseconds();
  return end_campaign(campaign, std::move(tally), end);
}

}  // namespace smalldb::cli
