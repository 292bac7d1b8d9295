// The long proof: all engines against the definition on every small history, or on random larger ones.
//
//     checker_proof register|append|revision SIZE [PART PARTS]    every history of SIZE operations, 3 clients, 2 values
//     checker_proof random COUNT [SEED]                           random ones of up to 8 operations
//
// Prints how many histories agreed, and exits 1 at the first that does not.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "properties/checker/testing/all_histories.h"
#include "properties/checker/testing/compare.h"
#include "properties/checker/testing/random_histories.h"

namespace smalldb::checker::testing {
namespace {

struct Tally {
  std::uint64_t histories = 0;
  std::uint64_t violated = 0;

  void count(const Comparison& comparison) {
    if (!comparison.wrong.empty()) {
      std::cout << comparison.wrong << "\n";
      std::exit(1);
    }
    ++histories;
    violated += comparison.is_linearizable ? 0 : 1;
  }
};

int prove(const std::vector<std::string>& arguments) {
  const auto number = [&](std::size_t at, std::uint64_t otherwise) {
    return at < arguments.size() ? std::strtoull(arguments[at].c_str(), nullptr, 10) : otherwise;
  };
  Tally tally;
  if (arguments.size() >= 2 && arguments[0] == "random") {
    RandomHistories random(number(2, 1));
    for (std::uint64_t i = 0; i < number(1, 0); ++i) {
      const History history = random.next();
      tally.count(compare(history, KeyId{0}, all_positions(history)));
    }
  } else if (arguments.size() >= 2) {
    const auto alphabet = arguments[0] == "append"     ? append_alphabet
                          : arguments[0] == "revision" ? revision_alphabet
                                                       : register_alphabet;
    const auto size = static_cast<std::uint32_t>(number(1, 3));
    const AllHistories all(alphabet, size);
    const auto visitor = [&](std::span<const std::uint32_t> positions) {
      tally.count(compare(all.history(), all.key(), positions));
    };
    all.visit(size, 3, visitor, static_cast<std::uint32_t>(number(2, 0)), static_cast<std::uint32_t>(number(3, 1)));
  } else {
    std::cerr << "checker_proof register|append|revision SIZE [PART PARTS], or random COUNT [SEED]\n";
    return 3;
  }
  std::cout << tally.histories << " histories, " << tally.violated << " not linearizable: all engines agree\n";
  return 0;
}

}  // namespace
}  // namespace smalldb::checker::testing

int main(int count, char** arguments) { return smalldb::checker::testing::prove({arguments + 1, arguments + count}); }
