#include "model/arbiter.h"

#include <algorithm>
#include <utility>

#include "model/codec.h"
#include "model/crc32c.h"

namespace smalldb {
namespace {

// epoch, directory, node, checksum. A divisor of a sector's size, so that no grant is ever torn: a record is whole or
// was never written, and a checksum that does not hold is rot.
constexpr std::size_t grant_size = 8 + 16 + 4 + 4;
constexpr std::uint64_t grants_size_max = std::uint64_t{1} << 30;

constexpr std::size_t sector_size = 512;

enum class DiskStep : std::uint64_t { read, create, write_again, sync_grants, sync_name, write };

std::uint64_t room_in_sector(std::uint64_t offset) { return sector_size - offset % sector_size; }

bool all_zeros(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

DiskToken token(DiskStep step) { return DiskToken{static_cast<std::uint64_t>(step)}; }

}  // namespace

Arbiter::Arbiter(ArbiterConfig config) : config_(config) {}

std::unique_ptr<Machine> Arbiter::clone() const { return std::make_unique<Arbiter>(*this); }

void Arbiter::step(const Moment&, const Event& event, Effects& effects) {
  if (stopped_) return;
  if (const auto* started = std::get_if<Started>(&event)) on_started(*started, effects);
  if (const auto* accepted = std::get_if<Accepted>(&event); accepted && accepted->port() == Port::arbiter) {
    claimers_.emplace(accepted->link(), Claimer{accepted->as_peer(), {}, {}});
  }
  if (const auto* closed = std::get_if<Closed>(&event)) claimers_.erase(closed->link);
  if (const auto* received = std::get_if<Received>(&event)) on_received(*received, effects);
  if (const auto* done = std::get_if<DiskDone>(&event)) {
    if (done->token == token(DiskStep::read)) on_grants_read(*done, effects);
    if (done->token == token(DiskStep::create)) on_created(*done, effects);
    if (done->token == token(DiskStep::write_again)) on_written_again(*done, effects);
    if (done->token == token(DiskStep::sync_grants)) on_grants_synced(*done, effects);
    if (done->token == token(DiskStep::sync_name)) on_name_synced(*done, effects);
    if (done->token == token(DiskStep::write)) on_grants_written(*done, effects);
  }
}

void Arbiter::on_started(const Started& started, Effects& effects) {
  incarnation_ = {started.entropy[0]};
  effects.read(token(DiskStep::read), file, 0, grants_size_max);
}

void Arbiter::on_grants_read(const DiskDone& done, Effects& effects) {
  if (done.status != DiskStatus::ok && done.status != DiskStatus::not_found) {
    return stop("grants cannot be read: restore the arbiter's directory from a copy, or set up the cluster anew",
                effects);
  }
  std::string_view rest = done.bytes.view();
  while (!rest.empty()) {
    const std::string_view record = rest.substr(0, grant_size);
    if (record.size() < grant_size) return stop_at("ends in the middle of a grant", effects);
    if (all_zeros(rest) && rest.size() % grant_size == 0 && rest.size() <= room_in_sector(file_size_)) break;
    Reader reader(record);
    const Epoch epoch{reader.u64()};
    DirectoryId directory;
    directory.high = reader.u64();
    directory.low = reader.u64();
    const ProcessId node{reader.u32()};
    if (reader.u32() != crc32c(record.substr(0, grant_size - 4))) return stop_at("has a bad checksum", effects);
    if (!grants_.try_emplace(epoch, Grant{directory, node, true}).second) {
      return stop_at("grants an epoch for the second time", effects);
    }
    granted_.push_back(epoch);
    file_size_ += grant_size;
    rest.remove_prefix(grant_size);
  }
  last_sector_ = done.bytes.slice(begin_of_last_sector(), file_size_ - begin_of_last_sector());
  // A tail of zeros is cut before anything is granted in its place.
  effects.truncate(token(DiskStep::create), file, file_size_);
}

// What was read may have stood in the cache alone, if the process ended and the machine did not: it is told to nobody
// before it is durable, and so is the file's name.
void Arbiter::on_created(const DiskDone& done, Effects& effects) {
  if (done.status == DiskStatus::not_found) return effects.write_synced(token(DiskStep::create), file, 0, {});
  if (done.status != DiskStatus::ok) return stop("grants cannot be written", effects);
  // If the sync of the last grants failed, the operating system may show them and take them for durable all the same,
  // and no further sync mends that: only what is written again can become durable.
  if (last_sector_.empty()) return on_written_again(done, effects);
  effects.write(token(DiskStep::write_again), file, begin_of_last_sector(), std::exchange(last_sector_, {}));
}

void Arbiter::on_written_again(const DiskDone& done, Effects& effects) {
  if (done.status != DiskStatus::ok) return stop("grants cannot be written", effects);
  effects.sync(token(DiskStep::sync_grants), file);
}

void Arbiter::on_grants_synced(const DiskDone& done, Effects& effects) {
  if (done.status != DiskStatus::ok) return stop("grants cannot be synced: what the disk holds is unknown", effects);
  effects.sync_directory(token(DiskStep::sync_name));
}

void Arbiter::on_name_synced(const DiskDone& done, Effects& effects) {
  if (done.status != DiskStatus::ok) return stop("the arbiter's directory cannot be synced", effects);
  ready_ = true;
}

void Arbiter::on_received(const Received& received, Effects& effects) {
  const auto found = claimers_.find(received.link);
  if (found == claimers_.end()) return;
  Claimer& claimer = found->second;
  claimer.frames.take(received.bytes);
  while (!claimer.frames.broken()) {
    const std::optional<Bytes> frame = claimer.frames.next();
    if (!frame && claimer.frames.broken()) break;
    if (!frame) return maybe_write(effects);
    const std::optional<Message> message = decode_frame(*frame);
    if (!message) break;
    if (const auto* claim = std::get_if<Claim>(&message->body)) on_claim(claimer, *claim, effects);
    if (std::holds_alternative<Ping>(message->body)) on_ping(claimer, effects);
  }
  effects.close(claimer.link);
  claimers_.erase(found);
  maybe_write(effects);
}

// Who cannot answer claims yet says nothing, as to a claim.
void Arbiter::on_ping(const Claimer& claimer, Effects& effects) const {
  const Epoch last = granted_.empty() ? Epoch{} : granted_.back();
  if (ready_) effects.send(claimer.link, encode(last, incarnation_, Pong{}));
}

// S2: the first claimer of an epoch has it for ever; everybody who claims it is told who that was.
void Arbiter::on_claim(Claimer& claimer, const Claim& claim, Effects& effects) {
  if (!ready_) return;  // who was first is not known yet: the claimer asks again
  const bool is_founding = claim.wanted == Epoch{1};
  if (!is_founding && claim.founder.none()) return;  // no node says so: whoever holds an epoch knows who won the first
  const bool is_of_this_store = is_founding || grant({1}, claim.founder, no_process).directory == claim.founder;
  const Epoch answered = is_of_this_store ? claim.wanted : Epoch{1};
  if (grant(answered, claim.directory, claim.node).durable) {
    answer(claimer, answered, effects);
  } else {
    claimer.waiting.push_back(answered);
  }
}

// What is granted of the epoch: to this one, if it was nobody's.
const Arbiter::Grant& Arbiter::grant(Epoch epoch, DirectoryId directory, ProcessId node) {
  const auto [grant, first] = grants_.try_emplace(epoch, Grant{directory, node, false});
  if (first) unwritten_.push_back(epoch);
  return grant->second;
}

// Of the sector that the last write went to.
std::uint64_t Arbiter::begin_of_last_sector() const {
  return file_size_ == 0 ? 0 : (file_size_ - 1) / sector_size * sector_size;
}

void Arbiter::maybe_write(Effects& effects) {
  if (writing_ || unwritten_.empty()) return;
  // Not beyond a sector: what a torn write leaves behind is then a prefix of whole grants, and a hole is damage.
  const std::size_t room = room_in_sector(file_size_) / grant_size;
  const auto end = unwritten_.begin() + static_cast<std::ptrdiff_t>(std::min(room, unwritten_.size()));
  in_flight_.assign(unwritten_.begin(), end);
  unwritten_.erase(unwritten_.begin(), end);
  std::string bytes;
  for (const Epoch epoch : in_flight_) {
    const Grant& grant = grants_[epoch];
    const std::size_t begin = bytes.size();
    Writer(bytes)
        .u64(epoch.value)
        .u64(grant.directory.high)
        .u64(grant.directory.low)
        .u32(static_cast<std::uint32_t>(grant.node));
    Writer(bytes).u32(crc32c(std::string_view(bytes).substr(begin)));
  }
  writing_ = true;
  effects.write_synced(token(DiskStep::write), file, file_size_, Bytes::copy(bytes));
}

void Arbiter::on_grants_written(const DiskDone& done, Effects& effects) {
  if (done.status != DiskStatus::ok) return stop("grants cannot be written: what the disk holds is unknown", effects);
  file_size_ += in_flight_.size() * grant_size;
  writing_ = false;
  for (const Epoch epoch : in_flight_) {
    grants_[epoch].durable = true;
    granted_.push_back(epoch);
  }
  in_flight_.clear();
  for (auto& entry : claimers_) {
    Claimer& claimer = entry.second;
    std::erase_if(claimer.waiting, [&](Epoch epoch) {
      if (!grants_[epoch].durable) return false;
      answer(claimer, epoch, effects);
      return true;
    });
  }
  maybe_write(effects);
}

void Arbiter::answer(const Claimer& claimer, Epoch epoch, Effects& effects) const {
  const Grant& grant = grants_.at(epoch);
  effects.send(claimer.link, encode(last_of_others(epoch), incarnation_, Verdict{epoch, grant.directory, grant.node}));
}

// The last epoch that somebody else has than the winner of `epoch`; that epoch itself, if none after it is.
Epoch Arbiter::last_of_others(Epoch epoch) const {
  const DirectoryId winner = grants_.at(epoch).directory;
  for (auto later = grants_.rbegin(); later->first > epoch; ++later) {
    if (later->second.durable && later->second.directory != winner) return later->first;
  }
  return epoch;
}

void Arbiter::stop_at(std::string_view what, Effects& effects) {
  stop("grants: the file " + std::string(what) + " at offset " + std::to_string(file_size_) +
           ": restore it from a copy that holds every grant; the arbiter must not forget one",
       effects);
}

void Arbiter::stop(std::string_view why, Effects& effects) {
  stopped_ = true;
  effects.note({static_cast<std::uint16_t>(NoteKind::stopped), static_cast<std::uint8_t>(Role::stopped), 0, 0, 0, 0,
                Bytes::copy(why)});
  effects.stop(Bytes::copy(why));
}

}  // namespace smalldb
