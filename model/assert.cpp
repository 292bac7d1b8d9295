#include "model/assert.h"

#include <string_view>

namespace smalldb::assertion {

void fail(const char* file, int line, const char* condition, const std::string& values) {
  // From the folder's name on: where the tree was built is of no interest, and differs between builds.
  std::string_view path(file);
  if (const auto folder = path.rfind("model/"); folder != std::string_view::npos) path.remove_prefix(folder);
  throw AssertionFailed(std::string(path) + ":" + std::to_string(line) + ": assertion failed: " + condition +
                        (values.empty() ? "" : " with") + values);
}

}  // namespace smalldb::assertion
