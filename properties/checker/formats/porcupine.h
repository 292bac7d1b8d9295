// Porcupine's key-value text: a map of EDN a line, with a :key; every key starts as the empty string.
//
//     {:process 9, :type :invoke, :f :append, :key "0", :value "x 9 0 y"}
//     {:process 9, :type :ok, :f :append, :key "0", :value "x 9 0 y"}
#pragma once

#include <string_view>

#include "properties/checker/formats/builder.h"
#include "properties/checker/formats/lines.h"

namespace smalldb::checker {

// Whether that may be the first line of such a text. Jepsen's maps name their keys otherwise, or their verbs.
bool is_porcupine(std::string_view line);

void read_porcupine(Lines& lines, Builder& builder);

}  // namespace smalldb::checker
