#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace smalldb::cli {

std::size_t output_width() {
  winsize size{};
  return reports::width_for(ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0);
}

bool shows_progress() {
  const char* const kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

reports::Style output_style(Wishes::Colour wish) {
  const bool wanted =
      wish == Wishes::Colour::automatic
          ? reports::wants_colour(isatty(STDOUT_FILENO) == 1, std::getenv("TERM"), std::getenv("NO_COLOR"))
          : wish == Wishes::Colour::always;
  return reports::Style(wanted, output_width());
}

}  // namespace smalldb::cli
