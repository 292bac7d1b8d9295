#include "server/members.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

#include "model/crc32c.h"

namespace smalldb::server {
namespace {

constexpr std::size_t host_size_max = 253;

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > host_size_max) return false;
  for (const char c : host) {
    const bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                      c == '-' || c == '_' || c == ':' || c == '%';
    if (!good) return false;
  }
  return true;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || number > 65535) return std::nullopt;
  if (!is_host(host) || (host.find(':') != std::string_view::npos) != bracketed) return std::nullopt;
  return Address{std::string(host), std::string(port)};
}

std::string Address::text() const {
  return host.find(':') == std::string::npos ? host + ":" + port : "[" + host + "]:" + port;
}

ProcessId id_of(std::string_view name) {
  const ProcessId id{crc32c(name)};
  return id == no_process ? ProcessId{0} : id;
}

// Empty if there is none.
std::string Members::problem_of(const Member& member) const {
  if (!Address::parse(member.name) || (!member.clients.empty() && !Address::parse(member.clients))) {
    return "what it says of itself is no address";
  }
  const Member* const known = find(id_of(member.name));
  if (known == nullptr || known->name == member.name) return {};
  return "one like another: its name has the number of " + known->name;
}

bool Members::make_room(const std::function<bool(ProcessId)>& in_use) {
  auto out = by_id_.end();
  for (auto each = by_id_.begin(); each != by_id_.end(); ++each) {
    if (each->second.from_options || in_use(each->first)) continue;
    if (out == by_id_.end() || each->second.came < out->second.came) out = each;
  }
  if (out == by_id_.end()) return false;
  by_id_.erase(out);
  return true;
}

std::string Members::learn(const Member& member, const std::function<bool(ProcessId)>& in_use) {
  if (std::string problem = problem_of(member); !problem.empty()) return problem;
  const ProcessId id = id_of(member.name);
  if (by_id_.size() >= members_max && !by_id_.contains(id) && !make_room(in_use)) {
    return "too many names: all " + std::to_string(members_max) + " are connected, or in the options";
  }
  by_id_[id].came = ++last_came_;
  take(member, true);
  return {};
}

void Members::take(const Member& member, bool met) {
  Entry& entry = by_id_[id_of(member.name)];
  if (entry.member == member && entry.met == met) return;
  entry.member = member;
  entry.met = met;
  on_change();
}

void Members::hear_of(const Member& member) {
  if (!problem_of(member).empty()) return;
  const auto known = by_id_.find(id_of(member.name));
  if (known == by_id_.end() ? by_id_.size() < members_max
                            : !known->second.met || known->second.member.clients.empty()) {
    take(member, true);
  }
}

void Members::expect(const std::string& name) {
  if (!problem_of({name, {}}).empty()) return;
  const ProcessId id = id_of(name);
  if (!by_id_.contains(id)) {
    if (by_id_.size() >= members_max && !make_room([](ProcessId) { return false; })) return;
    take({name, {}}, false);
  }
  by_id_[id].from_options = true;
}

const Member* Members::find(ProcessId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second.member;
}

std::vector<Member> Members::all() const {
  std::vector<Member> members;
  for (const auto& [id, entry] : by_id_) members.push_back(entry.member);
  return members;
}

std::vector<Member> Members::met() const {
  std::vector<Member> members;
  for (const auto& [id, entry] : by_id_) {
    if (entry.met) members.push_back(entry.member);
  }
  return members;
}

std::string Members::text() const {
  std::vector<const Entry*> entries;
  for (const auto& [id, entry] : by_id_) {
    if (entry.met) entries.push_back(&entry);
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry* a, const Entry* b) { return a->came < b->came; });
  std::string text;
  for (const Entry* const entry : entries) {
    text += entry->member.name;
    if (!entry->member.clients.empty()) text += " " + entry->member.clients;
    text += "\n";
  }
  return text;
}

void Members::read(std::string_view text) {
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    Member member;
    words >> member.name >> member.clients;
    learn(member);
  }
}

}  // namespace smalldb::server
