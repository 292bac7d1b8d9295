// The words of witnesses: how times, positions, answers and operations are spoken of.
#pragma once

#include <string>
#include <string_view>

#include "model/client.h"
#include "model/ids.h"
#include "model/request.h"
#include "properties/mirror.h"
#include "properties/observation.h"
#include "sim/time.h"

namespace smalldb::properties {

// "a waits for an operator to promote it, and none has". REQUIRES: somebody does (Mirror::waiting_for_operator).
std::string awaited_operator(const Mirror& mirror);

// What is remembered of an answer that was released.
struct Answer {
  ProcessId node = no_process;
  ProcessId client = no_process;
  Invocation asked;  // numbered as its request is; 0: for a session
  Status status = Status::ok;
  Bytes value;
  Revision revision;
  Lsn position;
  sim::Time at;
  sim::EventIndex event = sim::no_event;
};
// REQUIRES: the observation of an answer that was released.
Answer answer_of(const Observation& observation);
// "client c1 was given ok (revision 12) for put x=17 by a at 3.203 s".
std::string text(const Answer& answer, const Mirror& mirror);

// "3.204 s"; to the nanosecond where it matters, without zeros that say nothing.
std::string text(sim::Time time);
std::string text(Duration duration);
// "record 12".
std::string text(Lsn lsn);
// "epoch 2".
std::string text(Epoch epoch);
// "epoch 2 of b".
std::string text(const Mirror& mirror, Line line);
// "ok (revision 12)", "not_found".
std::string text(const Completion& completion);
// "put x=17", "get x", "delete x if its revision is 3".
std::string text(const Invocation& invocation);
std::string text(const Request& request);

}  // namespace smalldb::properties
