// What a note says beside its kind, as named fields of a line of the log: processes by their names, numbers by what
// they count.
#pragma once

#include <vector>

#include "model/machine.h"
#include "server/journal.h"
#include "server/members.h"

namespace smalldb::server {

std::vector<Journal::Field> fields_of(const effect::Note& note, const Members& members);

}  // namespace smalldb::server
