#include "server/silent_arbiter.h"

#include <utility>

#include "model/notes.h"

namespace smalldb::server {

SilentArbiter::SilentArbiter(boost::asio::io_context& loop, Journal& journal, std::function<NodeStatus()> status,
                             std::chrono::nanoseconds patience)
    : journal_(journal), status_(std::move(status)), patience_(patience), timer_(loop) {}

void SilentArbiter::on_note(Epoch wanted, std::vector<Journal::Field> fields) {
  timer_.expires_after(patience_);
  timer_.async_wait([this, wanted, fields = std::move(fields)](const boost::system::error_code& error) {
    if (error) return;
    const NodeStatus status = status_();
    if (!status.claiming || status.epoch.next() != wanted) return;
    journal_.warning(name(NoteKind::arbiter_unreachable), fields);
  });
}

}  // namespace smalldb::server
