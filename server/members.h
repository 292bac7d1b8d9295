// Who is who: the names of the cluster's processes, and the numbers that stand for them (decision 0014).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/machine.h"

namespace smalldb::server {

// Host and port. An IPv6 host stands in brackets in the text, and without them here.
struct Address {
  std::string host;
  std::string port;

  // Nothing if the text is no address: a host, a colon, a port from 0 to 65535.
  static std::optional<Address> parse(std::string_view text);
  std::string text() const;
  friend bool operator==(const Address&, const Address&) = default;
};

// A process as others know it.
struct Member {
  std::string name;     // the address where it listens for the cluster
  std::string clients;  // the address where it listens for clients; empty if that is not known, or it is an arbiter
  friend bool operator==(const Member&, const Member&) = default;
};

// The number that stands for a name, everywhere and for ever.
ProcessId id_of(std::string_view name);

class Members {
 public:
  static constexpr std::size_t members_max = 16;

  // Takes what a node says of itself. Why it was not learned, for people; empty if it was.
  //
  // Where there are members_max names already, one gives way: of those that are neither from the options nor `in_use`,
  // the one whose bearer has not come for longest. Addresses change over the years, and old ones keep nobody out.
  std::string learn(
      const Member& member, const std::function<bool(ProcessId)>& in_use = [](ProcessId) { return false; });
  // Takes what others say of a member: only if it was not known, and there is room.
  void hear_of(const Member& member);
  // Takes a name from the options, and keeps it from giving way. It is neither written down nor told to others before
  // somebody has met its bearer: a mistyped one goes with the option.
  void expect(const std::string& name);

  const Member* find(ProcessId id) const;
  // In the order of their numbers: all, and those that somebody has met.
  std::vector<Member> all() const;
  std::vector<Member> met() const;
  // Called whenever something has been learned.
  std::function<void()> on_change = [] {};

  // For the file: a line for each that somebody has met, "name clients", the one that came last at the end.
  std::string text() const;
  // What text() gave.
  void read(std::string_view text);

 private:
  struct Entry {
    Member member;
    bool met = false;  // by somebody
    bool from_options = false;
    std::uint64_t came = 0;  // the higher, the later; 0: never
  };
  std::string problem_of(const Member& member) const;
  bool make_room(const std::function<bool(ProcessId)>& in_use);
  void take(const Member& member, bool met);

  std::map<ProcessId, Entry> by_id_;
  std::uint64_t last_came_ = 0;
};

}  // namespace smalldb::server
