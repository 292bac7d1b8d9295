#include "sim/network.h"

#include <algorithm>
#include <bit>

namespace smalldb::sim {

SegmentQueue::SegmentQueue(const SegmentQueue& other) {
  if (other.empty()) return;
  ring_.resize(std::max<std::size_t>(least_room, std::bit_ceil(other.size())));
  mask_ = static_cast<std::uint32_t>(ring_.size() - 1);
  for (; end_ < other.size(); ++end_) ring_[end_] = other[end_];
}

void SegmentQueue::grow() {
  std::vector<Segment> larger(ring_.empty() ? least_room : 4 * ring_.size());
  for (std::uint32_t n = 0; n < size(); ++n) larger[n] = std::move((*this)[n]);
  end_ = size();
  first_ = 0;
  ring_ = std::move(larger);
  mask_ = static_cast<std::uint32_t>(ring_.size() - 1);
}

Network::Network(const NetworkSettings& settings, const std::vector<Key>& ends) : ends_(ends.size()) {
  paths_.reserve(ends_ * ends_);
  for (const Key from : ends) {
    for (const Key to : ends) paths_.push_back({.key = key_of(from, to)});
  }
  std::vector<LinkSettings> links{settings.link};
  for (const NetworkSettings::Exception& exception : settings.exceptions) {
    path(exception.direction.from, exception.direction.to).settings = static_cast<std::uint32_t>(links.size());
    links.push_back(exception.link);
  }
  links_ = std::make_shared<const std::vector<LinkSettings>>(std::move(links));
}

std::uint32_t Network::make_connection(ProcessId from, ProcessId to, Port port) {
  std::uint32_t index;
  if (free_connections_.empty()) {
    index = static_cast<std::uint32_t>(connections_.size());
    connections_.emplace_back();
    flows_.resize(2 * connections_.size());
  } else {
    index = free_connections_.back();
    free_connections_.pop_back();
  }
  Flow& there = flow(2 * index);
  Flow& back = flow(2 * index + 1);
  there.sender.process = from;
  back.sender.process = to;
  there.path = place_of_path(from, to);
  back.path = place_of_path(to, from);
  there.number = back.number = next_number_++;
  for (Flow* const flow : {&there, &back}) {
    flow->latency = series_of(Chance::latency, path_of(*flow).key);
    flow->loss = series_of(Chance::loss, path_of(*flow).key);
  }
  Path& path = path_of(there);
  const auto which = static_cast<std::size_t>(port);
  connections_[index] = {.key = key_of(key_of(path.key, which), path.opened[which]++), .port = port, .in_use = true};
  return index;
}

void Network::free_connection(std::uint32_t index) {
  connections_[index] = Connection();
  for (const std::uint32_t number : {2 * index, 2 * index + 1}) {
    Flow unused;  // but for its slots and its room for segments
    unused.slot = flow(number).slot;
    unused.timeout = flow(number).timeout;
    unused.segments = std::move(flow(number).segments);
    flow(number) = std::move(unused);
  }
  free_connections_.push_back(index);
}

std::size_t Network::memory() const {
  std::size_t bytes = paths_.capacity() * sizeof(Path) + connections_.capacity() * sizeof(Connection) +
                      flows_.capacity() * sizeof(Flow) + held_datagrams_.capacity() * sizeof(HeldDatagram);
  for (const Flow& flow : flows_) bytes += flow.segments.memory();
  return bytes;
}

}  // namespace smalldb::sim
