#include "cli/judge_bytes.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string_view>

#include "cli/command.h"
#include "scenarios/campaign/campaign.h"
#include "scenarios/campaign/capsule.h"
#include "scenarios/generator/generate.h"
#include "sim/chance.h"

namespace smalldb::cli {

bool JudgeOfBytes::judge(std::span<const std::uint8_t> bytes) const {
  const scenarios::Chosen chosen = scenarios::generate(scenarios::Choices(bytes), fixed ? &*fixed : nullptr);
  scenarios::RunOptions options;
  options.events_max = scenarios::Campaign{}.events_max;
  const auto failure = scenarios::failure_of(scenarios::run(chosen.scenario, options));
  // What could not be judged is nothing to stop for: the campaign of seeds counts it.
  if (!failure || !is_certain(failure->kind)) return true;

  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::array<char, 17> name{};
  std::snprintf(name.data(), name.size(), "%016llx", static_cast<unsigned long long>(sim::chance::hash_of(text)));
  const std::string origin =
      "bytes " + std::string(name.data()) + ", " + std::string(scenarios::name(chosen.budget)) + " budget";
  const auto capsule =
      scenarios::seal(chosen.scenario, {program_name(), std::string(compiler()), origin, options.events_max});
  if (!capsule) throw std::runtime_error(origin + ": failed, and failed not again");
  const std::string path = prefix + failure->kind.property + "_" + name.data() + ".capsule";
  std::ofstream file(path, std::ios::binary);
  file << write_capsule(*capsule);
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
  std::cerr << "violated  " << failure->kind.property << ": " << failure->witness << "\ncapsule   " << path << '\n';
  return false;
}

}  // namespace smalldb::cli
