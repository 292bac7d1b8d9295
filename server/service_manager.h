// Whoever started the process and waits to hear that it is ready: systemd, with Type=notify (sd_notify(3)). It is told
// in datagrams to a Unix socket that the environment names; where that names none, nobody waits.
#pragma once

#include <string>
#include <string_view>

namespace smalldb::server {

class ServiceManager {
 public:
  // `socket`: the value of NOTIFY_SOCKET. A path, or behind an @ a name in the abstract namespace; null, empty: nobody.
  explicit ServiceManager(const char* socket);

  // What is asked of the process can be answered: its ports are open.
  void ready() const { tell("READY=1"); }
  // It reads anew what may have changed. REQUIRES: ready() follows.
  void reloading() const;
  // It was told to end, and will.
  void stopping() const { tell("STOPPING=1"); }

 private:
  void tell(std::string_view what) const;

  std::string socket_;
};

}  // namespace smalldb::server
