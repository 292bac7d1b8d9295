// How fast histories are read, in each format: bench/README.md has the figures.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <variant>

#include "properties/checker/formats/reader.h"

namespace smalldb::checker {
namespace {

constexpr std::size_t operations = 100'000;
constexpr std::size_t processes = 100;
constexpr std::size_t keys = 1'000;

// Writes of distinct values and reads of them, by all processes at a time.
template <class Call, class Answer>
std::string events(Call call, Answer answer) {
  std::string text;
  for (std::size_t n = 0; n < operations + processes; ++n) {
    if (n >= processes) text += answer(n - processes);
    if (n < operations) text += call(n);
  }
  return text;
}

std::string quoted(std::string_view letter, std::size_t number) {
  return "\"" + std::string(letter) + std::to_string(number) + "\"";
}

std::string json_text() {
  const auto head = [](std::size_t n) { return "{\"process\":" + quoted("c", n % processes); };
  return events(
      [&](std::size_t n) {
        const std::string key = ",\"key\":" + quoted("k", n % keys);
        return n % 2 == 0 ? head(n) + ",\"call\":\"put\"" + key + ",\"value\":" + quoted("v", n) + "}\n"
                          : head(n) + ",\"call\":\"get\"" + key + "}\n";
      },
      [&](std::size_t n) {
        return head(n) +
               (n % 2 == 0 ? ",\"return\":\"ok\"}\n" : ",\"return\":\"ok\",\"value\":" + quoted("v", n) + "}\n");
      });
}

std::string jepsen_line(std::size_t n, std::string_view type, bool known) {
  const bool writes = n % 2 == 0;
  return "{:process " + std::to_string(n % processes) + ", :type " + std::string(type) + ", :f " +
         (writes ? ":write" : ":read") + ", :value [" + std::to_string(n % keys) + " " +
         (writes || known ? std::to_string(n) : "nil") + "], :index 17}\n";
}

std::string jepsen_text() {
  return events([](std::size_t n) { return jepsen_line(n, ":invoke", false); },
                [](std::size_t n) { return jepsen_line(n, ":ok", true); });
}

std::string jepsen_log_line(std::size_t n, std::string_view type, bool known) {
  const bool writes = n % 2 == 0;
  return "INFO  jepsen.util - " + std::to_string(n % processes) + "\t" + std::string(type) +
         (writes ? "\t:write\t" : "\t:read\t") + (writes || known ? std::to_string(n % 5) : "nil") + "\n";
}

std::string jepsen_log_text() {
  return events([](std::size_t n) { return jepsen_log_line(n, ":invoke", false); },
                [](std::size_t n) { return jepsen_log_line(n, ":ok", true); });
}

void read_history(benchmark::State& state, const std::string& text) {
  for (auto _ : state) {
    Text source(text);
    const Read history = read(source);
    if (!std::holds_alternative<History>(history)) std::abort();
    benchmark::DoNotOptimize(history);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * operations));
}

BENCHMARK_CAPTURE(read_history, json, json_text());
BENCHMARK_CAPTURE(read_history, jepsen, jepsen_text());
BENCHMARK_CAPTURE(read_history, jepsen_log, jepsen_log_text());

}  // namespace
}  // namespace smalldb::checker

BENCHMARK_MAIN();
