#include "cli/list.h"

#include <algorithm>
#include <ostream>

#include "cli/terminal.h"
#include "reports/layout.h"

namespace smalldb::cli {

void write_paragraphs(std::string_view text, std::ostream& out) {
  for (std::size_t end = 0; end != text.npos; text.remove_prefix(end == text.npos ? 0 : end + 1)) {
    end = text.find('\n');
    reports::write_paragraph("", 0, text.substr(0, end), out, output_width());
  }
}

void write_list(const Meanings& list, std::ostream& out) {
  std::size_t width = 0;
  for (const auto& [name, meaning] : list) width = std::max(width, name.size());
  for (const auto& [name, meaning] : list) {
    reports::write_paragraph(name + std::string(width + 2 - name.size(), ' '), width + 2, meaning, out, output_width());
  }
}

}  // namespace smalldb::cli
