#include "reports/tally_json.h"

#include <exception>
#include <nlohmann/json.hpp>

#include "model/crc32c.h"
#include "sim/fault.h"

namespace smalldb::reports {
namespace {

using Json = nlohmann::ordered_json;
using scenarios::Block;
using scenarios::Tally;

constexpr int format = 5;

// What should have stood where something else stands.
struct Wanted {
  std::string words;
};

// A count: never below zero, no fraction, and no larger than can be counted.
std::uint64_t count(const Json& json, const std::string& what) {
  if (json.is_number_unsigned()) return json.get<std::uint64_t>();
  throw Wanted{what + ": a whole number from 0"};
}
std::uint64_t count_at(const Json& json, const std::string& key) { return count(json.at(key), key); }

Json write_counts(const std::map<std::string, std::uint64_t>& counts) {
  Json json = Json::object();
  for (const auto& [name, count] : counts) {
    if (count > 0) json[name] = count;
  }
  return json;
}

void read_counts(const Json& json, std::map<std::string, std::uint64_t>& counts) {
  for (const auto& [name, value] : json.items()) counts[name] = count(value, name);
}

Json write_faults(const properties::FaultMatrix::Rows& rows) {
  Json json = Json::object();
  for (std::size_t kind = 0; kind < rows.size(); ++kind) {
    const properties::FaultMatrix::Row& row = rows[kind];
    if (row.injected == 0 && row.effects == 0) continue;
    json[std::string(name(static_cast<sim::FaultKind>(kind)))] = {row.injected, row.effects, row.at_step};
  }
  return json;
}

void read_faults(const Json& json, properties::FaultMatrix::Rows& rows) {
  for (std::size_t kind = 0; kind < rows.size(); ++kind) {
    const auto found = json.find(name(static_cast<sim::FaultKind>(kind)));
    if (found == json.end()) continue;
    const std::string what(name(static_cast<sim::FaultKind>(kind)));
    rows[kind].injected = count(found->at(0), what);
    rows[kind].effects = count(found->at(1), what);
    for (std::size_t step = 0; step < rows[kind].at_step.size(); ++step) {
      rows[kind].at_step[step] = count(found->at(2).at(step), what);
    }
  }
}

Json write_findings(const Tally& tally) {
  Json json = Json::array();
  for (const auto& [kind, found] : tally.findings) {
    const scenarios::FoundRun& run = found.fastest;
    json.push_back({{"property", kind.property},
                    {"shape", kind.shape},
                    {"count", found.count},
                    {"first", found.first},
                    {"seed", run.seed},
                    {"budget", name(run.budget)},
                    {"events", run.events},
                    {"witness", run.witness}});
  }
  return json;
}

scenarios::Budget read_budget(const Json& json) {
  for (const scenarios::Budget budget : {scenarios::Budget::survivable, scenarios::Budget::unrestricted}) {
    if (json == name(budget)) return budget;
  }
  throw Wanted{"budget: survivable or unrestricted"};
}

void read_findings(const Json& json, Tally& tally) {
  for (const Json& one : json) {
    scenarios::FoundRun run;
    run.seed = count_at(one, "seed");
    run.budget = read_budget(one.at("budget"));
    run.events = count_at(one, "events");
    run.witness = one.at("witness").get<std::string>();
    tally.add_class({one.at("property").get<std::string>(), one.at("shape").get<std::string>()},
                    {count_at(one, "count"), count_at(one, "first"), run});
  }
}

Json write_campaign(const scenarios::CampaignName& campaign) {
  Json json{{"program", campaign.program}, {"events_max", campaign.events_max}};
  if (campaign.budget) json["budget"] = name(*campaign.budget);
  if (!campaign.fixed.empty()) json["template"] = campaign.fixed;
  return json;
}

void read_campaign(const Json& json, scenarios::CampaignName& campaign) {
  json.at("program").get_to(campaign.program);
  campaign.events_max = count_at(json, "events_max");
  if (json.contains("budget")) campaign.budget = read_budget(json.at("budget"));
  if (json.contains("template")) json.at("template").get_to(campaign.fixed);
}

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// All of it but its checksum.
Json json_of(const Block& block) {
  const Tally& tally = block.tally;
  return {{"smalldb_sim_block", format},
          {"campaign", write_campaign(block.campaign)},
          {"first", block.name.first},
          {"count", block.name.count},
          {"runs", tally.runs},
          {"events", tally.events},
          {"simulated_us", tally.simulated_us},
          {"operations", tally.operations},
          {"out_of_memory", tally.out_of_memory},
          {"coverage", write_counts(tally.coverage)},
          {"runs_with", write_counts(tally.runs_with)},
          {"judged", write_counts(tally.judged)},
          {"faults", write_faults(tally.faults)},
          {"shapes", write_counts(tally.shapes)},
          {"findings", write_findings(tally)}};
}

}  // namespace

std::string write_block(const Block& block) {
  Json json = json_of(block);
  json["crc32c"] = crc32c(text_of(json));
  return text_of(json) + "\n";
}

std::optional<Block> read_block(std::string_view line, std::string& expected) {
  try {
    const Json json = Json::parse(line);
    if (!json.is_object() || !json.contains("smalldb_sim_block")) {
      expected = "a line of results, as `smalldb-sim fuzz --results FILE` writes them";
      return std::nullopt;
    }
    if (json.at("smalldb_sim_block") != format) {
      expected = "results of format " + std::to_string(format) + ", found those of format " +
                 json.at("smalldb_sim_block").dump() + ", which another version of smalldb-sim writes and merges";
      return std::nullopt;
    }
    Block block;
    read_campaign(json.at("campaign"), block.campaign);
    block.name = {count_at(json, "first"), count_at(json, "count")};
    if (block.name.count == 0 || block.name.first + (block.name.count - 1) < block.name.first) {
      throw Wanted{"count: how many seeds there are from the first on"};
    }
    block.tally.runs = count_at(json, "runs");
    block.tally.events = count_at(json, "events");
    block.tally.simulated_us = count_at(json, "simulated_us");
    block.tally.operations = count_at(json, "operations");
    for (const Json& seed : json.at("out_of_memory")) {
      const std::uint64_t one = count(seed, "out_of_memory");
      if (!block.name.overlaps({one, 1}) || !block.tally.out_of_memory.insert(one).second) {
        throw Wanted{"out_of_memory: seeds of these, each of them once"};
      }
    }
    if (block.tally.runs > block.name.count || block.tally.out_of_memory.size() > block.name.count - block.tally.runs) {
      throw Wanted{"runs and out_of_memory: no more of them than seeds"};
    }
    read_counts(json.at("coverage"), block.tally.coverage);
    read_counts(json.at("runs_with"), block.tally.runs_with);
    read_counts(json.at("judged"), block.tally.judged);
    for (const auto& [property, runs] : block.tally.judged) {
      if (runs > block.tally.runs) throw Wanted{"judged: a property in no more runs than there are"};
    }
    read_faults(json.at("faults"), block.tally.faults);
    read_counts(json.at("shapes"), block.tally.shapes);
    read_findings(json.at("findings"), block.tally);
    if (count_at(json, "crc32c") != crc32c(text_of(json_of(block)))) {
      throw Wanted{"crc32c: the checksum of all that the line says; some of it is not as it was written"};
    }
    return block;
  } catch (const Wanted& other) {
    expected = other.words;
    return std::nullopt;
  } catch (const nlohmann::json::exception&) {
    expected = "a line of results, as smalldb-sim fuzz --results writes them";
    return std::nullopt;
  }
}

}  // namespace smalldb::reports
