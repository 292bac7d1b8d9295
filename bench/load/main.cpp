// load_stores: loads a store, and prints how fast it answered as a line of JSON (bench/compare_stores.py).
#include <CLI/CLI.hpp>
#include <boost/asio/ip/address.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bench/load/closed_loop.h"

namespace smalldb::load {
namespace {

using Json = nlohmann::ordered_json;

double milliseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

Json latencies_json(const Latencies& latencies) {
  Json at_least = Json::array();
  for (const std::int64_t limit_us : {250, 500, 1'000, 2'000, 5'000, 10'000, 20'000, 50'000, 100'000, 1'000'000}) {
    const std::chrono::microseconds limit{limit_us};
    at_least.push_back({milliseconds(limit), latencies.from(limit)});
  }
  return {{"count", latencies.count()},
          {"p50_ms", milliseconds(latencies.percentile(0.5))},
          {"p99_ms", milliseconds(latencies.percentile(0.99))},
          {"longest_ms", milliseconds(latencies.longest())},
          {"at_least_ms", at_least}};
}

std::unique_ptr<Protocol> protocol_named(const std::string& name) {
  if (name == "redis") return redis_protocol();
  if (name == "etcd") return etcd_protocol();
  if (name == "postgres-on") return postgres_protocol("on");
  if (name == "postgres-remote_write") return postgres_protocol("remote_write");
  return smalldb_protocol();
}

int load(int count, char** arguments) {
  CLI::App app{"Loads a store with reads and writes over connections that have one request outstanding each."};
  Load load;
  std::string protocol = "smalldb", host = "127.0.0.1";
  std::uint16_t port = 0;
  double seconds = 1, warm_up = 0;
  app.add_option("--protocol", protocol)
      ->check(CLI::IsMember({"smalldb", "redis", "etcd", "postgres-on", "postgres-remote_write"}));
  app.add_option("--host", host, "An address, in digits")->check(CLI::ValidIPV4);
  app.add_option("--port", port)->required();
  app.add_option("--connections", load.connections)->check(CLI::Range(1, 10'000));
  app.add_option("--seconds", seconds, "That are counted")->check(CLI::Range(0.01, 86'400.0));
  app.add_option("--warm-up", warm_up, "Seconds before that, which are not")->check(CLI::Range(0.0, 3'600.0));
  app.add_option("--value-bytes", load.value_bytes)->check(CLI::Range(1, 1 << 20));
  app.add_option("--reads", load.reads_percent, "Of a hundred requests; the others are writes")
      ->check(CLI::Range(0, 100));
  app.add_option("--keys", load.keys, "They are key-0, key-1, ...; each is as likely as the others")
      ->check(CLI::Range(1, 1'000'000'000));
  app.add_flag("--each-key-once", load.each_key_once,
               "Writes each key once, in order, instead of by chance for a time");
  CLI11_PARSE(app, count, arguments);

  const auto time = [](double value) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(value));
  };
  load.at = {boost::asio::ip::make_address(host), port};
  load.lasts = time(seconds);
  load.warm_up = time(warm_up);
  if (load.each_key_once) load.reads_percent = 0;
  const Outcome outcome = run(load, *protocol_named(protocol));
  std::cout << Json{{"seconds", milliseconds(outcome.took) / 1000},
                    {"of_a_core", outcome.of_a_core},
                    {"reads", latencies_json(outcome.reads)},
                    {"writes", latencies_json(outcome.writes)}}
            << "\n";
  return 0;
}

}  // namespace
}  // namespace smalldb::load

int main(int count, char** arguments) {
  try {
    return smalldb::load::load(count, arguments);
  } catch (const std::exception& error) {
    std::cerr << "load_stores: " << error.what() << "\n";
    return 1;
  }
}
