// The connections between processes of the cluster: nodes with nodes, nodes with the arbiter.
//
// A connection begins with a greeting (greeting.h). The machine hears of one that others made when that has succeeded,
// and of one that it asked for likewise; between nodes, when the other one's name has been written down as well
// (notebook.h). Then bytes go through as they are. What a step sends on several occasions leaves in one write at the
// end of the loop's turn.
//
// Who is turned away after the greeting is told why, in the place of the machine's first message, for its log.
//
// Limits: connections that have not greeted, time to greet, and a peer that takes nothing for a time is cut off by TCP
// itself. How much waits to be sent is bounded by the machine (F8); a hard limit stands behind that.
//
// Who has the secret greets within a round trip, a stranger may hold its place for as long as it has to greet. So when
// no place is left the newcomer gets one: from the address that has most of them, the one that it had first.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/complaints.h"
#include "server/datagrams.h"
#include "server/greeting.h"
#include "server/host.h"
#include "server/journal.h"
#include "server/members.h"
#include "server/notebook.h"
#include "server/secret.h"
#include "server/stream.h"
#include "server/terms.h"

namespace smalldb::server {

// What a process is to its peers.
struct Identity {
  Member self;
  Port port = Port::replication;  // what it listens for
  Secret secret;
  std::vector<Term> terms;  // of a node
  // Null: no TLS.
  std::shared_ptr<boost::asio::ssl::context> tls;
};

class PeerLinks final : public Network {
 public:
  // Connections that have not said who they are. When there is a further one, one gives way.
  static constexpr std::size_t greeting_connections_max = 64;

  struct Figures {
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t refused = 0;      // connections that failed to greet
    std::uint64_t crowded_out = 0;  // before they had greeted
  };

  // `datagrams` is null for a process that sends none. All that is referred to outlives this.
  PeerLinks(boost::asio::io_context& loop, const Identity& identity, Members& members, Notebook& notebook, Host& host,
            Datagrams* datagrams, Journal& journal);
  ~PeerLinks();
  PeerLinks(const PeerLinks&) = delete;
  PeerLinks& operator=(const PeerLinks&) = delete;

  // Takes connections from an open acceptor.
  void listen(boost::asio::ip::tcp::acceptor acceptor);
  // Closes everything, without a word to the machine: the process ends.
  void close_all();

  void connect(Link link, ProcessId to, Port port) override;
  void send(Link link, Bytes bytes) override;
  void close(Link link) override;
  void send_datagram(ProcessId to, Bytes bytes) override;
  void flush() override;

  const Figures& figures() const { return figures_; }
  std::size_t open() const { return connections_.size(); }

 private:
  class Connection;
  using ConnectionPtr = std::shared_ptr<Connection>;

  void accept_next();
  void crowd_one_out();
  void on_greeted(const ConnectionPtr& connection);
  bool is_in_use(ProcessId id) const;
  void on_noted(const std::string& why_not);
  void tell_of(const ConnectionPtr& connection);
  void on_closed(const ConnectionPtr& connection, CloseReason reason);
  void complain(const Connection& connection, const std::string& why);
  Greeting::Self myself(Port port) const;

  boost::asio::io_context& loop_;
  const Identity& identity_;
  Members& members_;
  Notebook& notebook_;
  Host& host_;
  Datagrams* datagrams_;
  Journal& journal_;
  std::unique_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
  boost::asio::steady_timer rest_;             // after a connection could not be taken
  std::map<Link, ConnectionPtr> connections_;  // those that the machine knows of, or asked for
  std::vector<ConnectionPtr> greeting_;        // those that others made, until the machine hears of them; by age
  std::vector<ConnectionPtr> dirty_;           // something waits to be written at the end of the step
  Figures figures_;
  Complaints complaints_;
};

}  // namespace smalldb::server
