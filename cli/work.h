// Long work that a person may look on at, and interrupt.
#pragma once

#include <functional>
#include <string>

namespace smalldb::cli {

enum class WorkEnd { done, interrupted };

// Does `work` on a thread of its own. Until it is done, and if standard error is a terminal, shows there what
// `progress` says, once it has taken more than a moment. At Ctrl-C it returns at once and leaves the work running: then
// the program must end by leave(), and what the work uses must live until then. Throws what the work throws.
WorkEnd do_work(const std::function<void()>& work, const std::function<std::string()>& progress);

// Ends the program although work is running, with all output written.
[[noreturn]] void leave(int exit);

}  // namespace smalldb::cli
