// The long proof: all engines against the definition on every small history, or on random larger ones.
//
//     checker_proof ALPHABET SIZE [PART PARTS]    every history of SIZE operations, 3 clients, 2 values
//     checker_proof random COUNT [SEED]           random ones of up to 8 operations
//     checker_proof verdicts ...                  either, without the reasons: six times as fast
//
// ALPHABET is one of register, append, refusal, revision, mixed, claim, condition and whole (all_histories.h).
//
// The same of the judge of what is going on, event by event (compare_stream.h); also with promised revisions (steps.h):
//
//     checker_proof stream ALPHABET|promise SIZE [PART PARTS]
//     checker_proof stream random|promised COUNT [SEED]
//
// Prints how many histories agreed, and exits 1 at the first that does not.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "properties/checker/testing/all_histories.h"
#include "properties/checker/testing/compare.h"
#include "properties/checker/testing/compare_stream.h"
#include "properties/checker/testing/random_histories.h"

namespace {

// Half of the time that it takes to judge a few operations would be malloc's. This is one thread, and what it asks for
// is small and soon given back, so pieces of a size are handed out again, the last one first.
struct Free {
  Free* next;
};
constexpr std::size_t unit = 16;
std::array<Free*, 128> free_pieces{};

void* take(std::size_t size) {
  const std::size_t units = (size + unit - 1) / unit;
  if (units >= free_pieces.size()) return std::malloc(size);
  if (Free* const piece = free_pieces[units]) {
    free_pieces[units] = piece->next;
    return piece;
  }
  return std::malloc(std::max(unit, units * unit));
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* const piece = take(size)) return piece;
  throw std::bad_alloc();
}
void operator delete(void* piece) noexcept { std::free(piece); }
void operator delete(void* piece, std::size_t size) noexcept {
  const std::size_t units = (size + unit - 1) / unit;
  if (!piece || units >= free_pieces.size()) return std::free(piece);
  free_pieces[units] = new (piece) Free{free_pieces[units]};
}

namespace smalldb::checker::testing {
namespace {

struct Tally {
  std::uint64_t histories = 0;
  std::uint64_t violated = 0;
  std::uint64_t late = 0;

  void count(const std::string& wrong, bool is_violated, bool is_late) {
    if (!wrong.empty()) {
      std::cout << wrong << "\n";
      std::exit(1);
    }
    ++histories;
    violated += is_violated ? 1 : 0;
    late += is_late ? 1 : 0;
  }
};

struct Proof {
  bool of_stream = false;
  Compares compares = Compares::reasons;
  StreamOptions options;
  Tally tally;

  void compare_one(const History& history, std::span<const std::uint32_t> positions) {
    if (of_stream) {
      const StreamComparison comparison = compare_stream(history, KeyId{0}, positions, options);
      tally.count(comparison.wrong, comparison.violated_at != 0, comparison.late);
    } else {
      const Comparison comparison = compare(history, KeyId{0}, positions, compares);
      tally.count(comparison.wrong, !comparison.is_linearizable, false);
    }
  }
};

std::function<AllHistories::Alphabet(History&)> alphabet_of(const std::string& name) {
  if (name == "register") return register_alphabet;
  if (name == "append") return append_alphabet;
  if (name == "refusal") return refusal_alphabet;
  if (name == "revision") return revision_alphabet;
  if (name == "mixed") return mixed_alphabet;
  if (name == "claim") return claim_alphabet;
  if (name == "condition") return condition_alphabet;
  if (name == "whole") return whole_alphabet;
  if (name == "promise") return promise_alphabet;
  return nullptr;
}

// All but the first; nothing if one is no number.
std::optional<std::vector<std::uint32_t>> numbers_of(std::span<const std::string> arguments) {
  std::vector<std::uint32_t> numbers;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const char* const end = arguments[i].data() + arguments[i].size();
    const auto [read, error] = std::from_chars(arguments[i].data(), end, numbers.emplace_back());
    if (error != std::errc{} || read != end) return std::nullopt;
  }
  return numbers;
}

int refuse() {
  std::cerr << "checker_proof [stream|verdicts] register|append|refusal|revision|mixed|claim|condition|whole SIZE "
               "[PART PARTS], "
               "or random COUNT [SEED]; stream promise SIZE [PART PARTS], or promised COUNT [SEED]\n";
  return 3;
}

int prove(std::vector<std::string> arguments) {
  Proof proof;
  const auto begins = [&](const char* word) {
    if (arguments.empty() || arguments[0] != word) return false;
    arguments.erase(arguments.begin());
    return true;
  };
  if (begins("verdicts")) {
    proof.compares = Compares::verdicts;
  } else {
    proof.of_stream = begins("stream");
  }
  const std::string of = arguments.size() < 2 ? "" : arguments[0];
  const bool promised = proof.of_stream && (of == "promise" || of == "promised");
  if (promised) proof.options.revisions = Revisions::promised;
  const bool at_random = of == "random" || (of == "promised" && promised);
  const auto alphabet = of == "promise" && !promised ? nullptr : alphabet_of(of);
  const std::optional<std::vector<std::uint32_t>> numbers = numbers_of(arguments);
  const std::size_t most = at_random ? 2 : 3;
  if ((!at_random && !alphabet) || !numbers || numbers->size() > most) return refuse();
  const auto number = [&](std::size_t at, std::uint32_t otherwise) {
    return at < numbers->size() ? (*numbers)[at] : otherwise;
  };
  if (at_random) {
    RandomHistories random(number(1, 1));
    for (std::uint32_t i = 0; i < number(0, 0); ++i) {
      const History history = promised ? random.next_promised() : random.next();
      proof.compare_one(history, all_positions(history));
    }
  } else {
    const std::uint32_t size = number(0, 3);
    const std::uint32_t part = number(1, 0);
    const std::uint32_t parts = number(2, 1);
    if (part >= parts) return refuse();
    const AllHistories all(alphabet, size);
    const auto visitor = [&](std::span<const std::uint32_t> positions) { proof.compare_one(all.history(), positions); };
    all.visit(size, 3, visitor, part, parts);
  }
  const Tally& tally = proof.tally;
  std::cout << tally.histories << " histories, " << tally.violated << " not linearizable: "
            << (proof.of_stream ? "the stream agrees, " + std::to_string(tally.late) + " times late"
                                : std::string("all engines agree"))
            << "\n";
  return 0;
}

}  // namespace
}  // namespace smalldb::checker::testing

int main(int count, char** arguments) { return smalldb::checker::testing::prove({arguments + 1, arguments + count}); }
