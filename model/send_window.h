// How much may be on its way to a follower, so that heartbeats are not stuck behind more than the link carries soon.
//
// Nothing is known of a link at first: little is sent. Whenever that was all that was allowed, the follower is asked
// for a word behind it, and its answer tells how long what lies on the way takes to arrive: soon, and the next may be
// twice as much; late, and it is half as much again. So pieces and windows come to be what the link carries in a
// fraction of suspect_after, however thin it is, and on a link that is not thin a few round trips make the window as
// large as the settings allow.
//
// It only says how much is sent at a time. Whether the follower lives, and what it has, does not follow from it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "model/settings.h"
#include "model/time.h"

namespace smalldb {

class SendWindow {
 public:
  explicit SendWindow(const Settings& settings)
      : soon_(settings.suspect_after / 4),
        late_(settings.suspect_after / 2),
        largest_(std::max(settings.log_buffer_bytes, std::uint64_t{settings.chunk_bytes} * settings.chunks_in_flight)),
        smallest_(std::min<std::uint64_t>(4 * 1024, largest_)),
        size_(smallest_) {}

  // Bytes that may be on their way.
  std::uint64_t size() const { return size_; }

  // All that is allowed is on its way, and behind it a question, unless one is: `mark` tells its answer from others.
  bool asking() const { return asked_.has_value(); }
  void ask(std::uint64_t mark, Instant now) { asked_ = Question{mark, now}; }
  // The follower has answered all up to this mark.
  void answered(std::uint64_t mark, Instant now) {
    if (!asked_ || mark < asked_->mark) return;
    const Duration took = now - asked_->at;
    if (took <= soon_) size_ = std::min(2 * size_, largest_);
    if (took > late_) size_ = std::max(size_ / 2, smallest_);
    asked_.reset();
  }
  // What was asked will not be answered: the follower is spoken to in another way from now on.
  void forget() { asked_.reset(); }

 private:
  struct Question {
    std::uint64_t mark;
    Instant at;
  };

  Duration soon_;
  Duration late_;
  std::uint64_t largest_;
  std::uint64_t smallest_;
  std::uint64_t size_;
  std::optional<Question> asked_;
};

}  // namespace smalldb
