#include "sim/file_content.h"

#include <algorithm>

#include "model/assert.h"

namespace smalldb::sim {
namespace {

std::uint64_t sector_of(std::uint64_t offset) { return offset / sector_size; }
std::uint64_t end_sector_of(std::uint64_t end) { return (end + sector_size - 1) / sector_size; }

// Adds to the ranges, joining what touches.
void extend(std::vector<CrashRange>& ranges, bool kept, std::uint64_t offset, std::uint64_t size) {
  if (!ranges.empty() && ranges.back().kept == kept && ranges.back().offset + ranges.back().size == offset) {
    ranges.back().size += size;
  } else {
    ranges.push_back({kept, offset, size});
  }
}

Bytes garbage(std::uint64_t drawn, std::size_t size) {
  return Bytes::build(size, [&](char* to) {
    for (std::size_t i = 0; i < size; ++i) {
      drawn = again(drawn + i);
      to[i] = static_cast<char>(drawn >> 56);
    }
  });
}

}  // namespace

// ---- As a process does it ------------------------------------------------------------------------------------------

void FileContent::write(std::uint64_t offset, Bytes bytes, bool phantom) {
  ++writes_;
  if (bytes.empty()) return;
  const std::uint64_t end = offset + bytes.size();
  remember(sector_of(offset), end_sector_of(end));
  blocks_.write(offset, bytes.view());
  size_ = std::max(size_, end);
  any_phantom_ |= phantom;
  if (!damage_.empty()) {
    std::erase_if(damage_, [&](const Damage& each) {
      return each.sector >= sector_of(offset) && each.sector < end_sector_of(end);
    });
  }
  unsynced_.push_back({offset, std::move(bytes), phantom, false});
}

void FileContent::truncate(std::uint64_t size) {
  ++writes_;
  if (size < size_) remember(sector_of(size), end_sector_of(size_));
  blocks_.cut(size);
  size_ = size;
  unsynced_.push_back({size, {}, false, true});
}

Bytes FileContent::read(std::uint64_t offset, std::uint64_t length) const {
  if (offset >= size_) return {};
  return blocks_.read(offset, std::min(length, size_ - offset));
}

// Before these sectors change: what the platter holds there.
void FileContent::remember(std::uint64_t first_sector, std::uint64_t end_sector) {
  for (std::uint64_t sector = first_sector; sector < end_sector; ++sector) {
    if (differing_.empty() || differing_.back().number < sector) {  // almost always: files grow at their ends
      differing_.push_back({sector, false, platter_now(sector)});
    } else {
      differing(sector).forgotten = false;
    }
  }
}

FileContent::Sector& FileContent::differing(std::uint64_t sector) {
  const auto place = std::lower_bound(differing_.begin(), differing_.end(), sector,
                                      [](const Sector& each, std::uint64_t number) { return each.number < number; });
  if (place != differing_.end() && place->number == sector) return *place;
  return *differing_.insert(place, {sector, false, platter_now(sector)});
}

// REQUIRES: the sector does not differ yet.
Bytes FileContent::platter_now(std::uint64_t sector) const {
  const std::uint64_t start = sector * sector_size;
  if (start >= durable_size_) return {};
  return blocks_.read(start, std::min(sector_size, durable_size_ - start));
}

// ---- Becoming durable -----------------------------------------------------------------------------------------------

void FileContent::sync() {
  if (any_phantom_) [[unlikely]] {
    for (const Write& write : unsynced_) {
      for (std::uint64_t s = sector_of(write.offset); s < end_sector_of(write.offset + write.bytes.size()); ++s) {
        differing(s).forgotten = write.phantom;  // a later write of the same sector brings it there after all
      }
    }
    any_phantom_ = false;
    any_forgotten_ = true;
  }
  if (any_forgotten_) [[unlikely]] {
    std::erase_if(differing_, [](const Sector& sector) { return !sector.forgotten; });
    any_forgotten_ = !differing_.empty();
  } else {
    differing_.clear();
  }
  unsynced_.clear();
  durable_size_ = size_;
}

std::uint64_t FileContent::sync_partly(const std::function<bool(std::uint64_t n)>& chosen) {
  std::uint64_t n = 0;
  std::uint64_t forgotten = 0;
  std::vector<Sector> left;
  for (Sector& sector : differing_) {
    if (!sector.forgotten && chosen(n++)) continue;
    if (!sector.forgotten) ++forgotten;
    sector.forgotten = true;
    left.push_back(std::move(sector));
  }
  differing_ = std::move(left);
  any_forgotten_ = !differing_.empty();
  any_phantom_ = false;
  unsynced_.clear();
  durable_size_ = size_;
  return forgotten;
}

void FileContent::overwrite_platter(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::uint64_t within = offset % sector_size;
    const std::size_t length = std::min<std::size_t>(bytes.size(), sector_size - within);
    Sector& sector = differing(sector_of(offset));
    const Bytes before = sector.platter;
    sector.platter = Bytes::build(std::max<std::size_t>(before.size(), within + length), [&](char* to) {
      std::fill_n(to, std::max<std::size_t>(before.size(), within + length), '\0');
      std::copy(before.view().begin(), before.view().end(), to);
      std::copy_n(bytes.begin(), length, to + within);
    });
    sector.forgotten = true;
    any_forgotten_ = true;
    bytes.remove_prefix(length);
    offset += length;
  }
}

