#include "properties/streams.h"

#include <utility>

namespace smalldb::properties {

Streams::Stream* Streams::find(std::uint64_t connection, ProcessId from) {
  const auto is_it = [&](const Stream& stream) { return stream.connection == connection && stream.from == from; };
  if (last_ < streams_.size() && is_it(streams_[last_])) return &streams_[last_];
  for (std::size_t i = streams_.size(); i-- > 0;) {
    if (!is_it(streams_[i])) continue;
    last_ = i;
    return &streams_[i];
  }
  return nullptr;
}

void Streams::sent(const sim::TraceEvent& event, Message&& message, const Clocks::Clock& clock) {
  Stream* stream = find(event.a, event.process);
  if (stream == nullptr) {
    stream = &streams_.emplace_back(Stream{event.a, event.process, event.peer, {}, 0});
    if (!rooms_.empty()) {
      stream->messages = std::move(rooms_.back());
      rooms_.pop_back();
    }
  }
  stream->messages.emplace_back(event, std::move(message), clock);
}

const InFlight* Streams::delivered(std::uint64_t connection, ProcessId from, std::uint64_t end) {
  Stream* stream = find(connection, from);
  if (stream == nullptr) return nullptr;
  std::vector<InFlight>& messages = stream->messages;
  if (stream->next < messages.size() && messages[stream->next].end <= end) return &messages[stream->next++];
  constexpr std::size_t delivered_max = 16;
  if (stream->next == messages.size() || stream->next >= delivered_max) {
    messages.erase(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(stream->next));
    stream->next = 0;
  }
  return nullptr;
}

template <class Matches>
void Streams::drop(const Matches& matches) {
  for (Stream& stream : streams_) {
    if (!matches(stream)) continue;
    stream.messages.clear();
    rooms_.push_back(std::move(stream.messages));
  }
  std::erase_if(streams_, matches);
}

void Streams::closed(std::uint64_t connection, ProcessId to) {
  drop([&](const Stream& stream) { return stream.connection == connection && stream.to == to; });
}

void Streams::gone(ProcessId to) {
  drop([&](const Stream& stream) { return stream.to == to; });
}

void Datagrams::sent(ProcessId from, ProcessId to, std::uint64_t number, const Clocks::Clock& clock) {
  if (kept_.size() < kept_max) {
    kept_.push_back({from, to, number, clock});
    return;
  }
  kept_[oldest_] = {from, to, number, clock};
  oldest_ = (oldest_ + 1) % kept_max;
}

const Clocks::Clock* Datagrams::find(ProcessId from, ProcessId to, std::uint64_t number) const {
  for (const Datagram& datagram : kept_) {
    if (datagram.from == from && datagram.to == to && datagram.number == number) return &datagram.clock;
  }
  return nullptr;
}

}  // namespace smalldb::properties
