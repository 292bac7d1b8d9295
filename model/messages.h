// What processes say to each other, and the frames it travels in.
//
//   message          from -> to          on               says
//   ---------------  ------------------  ---------------  ---------------------------------------------------------
//   RequestMessage   client -> node      Port::client     a Request
//   ResponseMessage  node -> client      (replies)        a Response
//   Hello            comer -> node       replication      what I have: join me, or go on with me (S6)
//   NotPrimary       node -> comer       replication      not here; who it is, and who its backup is, if known
//   Welcome          primary -> comer    replication      cut back to here; then records, or a snapshot first
//   SnapshotChunk    primary -> comer    replication      a piece of a checkpoint of the running store
//   SnapshotTaken    comer -> primary    replication      so much of it has been written (flow control)
//   Ready            comer -> primary    replication      cut or installed, durably: send records from here
//   Records          primary -> backup   replication      records as they stand in the log; how far they are safe
//   Ack              backup -> primary   replication      received, durable, and reads confirmed (S7, S8)
//   Leaving          either -> other     replication      I stop: all that I took is safe, and nothing comes any more
//   Claim            node -> arbiter     arbiter          I want this epoch (S2)
//   Verdict          arbiter -> node     arbiter          who has it
//   Ping             node -> arbiter     arbiter          would you answer a claim?
//   Pong             arbiter -> node     arbiter          I would
//   Heartbeat        node -> node        datagram         I live (F6)
//
// Every message carries the epoch and the incarnation of its sender (S12). A frame is
//
//   u32 length of the rest | u32 CRC32C of the rest after it | u8 kind | u64 epoch | u64 incarnation | fields
//
// and a datagram is one frame.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/bytes.h"
#include "model/ids.h"
#include "model/machine.h"
#include "model/request.h"
#include "model/time.h"

