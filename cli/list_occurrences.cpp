#include <iostream>

#include "cli/command.h"
#include "cli/list.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "model/messages.h"
#include "reports/layout.h"
#include "scenarios/occurrence.h"

namespace smalldb::cli {
namespace {

void write_words(std::string_view what, const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  std::cout << '\n' << what << '\n';
  reports::write_paragraph("  ", 2, text, std::cout, output_width());
}

}  // namespace

Exit list_occurrences(const CommandLine& line) {
  if (const auto exit = parse_nothing("occurrences",
                                      "Lists what a fault (`when`, `until`) or a client's script (`wait "
                                      "until`) can wait for.",
                                      line)) {
    return *exit;
  }
  write_paragraphs(
      "What `when`, `until` and `wait until` can name. Here a and b stand for any process (primary and backup are "
      "whoever plays the role then, anyone is anyone) and c1 for a client; what is in brackets may be left out. Begin "
      "with \"before\", \"after\" or nothing; before something is only for what can be seen coming (*). End with "
      "\", the 2nd time\" where needed.",
      std::cout);
  std::cout << '\n';
  Meanings list;
  for (const auto& known : scenarios::occurrence_descriptions()) {
    list.emplace_back((known.can_be_foreseen ? "* " : "  ") + known.phrase, known.means);
  }
  write_list(list, std::cout);
  write_words("Messages:", {message_names().begin(), message_names().end()});
  write_words("What a machine notes:", scenarios::note_names());
  write_words("Roles:", scenarios::role_names());
  return as_expected;
}

}  // namespace smalldb::cli
