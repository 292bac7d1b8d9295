// Where the events of a run stand in a picture of it, from the top down: each that is shown has a place of its own, and
// what does not fit is folded away, a stretch at a time, where there is least news.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/time.h"
#include "sim/trace.h"

namespace smalldb::reports {

struct RowWish {
  sim::EventIndex event = 0;
  sim::Time at;
  int height = 0;
  bool is_news = false;
};

class Rows {
 public:
  struct Row {
    sim::EventIndex event = 0;
    sim::Time at;
    int top = 0;
    int height = 0;
    int middle() const { return top + height / 2; }
  };
  // What lies between two rows that are shown, all events of it.
  struct Fold {
    sim::EventIndex first = 0;
    sim::EventIndex last = 0;
    sim::Time to;  // when the next row is
    int top = 0;
    std::uint64_t count() const { return last - first + 1; }
  };
  // Between two events not everything is known: of what is wished for there only news is shown.
  struct Gap {
    sim::EventIndex after = 0;
    sim::EventIndex before = 0;
    bool has(sim::EventIndex event) const { return after < event && event < before; }
  };
  static constexpr int fold_height = 40;

  // In any order; of several wishes of one event the highest counts. At most `most` of them are shown, or as many as
  // are news: these and, around each, as many as there is room for.
  Rows(std::vector<RowWish> wishes, std::size_t most, const std::vector<Gap>& gaps = {});

  const std::vector<Row>& rows() const { return rows_; }
  const std::vector<Fold>& folds() const { return folds_; }
  int height() const { return height_; }

  // It stands in no fold.
  bool shows(sim::EventIndex event) const;
  // Of an event without a row of its own: between its neighbours; of one in a fold: in its middle.
  int y_of(sim::EventIndex event) const;

 private:
  const Fold* fold_of(sim::EventIndex event) const;

  std::vector<Row> rows_;
  std::vector<Fold> folds_;
  int height_ = 0;
};

}  // namespace smalldb::reports
