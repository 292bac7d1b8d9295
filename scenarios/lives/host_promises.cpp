#include "scenarios/lives/host_promises.h"

#include <algorithm>
#include <variant>

namespace smalldb::scenarios {

std::string HostPromises::broken_by(const Event& event) const {
  if (std::holds_alternative<Started>(event) == started_) return started_ ? "it starts again" : "it has not started";
  if (stopped_) return "it has stopped";
  const auto is_known = [this](Link link) { return static_cast<std::uint64_t>(link) - 1 < links_; };
  const auto* const connected = std::get_if<Connected>(&event);
  const auto* const received = std::get_if<Received>(&event);
  const auto* const closed = std::get_if<Closed>(&event);
  const bool known = (connected == nullptr || is_known(connected->link)) &&
                     (received == nullptr || is_known(received->link)) && (closed == nullptr || is_known(closed->link));
  if (!known) return "there is no such connection";
  const auto* const fired = std::get_if<TimerFired>(&event);
  if (fired != nullptr && !armed_.contains(fired->timer)) return "a timer fires that is not armed";
  const auto* const done = std::get_if<DiskDone>(&event);
  return done == nullptr ? std::string() : broken_by(*done);
}

std::string HostPromises::broken_by(const DiskDone& done) const {
  const auto asked = asked_.find(done.token);
  if (asked == asked_.end()) return "the disk answers what it was not asked";
  if (done.status != DiskStatus::ok) return {};
  const effect::Disk& wanted = asked->second;
  if (wanted.verb == effect::DiskVerb::list && !done.entries) return "the disk lists no files where it was asked to";
  if (wanted.verb == effect::DiskVerb::read && done.bytes.size() > wanted.length) {
    return "the disk reads more than it was asked for";
  }
  return {};
}

void HostPromises::on_step(const Event& event, const std::vector<Effect>& effects) {
  started_ = true;
  if (const auto* const accepted = std::get_if<Accepted>(&event)) {
    links_ = std::max(links_, static_cast<std::uint64_t>(accepted->link()));
  }
  if (const auto* const fired = std::get_if<TimerFired>(&event)) armed_.erase(fired->timer);
  if (const auto* const done = std::get_if<DiskDone>(&event)) asked_.erase(done->token);
  for (const Effect& effect : effects) {
    if (const auto* const connect = std::get_if<effect::Connect>(&effect)) {
      links_ = std::max(links_, static_cast<std::uint64_t>(connect->link));
    }
    if (const auto* const set = std::get_if<effect::SetTimer>(&effect)) armed_.insert(set->timer);
    if (const auto* const cancel = std::get_if<effect::CancelTimer>(&effect)) armed_.erase(cancel->timer);
    if (const auto* const disk = std::get_if<effect::Disk>(&effect)) {
      effect::Disk asked = *disk;
      asked.bytes = {};
      asked_.insert_or_assign(disk->token, std::move(asked));
    }
    stopped_ = stopped_ || std::holds_alternative<effect::Stop>(effect);
  }
}

}  // namespace smalldb::scenarios
