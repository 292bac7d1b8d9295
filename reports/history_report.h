// All that is told of one history that was checked: its size, the verdict, who gave it, and what is wrong. A plain
// value that no longer needs the history; history_text.h and history_json.h write it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "properties/checker/check.h"
#include "properties/checker/formats/follow.h"
#include "properties/checker/history.h"
#include "reports/phrase.h"
#include "reports/reason.h"

namespace smalldb::reports {

struct HistoryReport {
  // Two operations of which the store's own numbers say that something is wrong.
  struct Finding {
    std::string what;  // "read your writes", "wrong revision"
    Phrase sentence;
    std::size_t earlier = 0;  // positions in the history
    std::size_t later = 0;
  };
  // A key that the budget did not suffice for.
  struct Undecided {
    std::string key;
    std::uint64_t operations = 0;
    checker::Instant judged_until = 0;
    std::uint32_t too_many_open = 0;  // at a time, if that is why
  };
  // An operation in an order that explains all answers of its key.
  struct Step {
    std::size_t position = 0;
    Phrase text;  // "c1  put x=17: ok (line 3)"
  };
  struct Witness {
    std::string key;
    std::vector<Step> order;
  };

  std::string file;  // as the user named it
  checker::Conclusion conclusion = checker::Conclusion::unknown;
  std::string stopped;  // why it is unknown, if that is not the budget: "interrupted"

  std::uint64_t operations = 0;
  std::uint64_t operations_unknown = 0;  // of unknown outcome
  std::uint64_t keys = 0;
  std::uint64_t processes = 0;
  // Not of a history that was judged while it was read, nor of one that was not judged to the end.
  struct Writes {
    std::uint64_t all = 0;
    std::uint64_t repeated = 0;  // of a value that the key was given before
  };
  std::optional<Writes> writes;
  std::optional<std::uint64_t> keys_violated;
  std::uint64_t steps = 0;
  std::vector<std::pair<checker::Engine, std::uint64_t>> engines;  // how many keys each judged, none left out
  // The one that was asked for. What another judged, this one proved nothing of.
  checker::Engine asked = checker::Engine::automatic;

  std::optional<Reason> reason;       // if violated
  std::vector<Phrase> wrong_answers;  // a sentence each, of a history that was judged while it was read
  std::vector<Undecided> undecided;
  std::uint64_t undecided_left_out = 0;
  std::vector<Finding> findings;
  std::uint64_t findings_left_out = 0;
  std::vector<Witness> witnesses;

  // All that it names. Valid as long as the report.
  std::vector<std::string_view> data() const;

  // 0: all is well. 1: something is wrong. 2: unknown.
  int exit_code() const;
};

HistoryReport report_of(std::string file, const checker::History& history, const checker::Verdict& verdict,
                        const std::vector<checker::BrokenGuarantee>& broken);

// Of a history that was judged while it was read: it says what is wrong, and not why.
HistoryReport report_of(std::string file, const checker::Followed& followed);

// Of a history that was not judged to the end.
HistoryReport report_of_stopped(std::string file, std::string why);

}  // namespace smalldb::reports
