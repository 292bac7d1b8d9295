#include "reports/witnessed.h"

#include <algorithm>
#include <string_view>

#include "model/messages.h"
#include "model/record.h"

namespace smalldb::reports {
namespace {

using sim::EventKind;
using Request = std::pair<SessionId, std::uint64_t>;

constexpr std::size_t sendings_told_max = 8;

// Whose records a node writes.
std::set<Request> requests_in_records(std::string_view bytes) {
  std::set<Request> requests;
  while (const auto record = decode_record(bytes)) {
    if (const auto* operation = std::get_if<Operation>(&record->body)) {
      requests.emplace(operation->request.session, operation->request.number);
    }
    bytes.remove_prefix(decode_header(bytes)->record_size());
  }
  return requests;
}

std::set<Request> requests_of(const sim::TraceEvent& event) {
  if (event.kind == EventKind::disk_written) return requests_in_records(event.payload.view());
  if (event.kind != EventKind::sent && event.kind != EventKind::replied && event.kind != EventKind::received) return {};
  const auto message = decode_frame(event.payload);
  if (!message) return {};
  if (const auto* asked = std::get_if<RequestMessage>(&message->body))
    return {{asked->request.session, asked->request.number}};
  if (const auto* told = std::get_if<ResponseMessage>(&message->body))
    return {{told->response.session, told->response.number}};
  return {};
}

}  // namespace

std::vector<sim::EventIndex> witnessed_events(std::span<const properties::Verdict> verdicts) {
  std::vector<sim::EventIndex> events;
  for (const properties::Verdict& verdict : verdicts) {
    if (verdict.conclusion != properties::Conclusion::violated) continue;
    events.insert(events.end(), verdict.events.begin(), verdict.events.end());
  }
  return events;
}

Witnessed::Witnessed(std::vector<sim::EventIndex> events) : events_(std::move(events)) {
  std::sort(events_.begin(), events_.end());
  events_.erase(std::unique(events_.begin(), events_.end()), events_.end());
}

void Witnessed::see(std::span<const sim::TraceEvent> events) {
  for (const sim::TraceEvent& event : events) {
    const bool is_named = std::binary_search(events_.begin(), events_.end(), event.index);
    if (!is_named && event.kind != EventKind::sent) continue;
    std::set<Request> requests = requests_of(event);
    std::erase_if(requests, [](const Request& request) { return request.first.value == 0; });  // it has no name
    if (event.kind == EventKind::sent) {
      for (const Request& request : requests) sent_[request].push_back(event.index);
    }
    if (!is_named) continue;
    for (const Request& request : requests) ++mentions_[request];
    if (requests.size() == 1) sole_.insert(*requests.begin());
  }
}

std::vector<sim::EventIndex> Witnessed::events() const {
  std::set<sim::EventIndex> all(events_.begin(), events_.end());
  for (const auto& [request, count] : mentions_) {
    const auto sent = sent_.find(request);
    if (sent == sent_.end() || (count < 2 && !sole_.contains(request))) continue;
    const std::vector<sim::EventIndex>& sendings = sent->second;
    const std::size_t half = std::min(sendings.size(), sendings_told_max / 2);
    all.insert(sendings.begin(), sendings.begin() + static_cast<std::ptrdiff_t>(half));
    all.insert(sendings.end() - static_cast<std::ptrdiff_t>(half), sendings.end());
  }
  return {all.begin(), all.end()};
}

}  // namespace smalldb::reports
