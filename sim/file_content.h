// One file of a simulated disk: what processes see of it, and what the platter holds.
//
//     visible    what a read gives: the cache over the platter
//     durable    what the platter holds: what a crash in which nothing more is written back would leave
//
// The two differ in *sectors* of 512 bytes, which the disk writes as a whole or not at all. Kept are the visible bytes,
// and beside them for each differing sector what the platter has instead, and why:
//
//     dirty      written and not synced: the next sync makes it durable, a crash decides about it
//     forgotten  the cache takes it for durable and it is not (a sync that failed, a write that got lost or went
//                elsewhere): no sync mends it, only writing it again; a crash brings the platter's bytes to light
//
// Damage (rot, bad sectors) lies over the platter's bytes and is no part of them: it shows in reads alone, in the same
// place at every read, until the sector is written again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/bytes.h"
#include "sim/blocks.h"
#include "sim/chance.h"
#include "sim/fault.h"

namespace smalldb::sim {

inline constexpr std::uint64_t sector_size = 512;

// What becomes of the unsynced sectors of one file in a crash.
struct CrashOutcome {
  Unsynced unsynced = Unsynced::lost;
  Key who{};  // of the draws
};

// A stretch of unsynced bytes that a crash kept or lost.
struct CrashRange {
  bool kept = false;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

class FileContent {
 public:
  std::uint64_t size() const { return size_; }
  std::uint64_t durable_size() const { return durable_size_; }
  std::uint64_t writes() const { return writes_; }

  // ---- As a process does it

  // `phantom`: the write will be taken for synced by the next sync without having reached the platter.
  void write(std::uint64_t offset, Bytes bytes, bool phantom = false);
  void truncate(std::uint64_t size);
  // As much of `length` bytes from `offset` on as there are.
  Bytes read(std::uint64_t offset, std::uint64_t length) const;

  // ---- Becoming durable

  // All that is dirty.
  void sync();
  // A sync that fails: of the dirty sectors those that `chosen(n)` picks become durable, the others are forgotten.
  // Returns how many were forgotten.
  std::uint64_t sync_partly(const std::function<bool(std::uint64_t n)>& chosen);
  // The platter gets `bytes` at `offset` behind the cache's back: a write that was meant for elsewhere.
  void overwrite_platter(std::uint64_t offset, std::string_view bytes);
  // The sectors that a sync now would make durable.
  std::vector<std::uint64_t> dirty_sectors() const;

  // ---- A crash: the cache is gone

  std::vector<CrashRange> crash(const Dice& dice, CrashOutcome outcome);

  // ---- Damage

  enum class DamageKind : std::uint8_t { rot, bad_sector };
  struct Damage {
    std::uint64_t sector = 0;
    DamageKind kind = DamageKind::rot;
    std::uint16_t bit = 0;  // rot: which of the 4096 is flipped
    FaultId fault{};

    bool shows_like(const Damage& other) const {
      return sector == other.sector && kind == other.kind && bit == other.bit;
    }
  };
  void damage(Damage damage);
  bool damaged(std::uint64_t sector) const;
  // What damage does to a read of `length` bytes at `offset`: flips bits in `bytes`, which has been read there. Returns
  // the faults that showed, and whether the read cannot succeed.
  struct Shown {
    std::vector<FaultId> faults;
    bool unreadable = false;
  };
  Shown show_damage(std::uint64_t offset, Bytes& bytes) const;
  bool has_damage() const { return !damage_.empty(); }

  // ---- The truth beneath

  std::string visible() const;
  std::string durable() const;
  // Every read gives the same as of `other`, damage included.
  bool reads_like(const FileContent& other) const;

 private:
  struct Write {
    std::uint64_t offset = 0;  // truncate: the new size
    Bytes bytes;
    bool phantom = false;
    bool truncate = false;
  };
  struct Sector {
    std::uint64_t number = 0;
    bool forgotten = false;
    Bytes platter;  // empty: zeros
  };

  void remember(std::uint64_t first_sector, std::uint64_t end_sector);
  Sector& differing(std::uint64_t sector);
  Bytes platter_now(std::uint64_t sector) const;
  void restore_platter();
  std::uint64_t count_unsynced_sectors() const;

  Blocks blocks_;
  std::uint64_t size_ = 0;
  std::uint64_t durable_size_ = 0;
  std::uint64_t writes_ = 0;
  std::vector<Write> unsynced_;    // since the last sync, in order
  std::vector<Sector> differing_;  // by number
  bool any_forgotten_ = false;
  bool any_phantom_ = false;
  std::vector<Damage> damage_;  // by sector
};

}  // namespace smalldb::sim
