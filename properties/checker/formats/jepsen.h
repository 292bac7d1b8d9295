// Jepsen's histories: its EDN, and the text log that its older runs wrote.
//
//     {:process 0, :type :invoke, :f :cas, :value [1 2], :time 13}         EDN, a map for each event
//     INFO  jepsen.util - 0  :invoke  :cas  [1 2]                          the log
//
// :f is :read, :write, :cas (or :get, :put, :append, :delete); :type is :invoke, :ok, :fail or :info. An :info of a
// user is an unknown outcome. A :fail of a :cas found another value, unless :error says why it failed: then, as all
// other :fail, it never took effect and says nothing. Keys: :key, or the tuples [key value] of independent registers;
// else there is one. nil is no value. What :nemesis does becomes marks.
//
// Events stand in the order in which they happened, which is finer than their :time; it may not go back.
#pragma once

#include "properties/checker/formats/builder.h"
#include "properties/checker/formats/lines.h"

namespace smalldb::checker {

void read_jepsen(Lines& lines, Builder& builder);
void read_jepsen_log(Lines& lines, Builder& builder);

}  // namespace smalldb::checker