namespace smalldb {

struct RequestMessage {
  Request request;
  friend bool operator==(const RequestMessage&, const RequestMessage&) = default;
};

struct ResponseMessage {
  Response response;
  friend bool operator==(const ResponseMessage&, const ResponseMessage&) = default;
};

// The record that began an epoch: two logs agree up to where their histories part.
struct EpochStart {
  Epoch epoch;
  Lsn first;  // its position
  DirectoryId primary;
  WallTime stamp;  // of the record
  friend bool operator==(const EpochStart&, const EpochStart&) = default;
};

struct Hello {
  DirectoryId directory;
  ProcessId node = no_process;
  std::uint64_t number = 0;        // of this greeting in its sender's life, from 1: a network may deliver it late
  Lsn log_end;                     // last record held
  Lsn checkpoint;                  // below this nothing can be cut: a comer whose log parts earlier needs a snapshot
  std::vector<EpochStart> epochs;  // rising
  friend bool operator==(const Hello&, const Hello&) = default;
};

struct NotPrimary {
  ProcessId primary = no_process;
  ProcessId backup = no_process;  // whom to try when the primary is gone
  friend bool operator==(const NotPrimary&, const NotPrimary&) = default;
};

struct Welcome {
  Lsn cut;                // the last common position: what the comer holds beyond was never released
  bool snapshot = false;  // a checkpoint as of `snapshot_lsn` comes first, and replaces all that the comer has
  Lsn snapshot_lsn;
  friend bool operator==(const Welcome&, const Welcome&) = default;
};

struct SnapshotChunk {
  Lsn snapshot_lsn;
  std::uint64_t offset = 0;
  bool last = false;
  Bytes bytes;
  friend bool operator==(const SnapshotChunk&, const SnapshotChunk&) = default;
};

struct SnapshotTaken {
  Lsn snapshot_lsn;
  std::uint64_t size = 0;  // bytes from the start that have been written
  friend bool operator==(const SnapshotTaken&, const SnapshotTaken&) = default;
};

struct Ready {
  Lsn end;  // records from the next position on, please
  friend bool operator==(const Ready&, const Ready&) = default;
};

struct Records {
  Lsn first;                  // position of the first record in `bytes`, or of the next one if there is none
  Lsn safe;                   // all up to here may be applied and checkpointed
  std::uint64_t confirm = 0;  // reads up to this number wait for the backup's word (S8)
  Bytes bytes;                // encoded records, one after the other; empty: a sign of life, or a confirmation wanted
  friend bool operator==(const Records&, const Records&) = default;
};

struct Ack {
  Lsn received;
  Lsn durable;
  std::uint64_t confirmed = 0;
  bool lease = false;  // the backup will not claim for the lease's length after what this acknowledges arrived (S8)
  friend bool operator==(const Ack&, const Ack&) = default;
};

struct Claim {
  Epoch wanted;
  DirectoryId directory;
  ProcessId node = no_process;
  DirectoryId founder;  // who won epoch 1 in the claimer's log, and so which store it is of; none: the log is empty
  friend bool operator==(const Claim&, const Claim&) = default;
};

// The epoch of the message is the last one that is somebody else's than the winner's, if any after `claimed` is (S12).
// On epoch 1 instead of the one wanted: that has another winner than the claimer's founder, and nothing is granted.
struct Verdict {
  Epoch claimed;
  DirectoryId winner;
  ProcessId node = no_process;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

struct Heartbeat {
  bool primary = false;  // the sender serves, in the message's epoch
  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

// The last word on a link between primary and backup (model/leaver.h). A primary has stopped to serve before it says
// so, and its backup holds its whole log.
struct Leaving {
  Lsn end;  // of the sender's log
  friend bool operator==(const Leaving&, const Leaving&) = default;
};

// For those who run the store (model/arbiter_watch.h): nothing is granted, and nothing is decided by it.
struct Ping {
  friend bool operator==(const Ping&, const Ping&) = default;
};

struct Pong {
  friend bool operator==(const Pong&, const Pong&) = default;
};

using MessageBody = std::variant<RequestMessage, ResponseMessage, Hello, NotPrimary, Welcome, SnapshotChunk,
                                 SnapshotTaken, Ready, Records, Ack, Claim, Verdict, Heartbeat, Leaving, Ping, Pong>;

struct Message {
  Epoch epoch;
  Incarnation from;
  MessageBody body;
  friend bool operator==(const Message&, const Message&) = default;
};

// What each kind of message is called, in the order of MessageBody: in traces, in scenarios and in docs/protocol.md.
std::span<const std::string_view> message_names();
std::string_view name(const MessageBody& body);

// One frame.
Bytes encode(const Message& message);
Bytes encode(Epoch epoch, Incarnation from, const MessageBody& body);

// The message in one whole frame; nothing if its checksum does not hold or a field is malformed.
std::optional<Message> decode_frame(const Bytes& frame);

// One frame of Records.
struct RecordsFrame {
  Bytes frame;
  Bytes records;  // those in it, not copied
};
// `message` with the records of `runs`, one run after the other. They are copied once, and for the frame's checksum not
// read again: it is made from theirs. REQUIRES: message.bytes is empty; each run holds whole records.
RecordsFrame encode_records(Epoch epoch, Incarnation from, const Records& message, std::span<const Bytes> runs);

inline constexpr std::size_t frame_size_max = 4 * 1024 * 1024;

// Puts frames together again from the pieces that a stream delivers. A frame that lies whole in one piece is a slice of
// it; nothing is copied but frames that lie across pieces, and they once. Says nothing of what is in a frame: that is
// decode_frame's.
class FrameReader {
 public:
  // Takes the next piece of the stream.
  void take(const Bytes& bytes);
  // The next whole frame, if there is one. REQUIRES: !broken().
  std::optional<Bytes> next();
  // The stream can no longer be cut into frames (a length beyond frame_size_max): close it.
  bool broken() const { return broken_; }

 private:
  // Moves what the piece has of the frame begun until there are `size` bytes of it. Whether there are.
  bool fill(std::size_t size);
  void keep(Bytes part);
  // Length of the frame that begins so; notes if that cannot be.
  std::size_t frame_size(std::string_view begin);
  void advance(std::size_t size);

  Bytes piece_;  // the piece being taken apart, from position_ on
  std::size_t position_ = 0;
  std::vector<Bytes> begun_;  // a frame begun in earlier pieces, its length whole in the first; more of it is in piece_
  std::size_t begun_size_ = 0;
  bool broken_ = false;
};

}  // namespace smalldb
