// The tie breaker: a small durable process that answers who won an epoch (S2).
//
// A row of write-once registers, one per epoch: the first directory that claims an epoch has it for ever, over restarts
// and lost replies. A grant is told to nobody before it is durable. The registers stand in one file, `grants`, a record
// of fixed size each, appended in the order of granting, each with its checksum. Neither records nor writes straddle
// sectors, one write is on its way at a time, and a start cuts what the last one left behind. So of a write that was
// told to nobody a crash leaves all of it, nothing, or zeros (where the file was made longer and its sector was not
// written), whole records long and no further than the end of that sector. That is cut. All else is damage, and stops
// the arbiter, who must not forget a grant:
//
//   a checksum that does not hold              rot, or another's bytes
//   a part of a record at the end              the file has been cut: grants are missing
//   zeros with a grant behind them, or beyond the end of their sector
//   an epoch that two records grant            the file has been put together of several
//
// The winner of epoch 1 tells which store the others are of. A claimer whose log another directory has founded is told
// that, and granted nothing. An arbiter that does not know, as it came to the store later, or has been emptied, takes
// the first claimer's word for it: a grant of epoch 1 to a directory of no node.
//
// A file that was cut between two records reads like an earlier one, and nothing here can tell: whoever brings back an
// old copy of the arbiter's directory gives its epochs away a second time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/ids.h"
#include "model/machine.h"
#include "model/messages.h"
#include "model/notes.h"

namespace smalldb {

struct ArbiterConfig {
  ProcessId self = no_process;
};

class Arbiter final : public Machine {
 public:
  static constexpr const char* file = "grants";

  explicit Arbiter(ArbiterConfig config);

  void step(const Moment& moment, const Event& event, Effects& effects) override;
  std::unique_ptr<Machine> clone() const override;

  // ---- For its host to tell

  // The grants have been read: claims can be answered.
  bool ready() const { return ready_; }
  // The epochs that are granted, durably, in the order in which that was done.
  const std::vector<Epoch>& granted() const { return granted_; }
  // REQUIRES: the epoch is granted. `no_process`: of epoch 1, by a claimer's word.
  ProcessId winner_of(Epoch epoch) const { return grants_.at(epoch).node; }

 private:
  struct Grant {
    DirectoryId directory;
    ProcessId node = no_process;
    bool durable = false;
  };
  struct Claimer {
    PeerLink link;
    FrameReader frames;
    std::vector<Epoch> waiting;  // claims to answer once their grants are durable
  };

  void on_started(const Started& started, Effects& effects);
  void on_grants_read(const DiskDone& done, Effects& effects);
  void on_created(const DiskDone& done, Effects& effects);
  void on_written_again(const DiskDone& done, Effects& effects);
  void on_grants_synced(const DiskDone& done, Effects& effects);
  void on_name_synced(const DiskDone& done, Effects& effects);
  void on_grants_written(const DiskDone& done, Effects& effects);
  void on_received(const Received& received, Effects& effects);
  void on_ping(const Claimer& claimer, Effects& effects) const;
  void on_claim(Claimer& claimer, const Claim& claim, Effects& effects);
  const Grant& grant(Epoch epoch, DirectoryId directory, ProcessId node);

  std::uint64_t begin_of_last_sector() const;
  void maybe_write(Effects& effects);
  void answer(const Claimer& claimer, Epoch epoch, Effects& effects) const;
  Epoch last_of_others(Epoch epoch) const;
  void stop_at(std::string_view what, Effects& effects);
  void stop(std::string_view why, Effects& effects);

  ArbiterConfig config_;
  Incarnation incarnation_;
  bool ready_ = false;
  bool stopped_ = false;
  std::map<Epoch, Grant> grants_;
  std::vector<Epoch> granted_;
  std::map<Link, Claimer> claimers_;

  std::uint64_t file_size_ = 0;
  Bytes last_sector_;  // of the file as it was read, to be written again
  bool writing_ = false;
  std::vector<Epoch> in_flight_;  // being written and synced
  std::vector<Epoch> unwritten_;
};

}  // namespace smalldb
