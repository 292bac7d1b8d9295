// Where a node writes down whom it has met, so that it knows whom to look for when it starts again.
//
// The machine hears of another node only when that one's name is on the disk. It might make it its backup within
// milliseconds, and be killed: the backup takes over, and where the arbiter cannot say where that one is (a shared
// lock, an operator) a node without its name would never find it again, and never be its backup. So what is not written
// down is not met. Where a disk is slow, a pair is formed later; where it cannot be written, there is none, and the log
// says why: such a node could keep no log for the pair either.
#pragma once

#include <functional>
#include <string>

namespace smalldb::server {

class Notebook {
 public:
  // Whether the name is on the disk.
  virtual bool has(const std::string& name) const = 0;
  // Writes down all that is known by now. Returns at once.
  virtual void write() = 0;
  // Called after each attempt, from the loop. `why_not`: empty if it succeeded.
  std::function<void(const std::string& why_not)> on_tried = [](const std::string&) {};

 protected:
  ~Notebook() = default;
};

}  // namespace smalldb::server
