// What libFuzzer calls, and AFL++ and ClusterFuzz through the same two names. Of libFuzzer's options it reads
// `-artifact_prefix=`, so that capsules are written where inputs are; its own is `--template=FILE`, as that of fuzz.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/judge_bytes.h"
#include "cli/template.h"

namespace {

smalldb::cli::JudgeOfBytes& judge() {
  static smalldb::cli::JudgeOfBytes judge;
  return judge;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  for (int n = 1; n < *count; ++n) {
    const std::string_view argument = (*arguments)[n];
    const std::string_view option = argument.substr(0, argument.find('=') + 1);
    const std::string value(argument.substr(option.size()));
    if (option == "-artifact_prefix=") judge().prefix = value;
    if (option == "--template=" && !smalldb::cli::load_template(value, judge().fixed)) std::exit(3);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (!judge().judge({bytes, size})) std::abort();
  return 0;
}
