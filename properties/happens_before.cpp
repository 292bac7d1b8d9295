#include "properties/happens_before.h"

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <boost/graph/visitors.hpp>
#include <boost/property_map/function_property_map.hpp>
#include <cstdint>
#include <map>
#include <utility>

#include "model/assert.h"

namespace smalldb::properties {
namespace {

using sim::EventIndex;
using sim::EventKind;
using sim::TraceEvent;

// Vertices are events, counted from the first of the trace; an edge leads from an event to one that it rests on, so
// what can be reached from an event is its past.
using EventGraph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                                      boost::no_property, std::uint32_t, std::uint64_t>;
using Vertex = std::uint32_t;
using Edge = std::pair<Vertex, Vertex>;

bool is_done_to_a_process(EventKind kind) {
  return kind == EventKind::refused || kind == EventKind::datagram_lost || kind == EventKind::stream_lost ||
         kind == EventKind::fault_injected || kind == EventKind::fault_took_effect || kind == EventKind::fault_ended;
}

// Draws the edges of one event after the other. They come sorted by the event they lead from.
class EdgeMaker {
 public:
  explicit EdgeMaker(EventIndex first) : first_(first) {}

  void take(const TraceEvent& event) {
    const Vertex vertex = static_cast<Vertex>(event.index - first_);
    from_ = vertex;
    begin_ = edges_.size();
    if (event.cause != sim::no_event && event.cause >= first_) rest_on(static_cast<Vertex>(event.cause - first_));
    if (event.kind == EventKind::received) rest_on_sender(event);
    if (event.process != no_process && !is_done_to_a_process(event.kind)) {
      const auto [last, fresh] = last_of_process_.try_emplace(event.process, vertex);
      if (!fresh) rest_on(std::exchange(last->second, vertex));
    }
    if (event.kind == EventKind::sent || event.kind == EventKind::replied) {
      sends_[{event.a, event.process}].push_back({event.b + event.payload.size(), vertex});
    }
    std::sort(edges_.begin() + static_cast<std::ptrdiff_t>(begin_), edges_.end());
  }

  const std::vector<Edge>& edges() const { return edges_; }

 private:
  struct Send {
    std::uint64_t end;
    Vertex vertex;
  };

  void rest_on(Vertex on) {
    const Edge edge(from_, on);
    const auto begin = edges_.begin() + static_cast<std::ptrdiff_t>(begin_);
    if (on < from_ && std::find(begin, edges_.end(), edge) == edges_.end()) edges_.push_back(edge);
  }

  // The message that the last byte received belongs to.
  void rest_on_sender(const TraceEvent& event) {
    const auto sends = sends_.find({event.a, event.peer});
    if (sends == sends_.end() || event.payload.empty()) return;
    const std::uint64_t end = event.b + event.payload.size();
    const auto send =
        std::lower_bound(sends->second.begin(), sends->second.end(), end,
                         [](const Send& candidate, std::uint64_t offset) { return candidate.end < offset; });
    if (send != sends->second.end()) rest_on(send->vertex);
  }

  EventIndex first_;
  Vertex from_ = 0;
  std::size_t begin_ = 0;  // of this event's edges
  std::vector<Edge> edges_;
  std::map<ProcessId, Vertex> last_of_process_;
  std::map<std::pair<std::uint64_t, ProcessId>, std::vector<Send>> sends_;  // by connection and sender
};

// Only events from `first` on: an event rests on earlier ones alone, so a search need not go further back.
struct NotBefore {
  Vertex first = 0;
  bool operator()(Vertex vertex) const { return vertex >= first; }
};

}  // namespace

struct HappensBefore::Graph {
  EventIndex first = 0;
  EventGraph events;

  Vertex vertex(EventIndex event) const {
    SMALLDB_ASSERT(event >= first && event - first < boost::num_vertices(events), event, first);
    return static_cast<Vertex>(event - first);
  }

  // Walks from `later` back to events not before `earliest`, nearest first, and tells `visitor`.
  template <class Visitor>
  void walk_back(Vertex later, Vertex earliest, Visitor visitor) const {
    const boost::filtered_graph<EventGraph, boost::keep_all, NotBefore> part(events, {}, NotBefore{earliest});
    std::vector<boost::default_color_type> colors(later - earliest + 1, boost::white_color);
    const auto color = boost::make_function_property_map<Vertex, boost::default_color_type&>(
        [&](Vertex vertex) -> boost::default_color_type& { return colors[vertex - earliest]; });
    boost::queue<Vertex> next;
    boost::breadth_first_visit(part, later, next, boost::make_bfs_visitor(visitor), color);
  }
};

HappensBefore::HappensBefore(std::span<const TraceEvent> trace) {
  auto graph = std::make_shared<Graph>();
  graph->first = trace.empty() ? 0 : trace.front().index;
  EdgeMaker maker(graph->first);
  for (const TraceEvent& event : trace) maker.take(event);
  graph->events = EventGraph(boost::edges_are_sorted, maker.edges().begin(), maker.edges().end(),
                             static_cast<Vertex>(trace.size()));
  graph_ = std::move(graph);
}

std::size_t HappensBefore::size() const { return boost::num_vertices(graph_->events); }

bool HappensBefore::before(EventIndex earlier, EventIndex later) const { return !path(earlier, later).empty(); }

std::vector<EventIndex> HappensBefore::past(EventIndex event) const {
  std::vector<Vertex> reached;
  graph_->walk_back(
      graph_->vertex(event), 0,
      boost::write_property(boost::identity_property_map(), std::back_inserter(reached), boost::on_discover_vertex()));
  std::vector<EventIndex> events;
  for (const Vertex vertex : reached) {
    if (graph_->first + vertex != event) events.push_back(graph_->first + vertex);
  }
  std::sort(events.begin(), events.end());
  return events;
}

std::vector<EventIndex> HappensBefore::path(EventIndex earlier, EventIndex later) const {
  if (earlier >= later) return {};
  const Vertex from = graph_->vertex(later);
  const Vertex to = graph_->vertex(earlier);
  // By vertex: the event that the search came from. `to` itself, from which it never comes, stands for none.
  std::vector<Vertex> towards(from - to + 1, to);
  const auto predecessor = boost::make_function_property_map<Vertex, Vertex&>(
      [&](Vertex vertex) -> Vertex& { return towards[vertex - to]; });
  graph_->walk_back(from, to, boost::record_predecessors(predecessor, boost::on_tree_edge()));
  if (towards.front() == to) return {};
  std::vector<EventIndex> events;
  for (Vertex vertex = to; vertex != from; vertex = towards[vertex - to]) events.push_back(graph_->first + vertex);
  events.push_back(later);
  return events;
}

std::vector<EventIndex> HappensBefore::causes(EventIndex event) const {
  std::vector<EventIndex> events;
  const auto [begin, end] = boost::out_edges(graph_->vertex(event), graph_->events);
  for (auto edge = begin; edge != end; ++edge) {
    events.push_back(graph_->first + boost::target(*edge, graph_->events));
  }
  return events;
}

}  // namespace smalldb::properties
