#include "properties/users.h"

#include <algorithm>

namespace smalldb::properties {
namespace {

bool is_for(const Request& request, const Invocation& invocation) {
  return invocation.verb == request.verb && invocation.key == request.key && invocation.value == request.value &&
         invocation.condition == request.condition;
}

}  // namespace

void Users::invoked(ProcessId client, const Invocation& invocation, sim::EventIndex event) {
  desks_[static_cast<std::size_t>(client)].waiting.push_back({invocation, event, {}});
}

const Users::Operation* Users::sent(ProcessId client, const Request& request, sim::EventIndex cause) {
  if (request.verb == Verb::open_session) return nullptr;
  Desk& desk = desks_[static_cast<std::size_t>(client)];
  if (request.session.value == 0) return take_up(desk, request, cause);
  const Name name(request.session, request.number);
  Operation* again = nullptr;  // sent in an earlier session
  for (Operation& operation : desk.sent) {
    bool in_this_session = operation.names.empty();  // what has no name gets no other one
    for (const Name& known : operation.names) {
      if (known == name) return nullptr;
      in_this_session = in_this_session || known.first == request.session;
    }
    if (!in_this_session && again == nullptr && is_for(request, operation.invocation)) again = &operation;
  }
  const bool new_now = !desk.waiting.empty() && cause != sim::no_event && desk.waiting.back().invoked == cause &&
                       is_for(request, desk.waiting.back().invocation);
  if (new_now || again == nullptr) again = take_up(desk, request, cause);
  if (again != nullptr) again->names.push_back(name);
  return again;
}

// Of those that the request may be for, the operation that was invoked then, else the one that has waited longest; null
// if there is none.
Users::Operation* Users::take_up(Desk& desk, const Request& request, sim::EventIndex invoked) {
  const auto first = desk.waiting.begin() + static_cast<std::ptrdiff_t>(desk.next);
  const auto fits = [&](const Operation& operation) { return is_for(request, operation.invocation); };
  auto found =
      std::lower_bound(first, desk.waiting.end(), invoked,
                       [](const Operation& operation, sim::EventIndex index) { return operation.invoked < index; });
  const bool was_invoked_then = found != desk.waiting.end() && found->invoked == invoked && fits(*found);
  if (!was_invoked_then) found = std::find_if(first, desk.waiting.end(), fits);
  if (found == desk.waiting.end()) return nullptr;
  desk.sent.push_back(take_waiting(desk, static_cast<std::size_t>(found - desk.waiting.begin())));
  return &desk.sent.back();
}

std::optional<Users::Operation> Users::completed(ProcessId client, std::uint64_t number) {
  Desk& desk = desks_[static_cast<std::size_t>(client)];
  const auto is_it = [&](const Operation& operation) { return operation.invocation.number == number; };
  if (const auto sent = std::find_if(desk.sent.begin(), desk.sent.end(), is_it); sent != desk.sent.end()) {
    Operation operation = std::move(*sent);
    desk.sent.erase(sent);
    return operation;
  }
  for (std::size_t place = desk.next; place < desk.waiting.size(); ++place) {
    if (is_it(desk.waiting[place])) return take_waiting(desk, place);
  }
  return std::nullopt;
}

// Nearly always the first that waits, so that is the cheap one.
Users::Operation Users::take_waiting(Desk& desk, std::size_t place) {
  Operation operation = std::move(desk.waiting[place]);
  const auto first = desk.waiting.begin() + static_cast<std::ptrdiff_t>(desk.next);
  std::move_backward(first, first + static_cast<std::ptrdiff_t>(place - desk.next),
                     first + static_cast<std::ptrdiff_t>(place - desk.next) + 1);
  ++desk.next;
  if (2 * desk.next >= desk.waiting.size()) {
    desk.waiting.erase(desk.waiting.begin(), desk.waiting.begin() + static_cast<std::ptrdiff_t>(desk.next));
    desk.next = 0;
  }
  return operation;
}

const Users::Operation* Users::find(ProcessId client, const Name& name) const {
  for (const Operation& operation : desks_[static_cast<std::size_t>(client)].sent) {
    if (std::find(operation.names.begin(), operation.names.end(), name) != operation.names.end()) return &operation;
  }
  return nullptr;
}

ProcessId Users::who_sent(const Name& name) const {
  for (std::uint32_t client = 0; client < desks_.size(); ++client) {
    if (find(ProcessId{client}, name) != nullptr) return ProcessId{client};
  }
  return no_process;
}

void Users::gone(ProcessId client) { desks_[static_cast<std::size_t>(client)] = {}; }

}  // namespace smalldb::properties
