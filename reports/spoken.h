// Messages, records and operations in words: what the bytes in a trace say.
#pragma once

#include <string>
#include <string_view>

#include "model/client.h"
#include "model/messages.h"
#include "model/record.h"
#include "reports/names.h"

namespace smalldb::reports {

// "put x=17", "get x", "delete x if revision 7".
std::string operation_text(Verb verb, std::string_view key, std::string_view value, const Condition& condition);
std::string operation_text(const Invocation& invocation);

// What became of an operation: "ok, revision 5", "17, revision 5", "there is none", "unknown: ...".
std::string completion_text(Verb verb, const Completion& completion);

// "put x=17 (request 3 of session 5)", "epoch 2 starts, b is primary".
std::string record_text(const Record& record, const Names& names);

// "records 12 to 14, safe up to 11: put x=17; ...", "acknowledges 14, durable up to 12".
std::string message_text(const Message& message, const Names& names);

}  // namespace smalldb::reports
