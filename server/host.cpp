#include "server/host.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>
#include <variant>

#include "model/assert.h"
#include "server/clock.h"

namespace smalldb::server {

Host::Host(boost::asio::io_context& loop, Machine& machine) : loop_(loop), machine_(machine) {}

void Host::start(const Outlets& outlets) {
  outlets_ = outlets;
  Started started{};
  if (getrandom(started.entropy, sizeof started.entropy, 0) != static_cast<ssize_t>(sizeof started.entropy)) {
    throw std::system_error(errno, std::generic_category(), "no entropy");
  }
  deliver(started);
}

void Host::deliver(const Event& event) {
  if (stopped_) return;
  SMALLDB_ASSERT(!delivering_, event.index());
  delivering_ = true;
  const Moment moment = read_clocks();
  try {
    machine_.step(moment, event, effects_);
  } catch (const AssertionFailed& failure) {
    if (outlets_.tap != nullptr) outlets_.tap->on_assertion_failed(moment, event, failure.what());
    outlets_.watcher->on_assertion_failed(failure.what());
  }
  if (outlets_.tap != nullptr) outlets_.tap->on_step(moment, event, effects_.recorded());
  for (Effect& effect : effects_.recorded()) {
    if (!stopped_) carry_out(effect);
  }
  effects_.recorded().clear();
  delivering_ = false;
  if (outlets_.network != nullptr) outlets_.network->flush();
  if (outlets_.clients != nullptr) outlets_.clients->flush();
}

void Host::carry_out(Effect& effect) {
  std::visit([this](auto& any) { carry_out(any); }, effect);
}

void Host::carry_out(effect::Connect& connect) { outlets_.network->connect(connect.link, connect.to, connect.port); }

void Host::carry_out(effect::Send& send) { outlets_.network->send(send.link, std::move(send.bytes)); }

void Host::carry_out(effect::Reply& reply) { outlets_.clients->reply(reply.link, std::move(reply.bytes)); }

void Host::carry_out(effect::Close& close) {
  if (outlets_.clients != nullptr && outlets_.clients->owns(close.link)) {
    outlets_.clients->close(close.link);
  } else {
    outlets_.network->close(close.link);
  }
}

void Host::carry_out(effect::SendDatagram& datagram) {
  outlets_.network->send_datagram(datagram.to, std::move(datagram.bytes));
}

void Host::carry_out(effect::Disk& disk) { outlets_.storage->submit(std::move(disk)); }

void Host::carry_out(effect::Report& report) {
  // Only the client machine reports, and to whoever hosts it.
  SMALLDB_ASSERT(false, report.bytes.size());
}

void Host::carry_out(effect::Note& note) { outlets_.watcher->on_note(note); }

void Host::carry_out(effect::Stop& stop) {
  stopped_ = true;
  for (const auto& timer : timers_) {
    if (timer) timer->timer.cancel();
  }
  outlets_.watcher->on_stop(stop.why.view());
}

// ---- Timers -------------------------------------------------------------------------------------------------------

Host::Timer& Host::timer(TimerId id) {
  const auto index = static_cast<std::size_t>(id);
  if (index >= timers_.size()) timers_.resize(index + 1);
  if (!timers_[index]) timers_[index] = std::make_unique<Timer>(loop_);
  return *timers_[index];
}

void Host::carry_out(effect::SetTimer& set) {
  timer(set.timer).at = set.at;
  wait_for(set.timer);
}

void Host::carry_out(effect::CancelTimer& cancel) {
  Timer& its = timer(cancel.timer);
  ++its.armed;
  its.timer.cancel();
}

void Host::wait_for(TimerId id) {
  Timer& its = timer(id);
  const std::uint64_t armed = ++its.armed;
  const Duration left = std::max(its.at - read_clocks().now, Duration{});
  its.timer.expires_after(std::chrono::nanoseconds(left.nanoseconds));
  its.timer.async_wait([this, id, armed](const boost::system::error_code&) {
    const Timer& fired = timer(id);
    if (stopped_ || fired.armed != armed) return;
    // The loop's clock is not the machine's, which may run slower, or stand still until the next nanosecond.
    if (read_clocks().now < fired.at) return wait_for(id);
    deliver(TimerFired{id});
  });
}

}  // namespace smalldb::server
