// Faults: what can be done to a world, as plain data, and the ledger of what that really did.
//
// A fault begins with World::inject and lasts until World::end, or for its `duration`. Faults of one kind may overlap;
// each ends by itself. What "lasts" means for kinds that are over at once is said beside them.
//
// The ledger counts, for every fault, how often something really differed because of it: a packet that died, a sync
// that failed, a byte that read differently. Each is also in the trace (fault_took_effect, caused by the event
// affected), so a fault that never took effect cannot pass for evidence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/machine.h"
#include "sim/chance.h"
#include "sim/time.h"

namespace smalldb::sim {

// The server that holds the shared volume, wherever a process can be named as the end of a link.
inline constexpr ProcessId shared_volume{0xfffffffe};

enum class FaultKind : std::uint8_t {
  // ---- processes (`process`; power_failure: all). While any of the first three lasts, the process is down; when the
  // last of them ends, it starts again with what its disk kept.
  crash,          // the machine it runs on dies: what was not synced is at the mercy of `unsynced`
  kill,           // the process alone dies: the operating system still holds what it wrote
  power_failure,  // every process and the shared volume's server die at one instant, silently
  pause,          // nothing reaches it; events wait in order. Its effect is the first that does
  slow_cpu,       // every step takes `delay` longer, and what comes meanwhile waits

  // ---- network (`links`)
  cut,          // nothing passes: datagrams die, streams hold their bytes back and may time out
  clog,         // nothing passes for now: datagrams and streams wait and then come all at once
  delay,        // every packet takes `delay` longer
  loss,         // `ratio` of the `packets`: a datagram dies, a stream's bytes come a retransmission later
  duplication,  // `ratio` of the datagrams come twice
  reordering,   // `ratio` of the datagrams come up to `delay` later, so that others overtake them
  bandwidth,    // `size` bytes a second
  queue_limit,  // with a bandwidth: more than `size` bytes waiting to be sent are lost
  reset,        // every connection over these links breaks at once, and both ends are told. Over at once
  half_open,    // the same, and only the receiving end of each link is told. Over at once
  late_close,   // news of a close takes `delay` longer
  chunking,     // streams arrive in random pieces, messages torn and run together

  // ---- disk (`process`, or shared_volume; `file`)
  sync_failure,  // `ratio` of the syncs fail: some bytes durable, some not, and the cache believes all of them are
  slow_disk,     // every operation takes `delay` longer
  disk_full,     // no more than `size` bytes fit in all; 0: not one more than now
  bit_rot,       // `ratio` of the sectors, now or synced meanwhile, have one bit flipped. Ending does not heal them
  bad_sector,    // `ratio` of the sectors, now or synced meanwhile, cannot be read until written again
  read_failure,  // `ratio` of the reads fail; a retry may succeed
  misdirected_write,  // `ratio` of the writes land in another sector than meant, unnoticed until the cache is gone
  phantom_write,      // `ratio` of the writes are reported synced and never reach the disk
  wiped_disk,         // all files are gone. Over at once
  saved_disk,         // a copy of the disk as it would be after a power failure now (all unsynced lost) is put aside.
                      // It takes effect when an old_disk puts it back
  old_disk,           // the copy last put aside is put back (the empty disk if there is none). Over at once

  // ---- clocks (`process`)
  clock_drift,   // its clock gains `drift` billionths (below 0: loses)
  clock_step,    // its wall clock jumps by `step`. Ending does not turn it back
  clock_freeze,  // both its clocks stand still, and so its timers do not fire
};
inline constexpr std::size_t fault_kinds = static_cast<std::size_t>(FaultKind::clock_freeze) + 1;

// The kind's name as it stands in scenarios, traces and reports: that of the enumerator.
std::string_view name(FaultKind kind);

// What becomes of a file's unsynced bytes (sectors of 512 bytes) in a crash. A write that is on its way has reached the
// cache with `torn`, `subset` and `garbage`; with the others one in two has.
enum class Unsynced : std::uint8_t {
  drawn,    // by the weights in DiskSettings, for each file anew
  kept,     // the lucky outcome: everything had been written back
  lost,     // nothing had
  torn,     // what was written first, up to some sector
  subset,   // any sectors, in any order
  garbage,  // any sectors, and some of the rest hold neither old nor new content
};
std::string_view name(Unsynced unsynced);

// Which of what passes a link.
enum class Packets : std::uint8_t { all, datagrams, streams };
std::string_view name(Packets packets);

// One direction of the network between two processes.
struct Direction {
  ProcessId from = no_process;
  ProcessId to = no_process;
  friend constexpr bool operator==(Direction, Direction) = default;
};

// Sets of directions. `one_way`: from each of `from` to each of `to`.
std::vector<Direction> one_way(const std::vector<ProcessId>& from, const std::vector<ProcessId>& to);
std::vector<Direction> both_ways(const std::vector<ProcessId>& one, const std::vector<ProcessId>& other);
// Between processes of different groups, both ways. A process in several groups reaches all of them (a bridge).
std::vector<Direction> between(const std::vector<std::vector<ProcessId>>& groups);

struct Fault {
  FaultKind kind = FaultKind::crash;
  Key key{};                       // its name in draws: whoever injects several of a kind tells them apart by it
  ProcessId process = no_process;  // processes, disk, clocks: where; no_process is every one
  std::optional<std::vector<Direction>> links;  // network: which directions; nothing said is all of them
  Packets packets = Packets::all;               // loss
  Volume volume = Volume::own;  // disk: which of the process's volumes. `process` shared_volume implies shared
  std::string file;             // disk: these files; `*` stands for any characters; empty is every file
  Duration duration;            // how long; 0 is until World::end
  std::uint64_t times = 0;      // takes effect so often and no more; 0 is no bound
  Ratio ratio{1, 1};
  std::uint64_t size = 0;  // bytes, or bytes a second
  Distribution delay;
  Duration step;
  std::int64_t drift = 0;               // billionths
  Unsynced unsynced = Unsynced::drawn;  // crash, power_failure
  bool silent = false;                  // crash, kill: the other ends of its connections are not told

  friend bool operator==(const Fault&, const Fault&) = default;
};

// A fault of one world, numbered from 0 in the order of injection.
enum class FaultId : std::uint32_t {};

// One line of the ledger.
struct FaultRecord {
  Fault fault;
  Time began;
  Time ended;  // of no meaning while active
  bool active = false;
  std::uint64_t effects = 0;
  // Whose disks have garbage in the place of what was not synced, where that was drawn and not said.
  std::vector<ProcessId> garbage_drawn;
};

}  // namespace smalldb::sim
