#include "model/assert.h"

#include <string>

namespace smalldb::assertion {

void Value::append_to(std::string& words) const {
  switch (kind_) {
    case Kind::whole: words += std::to_string(whole_); break;
    case Kind::natural: words += std::to_string(natural_); break;
    case Kind::letter: words += letter_; break;
    case Kind::text: words += text_; break;
  }
}

void fail(const char* file, int line, const char* condition, std::initializer_list<Value> values) {
  // From the folder's name on: where the tree was built is of no interest, and differs between builds.
  std::string_view path(file);
  if (const auto folder = path.rfind("model/"); folder != std::string_view::npos) path.remove_prefix(folder);
  std::string words = std::string(path) + ":" + std::to_string(line) + ": assertion failed: " + condition;
  if (values.size() > 0) words += " with";
  for (const Value& value : values) {
    words += ' ';
    value.append_to(words);
  }
  throw AssertionFailed(words);
}

}  // namespace smalldb::assertion
