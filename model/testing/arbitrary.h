// Records, requests and messages made up by rapidcheck, for tests. Sizes and numbers cover the edges: empty and long
// keys and values, bytes of every kind, positions up to the largest.
#pragma once

#include <rapidcheck.h>

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "model/bytes.h"
#include "model/messages.h"
#include "model/record.h"
#include "model/request.h"

namespace smalldb::testing {

rc::Gen<std::uint64_t> any_number();
rc::Gen<Bytes> any_bytes();
rc::Gen<DirectoryId> any_directory();
rc::Gen<ProcessId> any_process();
rc::Gen<Request> any_request();
rc::Gen<Record> any_record();
rc::Gen<Message> any_message();

// `bytes` with one bit turned over.
std::string with_bit_flipped(std::string_view bytes, std::size_t bit);

// `bytes` cut into pieces at random.
std::vector<std::string> pieces_of(const std::string& bytes);

}  // namespace smalldb::testing

// How a failed property shows what it was tried with.
namespace smalldb {

void showValue(const Bytes& bytes, std::ostream& to);
void showValue(const Record& record, std::ostream& to);
void showValue(const Message& message, std::ostream& to);

}  // namespace smalldb
