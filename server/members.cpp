#include "server/members.h"

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

bool Members::learn(const Member& member) { return take({member, true}); }

bool Members::take(const Entry& entry) {
  const Member& member = entry.member;
  if (!Address::parse(member.name) || (!member.clients.empty() && !Address::parse(member.clients))) return false;
  const ProcessId id = id_of(member.name);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) {
    if (by_id_.size() >= members_max) return false;
    by_id_.emplace(id, entry);
  } else if (found->second.member.name != member.name) {
    return false;
  } else if (found->second == entry) {
    return true;
  } else {
    found->second = entry;
  }
  on_change();
  return true;
}

void Members::hear_of(const Member& member) {
  const auto known = by_id_.find(id_of(member.name));
  if (known == by_id_.end() || !known->second.met || known->second.member.clients.empty()) learn(member);
}

void Members::expect(const std::string& name) {
  if (!by_id_.contains(id_of(name))) take({{name, {}}, false});
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
  std::string text;
  for (const Member& member : met()) {
    text += member.name;
    if (!member.clients.empty()) text += " " + member.clients;
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
