// What a user of ours asked for and was told, in the words of the checker of histories.
#pragma once

#include <functional>
#include <string_view>

#include "model/client.h"
#include "properties/checker/history.h"

namespace smalldb::properties {

// The number of a value.
using Intern = std::function<checker::ValueId(std::string_view)>;

// Verb, condition and what it writes. A remove of ours says whether it found something: it is one on condition that
// there is something.
checker::Operation asked(const Invocation& invocation, const Intern& intern);

// Whether it is the store that has said so: "failed" and "unknown" are words of a client that has lost patience.
inline bool is_word_of_the_store(Outcome outcome) { return outcome != Outcome::failed && outcome != Outcome::unknown; }

// Whether a store may answer so: only who found nothing is told that, and only a condition can have failed.
bool is_answer_to(const Invocation& invocation, Outcome outcome);

// Adds the outcome and what the answer says.
void answer(const Completion& completion, const Intern& intern, checker::Operation& operation);

}  // namespace smalldb::properties