std::vector<std::uint64_t> FileContent::dirty_sectors() const {
  std::vector<std::uint64_t> sectors;
  for (const Sector& sector : differing_) {
    if (!sector.forgotten) sectors.push_back(sector.number);
  }
  return sectors;
}

// ---- A crash --------------------------------------------------------------------------------------------------------

void FileContent::restore_platter() {
  for (const Sector& sector : differing_) {
    const Bytes whole = Bytes::build(sector_size, [&](char* to) {
      std::fill_n(to, sector_size, '\0');
      std::copy(sector.platter.view().begin(), sector.platter.view().end(), to);
    });
    blocks_.write(sector.number * sector_size, whole.view());
  }
  differing_.clear();
  any_forgotten_ = any_phantom_ = false;
  size_ = durable_size_;
  blocks_.cut(size_);
}

std::uint64_t FileContent::count_unsynced_sectors() const {
  std::uint64_t count = 0;
  for (const Write& write : unsynced_) {
    count += write.truncate ? 1 : end_sector_of(write.offset + write.bytes.size()) - sector_of(write.offset);
  }
  return count;
}

std::vector<CrashRange> FileContent::crash(const Dice& dice, CrashOutcome outcome) {
  const std::uint64_t sectors = count_unsynced_sectors();
  const std::uint64_t torn_at = below(dice.draw(Chance::sector, outcome.who, sectors), sectors + 1);
  std::uint64_t position = 0;
  const auto survives = [&](std::uint64_t& drawn) {
    const std::uint64_t here = position++;
    drawn = dice.draw(Chance::sector, outcome.who, here);
    switch (outcome.unsynced) {
      case Unsynced::kept: return true;
      case Unsynced::torn: return here < torn_at;
      case Unsynced::subset:
      case Unsynced::garbage: return hits(drawn, {1, 2});
      case Unsynced::lost:
      case Unsynced::drawn: break;
    }
    return false;
  };

  std::vector<Write> writes = std::move(unsynced_);
  unsynced_.clear();
  std::vector<CrashRange> ranges;
  for (const Sector& sector : differing_) {
    if (sector.forgotten) extend(ranges, false, sector.number * sector_size, sector_size);
  }
  restore_platter();
  for (const Write& write : writes) {
    std::uint64_t drawn = 0;
    if (write.truncate) {
      if (!survives(drawn)) continue;
      blocks_.cut(write.offset);
      size_ = write.offset;
      continue;
    }
    const std::uint64_t end = write.offset + write.bytes.size();
    for (std::uint64_t at = write.offset; at < end;) {
      const std::uint64_t next = std::min((sector_of(at) + 1) * sector_size, end);
      const bool kept = survives(drawn) && !write.phantom;
      if (kept) {
        blocks_.write(at, write.bytes.view().substr(at - write.offset, next - at));
        size_ = std::max(size_, next);
      } else if (outcome.unsynced == Unsynced::garbage && hits(again(drawn), {1, 2})) {
        blocks_.write(at, garbage(drawn, next - at).view());
        size_ = std::max(size_, next);
      }
      extend(ranges, kept, at, next - at);
      at = next;
    }
  }
  durable_size_ = size_;
  return ranges;
}

// ---- Damage ---------------------------------------------------------------------------------------------------------

void FileContent::damage(Damage damage) {
  const auto place = std::lower_bound(damage_.begin(), damage_.end(), damage.sector,
                                      [](const Damage& each, std::uint64_t sector) { return each.sector < sector; });
  damage_.insert(place, damage);
}

bool FileContent::damaged(std::uint64_t sector) const {
  return std::any_of(damage_.begin(), damage_.end(), [&](const Damage& each) { return each.sector == sector; });
}

FileContent::Shown FileContent::show_damage(std::uint64_t offset, Bytes& bytes) const {
  Shown shown;
  std::string changed;
  for (const Damage& each : damage_) {
    const std::uint64_t start = each.sector * sector_size;
    if (start + sector_size <= offset || start >= offset + bytes.size()) continue;
    if (each.kind == DamageKind::bad_sector) {
      shown.unreadable = true;
      shown.faults.push_back(each.fault);
      continue;
    }
    const std::uint64_t at = start + each.bit / 8;
    if (at < offset || at >= offset + bytes.size()) continue;
    if (changed.empty()) changed = bytes.string();
    changed[at - offset] = static_cast<char>(changed[at - offset] ^ (1 << each.bit % 8));
    shown.faults.push_back(each.fault);
  }
  if (!changed.empty()) bytes = Bytes::copy(changed);
  return shown;
}

// ---- The truth beneath ----------------------------------------------------------------------------------------------

std::string FileContent::visible() const { return read(0, size_).string(); }

std::string FileContent::durable() const {
  FileContent copy(*this);
  copy.unsynced_.clear();
  copy.restore_platter();
  return copy.visible();
}

bool FileContent::reads_like(const FileContent& other) const {
  return visible() == other.visible() &&
         std::equal(damage_.begin(), damage_.end(), other.damage_.begin(), other.damage_.end(),
                    [](const Damage& one, const Damage& another) { return one.shows_like(another); });
}

}  // namespace smalldb::sim
