#include "reports/history_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reports/history_words.h"

namespace smalldb::reports {
namespace {

using checker::History;
using checker::Operation;
using checker::Verb;

constexpr std::size_t findings_max = 10;
constexpr std::size_t undecided_max = 10;
constexpr std::size_t states_max = 4;

bool writes_a_value(Verb verb) {
  return verb == Verb::put || verb == Verb::append || verb == Verb::swap_if_value || verb == Verb::swap_if_revision;
}

void count(const History& history, HistoryReport& report) {
  report.operations = history.operations().size();
  report.keys = history.key_count();
  report.processes = history.process_count();
  std::vector<std::pair<checker::KeyId, checker::ValueId>> written;
  for (const Operation& operation : history.operations()) {
    if (operation.outcome == checker::Outcome::unknown) ++report.operations_unknown;
    const bool may_write = operation.outcome == checker::Outcome::ok || operation.outcome == checker::Outcome::unknown;
    if (may_write && writes_a_value(operation.verb)) written.emplace_back(operation.key, operation.argument);
  }
  HistoryReport::Writes writes;
  writes.all = written.size();
  std::sort(written.begin(), written.end());
  for (std::size_t n = 1; n < written.size(); ++n) {
    if (written[n] == written[n - 1]) ++writes.repeated;
  }
  report.writes = writes;
}

void add_findings(const History& history, const checker::Verdict& verdict,
                  const std::vector<checker::BrokenGuarantee>& broken, HistoryReport& report) {
  const auto add = [&](std::string_view what, Phrase text, std::size_t earlier, std::size_t later) {
    if (report.findings.size() < findings_max) {
      report.findings.push_back({std::string(what), std::move(text), earlier, later});
    } else {
      ++report.findings_left_out;
    }
  };
  for (const checker::WrongRevision& wrong : verdict.wrong_revisions) {
    add("wrong revision", sentence(history, wrong), wrong.other, wrong.operation);
  }
  for (const checker::BrokenGuarantee& one : broken)
    add(checker::name(one.guarantee), sentence(history, one), one.earlier, one.later);
}

}  // namespace

int HistoryReport::exit_code() const {
  if (conclusion == checker::Conclusion::violated || !findings.empty() || !wrong_answers.empty()) return 1;
  return conclusion == checker::Conclusion::holds ? 0 : 2;
}

std::vector<std::string_view> HistoryReport::data() const {
  std::vector<std::string_view> data;
  if (reason) add_data_to(data, *reason);
  for (const Phrase& answer : wrong_answers) answer.add_data_to(data);
  for (const Undecided& one : undecided) data.emplace_back(one.key);
  for (const Finding& finding : findings) finding.sentence.add_data_to(data);
  for (const Witness& witness : witnesses) {
    data.emplace_back(witness.key);
    for (const Step& step : witness.order) step.text.add_data_to(data);
  }
  return data;
}

HistoryReport report_of(std::string file, const History& history, const checker::Verdict& verdict,
                        const std::vector<checker::BrokenGuarantee>& broken) {
  HistoryReport report;
  report.file = std::move(file);
  report.conclusion = verdict.conclusion;
  count(history, report);
  report.keys_violated = 0;
  std::map<checker::Engine, std::uint64_t> engines;
  for (const checker::KeyVerdict& key : verdict.keys) {
    ++engines[key.engine];
    if (key.conclusion == checker::Conclusion::violated) ++*report.keys_violated;
    report.steps += key.steps;
    if (key.conclusion != checker::Conclusion::unknown) continue;
    if (report.undecided.size() < undecided_max) {
      report.undecided.push_back(
          {std::string(history.name(key.key)), key.operations, key.judged_until, key.too_many_open});
    } else {
      ++report.undecided_left_out;
    }
  }
  report.engines.assign(engines.begin(), engines.end());
  if (verdict.violation) report.reason = reason_of(history, *verdict.violation);
  add_findings(history, verdict, broken, report);
  for (std::size_t key = 0; key < verdict.order.size(); ++key) {
    HistoryReport::Witness witness;
    witness.key = history.name(checker::KeyId{static_cast<std::uint32_t>(key)});
    for (const std::size_t position : verdict.order[key]) {
      const Operation& operation = history.operations()[position];
      witness.order.push_back(
          {position, said(process_text(history, operation.process), "  ", operation_text(history, operation), ": ",
                          answer_text(history, operation), " (", place_text(history, position), ")")});
    }
    report.witnesses.push_back(std::move(witness));
  }
  return report;
}

HistoryReport report_of(std::string file, const checker::Followed& followed) {
  HistoryReport report;
  report.file = std::move(file);
  report.conclusion = followed.conclusion;
  report.operations = followed.operations;
  report.operations_unknown = followed.operations_unknown;
  report.keys = followed.keys;
  report.processes = followed.processes;
  report.steps = followed.steps;
  for (const checker::Followed::Undecided& one : followed.undecided) {
    report.undecided.push_back({one.key, one.operations, one.judged_until, 0});
  }
  report.undecided_left_out = followed.undecided_left_out;
  const auto told = [](const checker::Followed::Answer& answer) {
    const History& history = answer.operation;
    const Operation& operation = history.operations().front();
    return said(fmt::format("line {}: ", answer.line), process_text(history, operation.process), "'s ",
                operation_text(history, operation), " (", place_text(history, 0),
                ") was answered: ", answer_text(history, operation), "; ");
  };
  if (followed.wrong_revision) {
    report.wrong_answers.push_back(said("Wrong revision in ", told(*followed.wrong_revision), followed.wrong, "."));
  }
  if (!followed.contradiction) return report;
  const History& history = followed.contradiction->operation;
  Phrase states;
  for (std::size_t i = 0; i < followed.states.size() && i < states_max; ++i) {
    states += said(i == 0 ? "" : " or ", value_text(history, followed.states[i]));
  }
  if (followed.states.size() > states_max) states += " or another";
  report.wrong_answers.push_back(said("No order explains ", followed.late ? "what was answered up to " : "",
                                      told(*followed.contradiction), Phrase::data(history.name(checker::KeyId{0})),
                                      " was ", states, "."));
  return report;
}

HistoryReport report_of_stopped(std::string file, std::string why) {
  HistoryReport report;
  report.file = std::move(file);
  report.stopped = std::move(why);
  return report;
}

}  // namespace smalldb::reports
