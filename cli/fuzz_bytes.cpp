// The fuzz target without a fuzzer: reads inputs, and writes those of seeds.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "cli/judge_bytes.h"
#include "cli/options.h"
#include "cli/read_file.h"
#include "cli/seeds.h"
#include "cli/template.h"
#include "model/printable.h"
#include "scenarios/campaign/campaign.h"

namespace smalldb::cli {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes read_all(std::istream& input) {
  const std::string text((std::istreambuf_iterator<char>(input)), std::istreambuf_iterator<char>());
  return {text.begin(), text.end()};
}

Exit write_seeds(const Seeds& seeds, const std::string& directory) {
  const scenarios::Campaign campaign;
  for (std::uint64_t seed = seeds.first;; ++seed) {
    const Bytes bytes = scenarios::choices_of(seed, campaign.budget_of(seed)).bytes();
    const std::string path = directory + "/seed_" + std::to_string(seed);
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) {
      std::cerr << "fuzz_bytes: cannot write " << path << '\n';
      return bad_input;
    }
    if (seed == seeds.last.value_or(seeds.first)) return as_expected;
  }
}

Exit judge_all(const std::vector<std::string>& files, const JudgeOfBytes& judge) {
  bool good = true;
  for (const std::string& path : files) {
    std::string why;
    const auto text = read_file(path, why);
    if (!text) {
      std::cerr << "fuzz_bytes: cannot read " << printable(shown_name(path)) << ": " << why << '\n';
      return bad_input;
    }
    good = judge.judge(Bytes(text->begin(), text->end())) && good;
  }
  if (files.empty()) good = judge.judge(read_all(std::cin));
  if (!good) std::abort();
  return as_expected;
}

Exit fuzz_bytes(const CommandLine& line) {
  std::vector<std::string> files;
  std::optional<Seeds> seeds;
  std::string out = ".", fixed;
  JudgeOfBytes judge;
  Options options{
      "Judges inputs of fuzz_target without a fuzzer, and ends by a signal if one fails: that is how fuzzers notice. "
      "With "
      "--seeds it writes inputs instead, for a fuzzer to begin with.",
      "fuzz_bytes",
      {"none of them fails, or all were written", "", ""}};
  options.add_option("FILE", files, "Inputs; standard input if none is named").type_name("");
  add_read(options, "--seeds", seeds, "A..B", Seeds::read, "Writes what these seeds stand for");
  options.add_option("--template", fixed, "A scenario: what it says is kept, the rest is drawn").type_name("FILE");
  options.add_option("--out", out, "The directory to write to: inputs, or capsules of those that fail")
      .type_name("DIR");
  if (const auto exit = options.parse(line)) return *exit;
  if (!fixed.empty() && !load_template(fixed, judge.fixed)) return bad_input;
  judge.prefix = out + "/";
  return seeds ? write_seeds(*seeds, out) : judge_all(files, judge);
}

}  // namespace
}  // namespace smalldb::cli

int main(int count, char** arguments) {
  return smalldb::cli::fuzz_bytes({arguments[0], {arguments + 1, arguments + count}});
}
