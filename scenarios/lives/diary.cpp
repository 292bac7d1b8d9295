#include "scenarios/lives/diary.h"

#include <utility>
#include <variant>

namespace smalldb::scenarios {
namespace {

using effect::DiskVerb;

class Writer {
 public:
  void step(std::size_t number, const Reenactor::Step& step) {
    step_ = number;
    std::visit([this](const auto& event) { note(event); }, step.event);
    for (const Effect& wanted : step.effects) std::visit([this](const auto& effect) { note(effect); }, wanted);
  }

  Diary take() { return std::move(diary_); }

 private:
  template <class Other>
  void note(const Other&) {}

  void note(const effect::Connect& connect) {
    diary_.channels[connect.link] = {.other = connect.to, .port = connect.port, .made = true, .opened = step_};
  }
  void note(const Accepted& accepted) {
    if (accepted.port() == Port::client) return;
    diary_.channels[accepted.link()] = {.other = accepted.from(), .port = accepted.port(), .opened = step_};
  }
  void note(const Connected& connected) {
    if (Diary::Channel* const channel = find(connected.link)) channel->answered = step_;
  }
  void note(const effect::Send& send) {
    if (Diary::Channel* const channel = find(send.link)) channel->sent.push_back({step_, send.bytes});
  }
  void note(const Received& received) {
    if (Diary::Channel* const channel = find(received.link)) channel->received.push_back({step_, received.bytes});
  }

  void note(const effect::Disk& disk) {
    if (disk.volume != Volume::own) return;
    if (disk.verb == DiskVerb::write || disk.verb == DiskVerb::write_synced) {
      diary_.written[disk.name].insert_or_assign(disk.offset, disk.bytes);
    }
    if (disk.verb == DiskVerb::read || disk.verb == DiskVerb::rename || disk.verb == DiskVerb::link) {
      asked_.insert_or_assign(disk.token, disk);
    }
  }
  void note(const DiskDone& done) {
    const auto asked = asked_.find(done.token);
    if (asked == asked_.end()) return;
    const effect::Disk disk = std::move(asked->second);
    asked_.erase(asked);
    if (done.status != DiskStatus::ok) return;
    const auto written = diary_.written.find(disk.name);
    if (disk.verb == DiskVerb::read) {
      if (written == diary_.written.end() && !done.bytes.empty()) {
        diary_.found.push_back({disk.name, disk.offset, done.bytes});
      }
    } else if (written != diary_.written.end()) {
      diary_.written[disk.new_name] = written->second;
    }
  }

  Diary::Channel* find(Link link) {
    const auto channel = diary_.channels.find(link);
    return channel == diary_.channels.end() ? nullptr : &channel->second;
  }

  Diary diary_;
  std::size_t step_ = 0;
  std::map<DiskToken, effect::Disk> asked_;
};

}  // namespace

Diary diary_of(const Life& life) {
  Writer writer;
  Reenactor again(life);
  for (std::size_t number = 0; const auto step = again.next(); ++number) writer.step(number, *step);
  return writer.take();
}

}  // namespace smalldb::scenarios
