#include "reports/tally_json.h"

#include <exception>
#include <nlohmann/json.hpp>

#include "sim/fault.h"

namespace smalldb::reports {
namespace {

using Json = nlohmann::ordered_json;
using scenarios::Block;
using scenarios::Tally;

constexpr int format = 2;

Json write_counts(const std::map<std::string, std::uint64_t>& counts) {
  Json json = Json::object();
  for (const auto& [name, count] : counts) {
    if (count > 0) json[name] = count;
  }
  return json;
}

void read_counts(const Json& json, std::map<std::string, std::uint64_t>& counts) {
  for (const auto& [name, count] : json.items()) counts[name] = count.get<std::uint64_t>();
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
    rows[kind].injected = found->at(0).get<std::uint64_t>();
    rows[kind].effects = found->at(1).get<std::uint64_t>();
    found->at(2).get_to(rows[kind].at_step);
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
  return json == name(scenarios::Budget::survivable) ? scenarios::Budget::survivable : scenarios::Budget::unrestricted;
}

void read_findings(const Json& json, Tally& tally) {
  for (const Json& one : json) {
    scenarios::FoundRun run;
    run.seed = one.at("seed").get<std::uint64_t>();
    run.budget = read_budget(one.at("budget"));
    run.events = one.at("events").get<std::uint64_t>();
    run.witness = one.at("witness").get<std::string>();
    tally.add_class({one.at("property").get<std::string>(), one.at("shape").get<std::string>()},
                    {one.at("count").get<std::uint64_t>(), one.at("first").get<std::uint64_t>(), run});
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
  json.at("events_max").get_to(campaign.events_max);
  if (json.contains("budget")) campaign.budget = read_budget(json.at("budget"));
  if (json.contains("template")) json.at("template").get_to(campaign.fixed);
}

}  // namespace

std::string write_block(const Block& block) {
  const Tally& tally = block.tally;
  const Json json{{"smalldb_sim_block", format},
                  {"campaign", write_campaign(block.campaign)},
                  {"first", block.name.first},
                  {"count", block.name.count},
                  {"runs", tally.runs},
                  {"events", tally.events},
                  {"simulated_us", tally.simulated_us},
                  {"operations", tally.operations},
                  {"not_judged", tally.not_judged},
                  {"coverage", write_counts(tally.coverage)},
                  {"runs_with", write_counts(tally.runs_with)},
                  {"faults", write_faults(tally.faults)},
                  {"shapes", write_counts(tally.shapes)},
                  {"findings", write_findings(tally)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<Block> read_block(std::string_view line, std::string& expected) {
  try {
    const Json json = Json::parse(line);
    if (!json.is_object() || !json.contains("smalldb_sim_block")) {
      expected = "a line of results, as `smalldb-sim fuzz --results FILE` writes them";
      return std::nullopt;
    }
    if (json.at("smalldb_sim_block") != format) {
      expected = "results of format " + std::to_string(format);
      return std::nullopt;
    }
    Block block;
    read_campaign(json.at("campaign"), block.campaign);
    json.at("first").get_to(block.name.first);
    json.at("count").get_to(block.name.count);
    json.at("runs").get_to(block.tally.runs);
    json.at("events").get_to(block.tally.events);
    json.at("simulated_us").get_to(block.tally.simulated_us);
    json.at("operations").get_to(block.tally.operations);
    json.at("not_judged").get_to(block.tally.not_judged);
    read_counts(json.at("coverage"), block.tally.coverage);
    read_counts(json.at("runs_with"), block.tally.runs_with);
    read_faults(json.at("faults"), block.tally.faults);
    read_counts(json.at("shapes"), block.tally.shapes);
    read_findings(json.at("findings"), block.tally);
    return block;
  } catch (const nlohmann::json::exception&) {
    expected = "a line of results, as smalldb-sim fuzz --results writes them";
    return std::nullopt;
  }
}

}  // namespace smalldb::reports
