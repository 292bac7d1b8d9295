// Our JSON lines: one object a line, one line for each thing that happened, in that order. docs/histories.md has the
// format, properties/checker/formats/history.schema.json is the JSON Schema of a line.
//
//     {"smalldb_history":1,"initial":null,"initial_of":[{"key":"x","value":"1"}]}   at most once, first
//     {"at":12,"process":"c1","call":"put","key":"x","value":"17","if_value":"1"}
//     {"at":15,"process":"c1","return":"ok","revision":5}
//     {"at":16,"begins":"a <-> b: nothing passes"}
#pragma once

#include "properties/checker/formats/builder.h"
#include "properties/checker/formats/lines.h"

namespace smalldb::checker {

void read_json_lines(Lines& lines, Builder& builder);

}  // namespace smalldb::checker
