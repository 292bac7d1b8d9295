#include "sim/network.h"

namespace smalldb::sim {

void SegmentQueue::grow() {
  std::vector<Segment> larger(ring_.empty() ? 8 : 2 * ring_.size());
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

Connection& Network::make_connection(ProcessId from, ProcessId to, Port port, std::uint32_t& index) {
  if (free_connections_.empty()) {
    index = static_cast<std::uint32_t>(connections_.size());
    connections_.emplace_back();
  } else {
    index = free_connections_.back();
    free_connections_.pop_back();
  }
  Connection& connection = connections_[index];
  connection.number = next_number_++;
  connection.in_use = true;
  connection.port = port;
  connection.ends[0].process = from;
  connection.ends[1].process = to;
  connection.flows[0].path = place_of_path(from, to);
  connection.flows[1].path = place_of_path(to, from);
  Path& there = path_of(connection.flows[0]);
  const auto which = static_cast<std::size_t>(port);
  connection.key = key_of(key_of(there.key, which), there.opened[which]++);
  return connection;
}

void Network::free_connection(std::uint32_t index) {
  Connection unused;  // but for its slots and its room for segments
  for (const int side : {0, 1}) {
    Flow& old = connections_[index].flows[side];
    unused.flows[side].slot = old.slot;
    unused.flows[side].timeout = old.timeout;
    unused.flows[side].segments = std::move(old.segments);
  }
  connections_[index] = std::move(unused);
  free_connections_.push_back(index);
}

std::size_t Network::memory() const {
  std::size_t bytes = paths_.capacity() * sizeof(Path) + connections_.capacity() * sizeof(Connection) +
                      held_datagrams_.capacity() * sizeof(HeldDatagram);
  for (const Connection& connection : connections_) {
    for (const Flow& flow : connection.flows) bytes += flow.segments.memory();
  }
  return bytes;
}

}  // namespace smalldb::sim
