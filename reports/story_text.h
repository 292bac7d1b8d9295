// The story in fixed columns: virtual time in seconds, one narrow column per node with its role and the end of its log,
// and what happened.
//
//       seconds  a                 b
//      3.204117  primary      128  backup       127  a <-> b: nothing passes
//      3.455030  alone        131  backup       127  a goes alone in epoch 2
#pragma once

#include <iosfwd>

#include "reports/story.h"
#include "reports/style.h"

namespace smalldb::reports {

// A column in which nothing has changed since the line above is dim.
void write_story(const Story& story, const Style& style, std::ostream& out);

}  // namespace smalldb::reports
