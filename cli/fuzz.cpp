#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "cli/campaign_end.h"
#include "cli/command.h"
#include "cli/fuzz_wishes.h"
#include "cli/interrupt.h"
#include "cli/perform.h"
#include "cli/results.h"
#include "cli/template.h"
#include "cli/workers.h"
#include "reports/campaign_report.h"
#include "reports/tally_json.h"
#include "sim/chance.h"

namespace smalldb::cli {
namespace {

using scenarios::Block;
using scenarios::BlockName;

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
  std::string text = wishes.corpus ? "a corpus of " + std::to_string(wishes.corpus->seeds.size()) + " seeds"
                                   : "seeds " + std::to_string(wishes.first) +
                                         (wishes.last ? " to " + std::to_string(*wishes.last) : " on");
  text += ", budget " + (wishes.budget ? std::string(name(*wishes.budget)) : "both");
  if (!wishes.fixed.empty()) text += ", around " + wishes.fixed;
  if (wishes.shards > 1) text += ", shard " + std::to_string(wishes.shard) + " of " + std::to_string(wishes.shards);
  return text;
}

// The block at this place in the campaign; nothing behind its end.
std::optional<BlockName> block_of(const FuzzWishes& wishes, std::uint64_t place) {
  if (wishes.corpus) {
    const auto& seeds = wishes.corpus->seeds;
    return place < seeds.size() ? std::optional(BlockName{{}, seeds[place].seed, 1}) : std::nullopt;
  }
  // What a corpus is made of must be known run by run.
  const std::uint64_t size = wishes.distil.empty() ? 64 : 1;
  const std::uint64_t first = wishes.first + place * size;
  if (wishes.last && first > *wishes.last) return std::nullopt;
  return BlockName{{}, first, wishes.last ? std::min(size, *wishes.last - first + 1) : size};
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

// Opens the file for what is to come, behind the blocks that it holds already.
bool go_on_with(const std::string& file, Results& before, std::ofstream& results) {
  std::error_code problem;
  if (std::filesystem::is_regular_file(file, problem)) {
    std::uint64_t whole_bytes = 0;
    if (!before.add_file("fuzz", file, whole_bytes)) return false;
    std::filesystem::resize_file(file, whole_bytes, problem);
    if (problem) throw std::system_error(problem, file);
  }
  results.open(file, std::ios::binary | std::ios::app);
  if (!results) std::cerr << "smalldb-sim fuzz: cannot write " << file << '\n';
  return results.is_open();
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
  campaign.events_max = wishes.events_max;
  std::string identity =
      std::string(version()) + ", budget " + (wishes.budget ? std::string(name(*wishes.budget)) : "both");
  if (wishes.events_max != scenarios::Campaign{}.events_max) {
    identity += ", at most " + std::to_string(wishes.events_max) + " events";
  }
  if (!wishes.fixed.empty()) {
    const auto text = load_template(wishes.fixed, campaign.fixed);
    if (!text) return bad_input;
    identity += ", template " + std::to_string(sim::chance::hash_of(*text));
  }
  Results before;
  before.campaign = identity;
  std::ofstream results;
  if (!wishes.results.empty() && !go_on_with(wishes.results, before, results)) return bad_input;
  note_interrupts();

  const Watch watch;
  scenarios::Tally tally = std::move(before.tally);
  scenarios::Distiller distiller;
  Progress progress;
  std::uint64_t next_block = wishes.shard;
  const auto next = [&]() -> std::optional<BlockName> {
    for (;;) {
      if (interrupted() || (wishes.milliseconds && watch.milliseconds() >= *wishes.milliseconds)) return std::nullopt;
      auto name = block_of(wishes, next_block);
      if (!name) return std::nullopt;
      next_block += wishes.shards;
      name->campaign = identity;
      if (!before.known.contains(*name)) return name;
    }
  };
  const auto take = [&](const Block& block) {
    if (results.is_open()) results << reports::write_block(block) << std::flush;
    if (!wishes.distil.empty()) distiller.add(block.name.first, block.tally);
    tally.add(block.tally);
  };
  Workers workers(campaign, wishes.workers);
  workers.run(next, take, [&] { progress.tell(tally, watch.milliseconds()); });
  if (results.is_open() && !results.flush()) throw std::runtime_error("could not write all of " + wishes.results);
  if (!wishes.distil.empty()) write_corpus(line, words_for(wishes), distiller.distil(), wishes.distil);

  CampaignEnd end;
  end.program = line.program;
  end.what = words_for(wishes);
  end.fixed = wishes.fixed;
  end.out = wishes.out;
  end.junit = wishes.junit;
  end.json = wishes.format == FuzzWishes::Format::json;
  end.require_coverage = wishes.require_coverage;
  end.partial = interrupted() && (wishes.last || wishes.corpus);
  end.shrink = wishes.shrink;
  end.milliseconds = watch.milliseconds();
  const Exit exit = end_campaign(campaign, std::move(tally), end);
  end_if_terminated();
  return exit;
}

}  // namespace smalldb::cli
