#include "cli/list.h"

#include <algorithm>
#include <ostream>

#include "reports/layout.h"

namespace smalldb::cli {

void write_list(const Meanings& list, std::ostream& out) {
  std::size_t width = 0;
  for (const auto& [name, meaning] : list) width = std::max(width, name.size());
  for (const auto& [name, meaning] : list) {
    reports::write_paragraph(name + std::string(width + 2 - name.size(), ' '), width + 2, meaning, out);
  }
}

}  // namespace smalldb::cli
