#include "sim/trace.h"

#include <array>

namespace smalldb::sim {
namespace {

constexpr std::array<std::string_view, event_kinds> event_names = {
    "started",        "crashed",           "stopped",       "paused",
    "resumed",        "timer_fired",       "input",         "report",
    "note",           "assertion_failed",  "connecting",    "accepted",
    "connected",      "refused",           "closed",        "link_closed",
    "sent",           "replied",           "received",      "stream_lost",
    "datagram_sent",  "datagram_received", "datagram_lost", "disk_written",
    "disk_synced",    "disk_read",         "disk_listed",   "disk_truncated",
    "disk_renamed",   "disk_linked",       "disk_removed",  "disk_directory_synced",
    "disk_failed",    "disk_kept",         "disk_lost",     "disk_name_lost",
    "fault_injected", "fault_took_effect", "fault_ended",
};
static_assert(event_names.back() == "fault_ended");

}  // namespace

std::string_view name(EventKind kind) { return event_names[static_cast<std::size_t>(kind)]; }

std::string_view name(LossReason reason) {
  constexpr std::array<std::string_view, 4> names = {"loss", "cut", "queue_full", "receiver_down"};
  return names[static_cast<std::size_t>(reason)];
}

}  // namespace smalldb::sim
