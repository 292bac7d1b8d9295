#include "server/service_manager.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

namespace smalldb::server {
namespace {

// A word that is lost may be the end of the service, so a full queue is waited for; a reader that is gone is not.
constexpr timeval waits_for{1, 0};

}  // namespace

ServiceManager::ServiceManager(const char* socket) : socket_(socket == nullptr ? "" : socket) {}

void ServiceManager::reloading() const {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void ServiceManager::tell(std::string_view what) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::copy(socket_.begin(), socket_.end(), address.sun_path);
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &waits_for, sizeof waits_for);
  // Nobody could be told of a failure but by the same way.
  static_cast<void>(
      sendto(descriptor, what.data(), what.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size));
  close(descriptor);
}

}  // namespace smalldb::server
