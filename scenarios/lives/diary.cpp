#include "scenarios/lives/diary.h"

#include <utility>
#include <variant>

#include "model/messages.h"

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
    if (accepted.from() == no_process) {
      clients_[accepted.link()];
      return;
    }
    diary_.channels[accepted.link()] = {.other = accepted.from(), .port = accepted.port(), .opened = step_};
  }
  void note(const Connected& connected) {
    if (Diary::Channel* const channel = find(connected.link)) channel->answered = step_;
  }
  void note(const effect::Send& send) {
    if (Diary::Channel* const channel = find(send.link)) channel->sent.push_back({step_, send.bytes});
  }
  void note(const Closed& closed) { clients_.erase(closed.link); }
  void note(const effect::Close& close) { clients_.erase(close.link); }
  void note(const Received& received) {
    if (const auto client = clients_.find(received.link); client != clients_.end()) ask(client->second, received.bytes);
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

  void ask(FrameReader& frames, const Bytes& bytes) {
    if (frames.broken()) return;
    frames.take(bytes);
    while (!frames.broken()) {
      const std::optional<Bytes> frame = frames.next();
      if (!frame) return;
      const std::optional<Message> message = decode_frame(*frame);
      const auto* const body = message ? std::get_if<RequestMessage>(&message->body) : nullptr;
      if (body == nullptr || body->request.verb == Verb::open_session) continue;
      diary_.asked.push_back({body->request.session, body->request.number});
    }
  }

  Diary::Channel* find(Link link) {
    const auto channel = diary_.channels.find(link);
    return channel == diary_.channels.end() ? nullptr : &channel->second;
  }

  Diary diary_;
  std::size_t step_ = 0;
  std::map<DiskToken, effect::Disk> asked_;
  std::map<Link, FrameReader> clients_;
};

}  // namespace

Diary diary_of(const Life& life) {
  Writer writer;
  Reenactor again(life);
  for (std::size_t number = 0; const auto step = again.next(); ++number) writer.step(number, *step);
  return writer.take();
}

}  // namespace smalldb::scenarios
