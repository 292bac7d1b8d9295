#include "sim/network.h"

namespace smalldb::sim {

Network::Network(const NetworkSettings& settings, const std::vector<Key>& ends)
    : ends_(ends.size()), paths_(ends_ * ends_) {
  for (std::size_t from = 0; from < ends_; ++from) {
    for (std::size_t to = 0; to < ends_; ++to) paths_[from * ends_ + to].key = key_of(ends[from], ends[to]);
  }
  std::vector<LinkSettings> links{settings.link};
  for (const NetworkSettings::Exception& exception : settings.exceptions) {
    path(exception.direction.from, exception.direction.to).settings = static_cast<std::uint32_t>(links.size());
    links.push_back(exception.link);
  }
  links_ = std::make_shared<const std::vector<LinkSettings>>(std::move(links));
}

Connection& Network::make_connection(std::uint32_t& index) {
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
  return connection;
}

void Network::free_connection(std::uint32_t index) {
  connections_[index] = Connection();
  free_connections_.push_back(index);
}

std::size_t Network::memory() const {
  std::size_t bytes = paths_.capacity() * sizeof(Path) + connections_.capacity() * sizeof(Connection) +
                      held_datagrams_.capacity() * sizeof(HeldDatagram);
  for (const Connection& connection : connections_) {
    for (const Flow& flow : connection.flows) bytes += flow.segments.capacity() * sizeof(Segment);
  }
  return bytes;
}

}  // namespace smalldb::sim
