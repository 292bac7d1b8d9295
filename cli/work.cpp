#include "cli/work.h"

#include <chrono>
#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>
#include <memory>
#include <thread>

#include "cli/interrupt.h"
#include "cli/terminal.h"

namespace smalldb::cli {

WorkEnd do_work(const std::function<void()>& work, const std::function<std::string()>& progress) {
  using namespace std::chrono_literals;
  auto promise = std::make_shared<std::promise<void>>();
  std::future<void> done = promise->get_future();
  std::thread([promise, work] {
    try {
      work();
      promise->set_value();
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
  }).detach();

  const bool shows = shows_progress();
  const auto began = std::chrono::steady_clock::now();
  bool shown = false;
  while (done.wait_for(50ms) != std::future_status::ready) {
    if (interrupted()) break;
    const auto taken = std::chrono::steady_clock::now() - began;
    if (!shows || taken < 1s) continue;
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(taken).count();
    std::cerr << "\r\x1b[K" << progress() << ", " << whole << " s" << std::flush;
    shown = true;
  }
  if (shown) std::cerr << "\r\x1b[K" << std::flush;
  if (done.wait_for(0ms) != std::future_status::ready) return WorkEnd::interrupted;
  done.get();
  return WorkEnd::done;
}

void leave(int exit) {
  std::cout.flush();
  std::cerr.flush();
  std::_Exit(exit);
}

}  // namespace smalldb::cli
