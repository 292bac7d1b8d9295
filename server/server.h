// A process of smalldb on a real machine: one machine of the model, its host, and all that the host carries effects out
// with. Built from a configuration, run until a signal or the machine ends it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "model/arbiter.h"
#include "model/node.h"
#include "server/complaints.h"
#include "server/config.h"
#include "server/datagrams.h"
#include "server/disk.h"
#include "server/front.h"
#include "server/host.h"
#include "server/http_server.h"
#include "server/journal.h"
#include "server/members_file.h"
#include "server/operators.h"
#include "server/peer_links.h"
#include "server/recorder.h"
#include "server/service_manager.h"
#include "server/silent_arbiter.h"

namespace smalldb::server {

class Server final : public Watcher, public Informant {
 public:
  // Opens directories and sockets. Throws std::exception with a text for people: NotNow or an error of the system where
  // it may succeed later.
  Server(const Config& config, Journal& journal, const ServiceManager& service_manager);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Returns the process's exit code.
  int run();
  // After run(): the process is to go on, with another server.
  bool begins_anew() const { return begins_anew_; }

  void on_note(const effect::Note& note) override;
  void on_stop(std::string_view why) override;
  [[noreturn]] void on_assertion_failed(std::string_view what) override;
  HttpAnswer answer(Inquiry inquiry, const HttpRequest& request, bool local) override;
  std::optional<Response> refusal() const override;

 private:
  bool is_node() const { return config_.kind == Config::Kind::node; }
  void leave_descriptors();
  void open_directories();
  void open_sockets();
  void make_machine();
  void make_recorder(RecordedMachine made);
  void wait_for_signals();
  void on_signal(int signal);
  void renew_tls();
  void check_certificate() const;
  void stop_cleanly();
  void stop_machine();
  void end_when_done();
  void close_to_others();
  void end();
  void on_start_over(std::uint64_t recorded);
  bool may_begin_anew() const;
  void on_recording_nearly_full(std::uint64_t bytes);
  void begin_anew_when_spared();
  bool can_be_spared() const;
  void tell_of_grants();
  void tell_of_failure(const effect::Disk& operation, int error);
  void refuse_open_directory(const Directory& directory) const;
  void refuse_foreign_files() const;
  void refuse_copy() const;
  bool is_name_chosen() const;
  void remember_name();
  void on_members_changed();
  HttpAnswer answer_operator(Inquiry inquiry, const HttpRequest& request, bool local);

  Config config_;
  Journal& journal_;
  const ServiceManager& service_manager_;
  boost::asio::io_context loop_{1};
  std::shared_ptr<Directory> own_;
  std::shared_ptr<Directory> shared_;
  std::string lock_identity_;  // of shared_
  Members members_;
  Identity identity_;
  Operators operators_;

  std::optional<boost::asio::ip::tcp::acceptor> cluster_acceptor_;
  std::optional<boost::asio::ip::tcp::acceptor> clients_acceptor_;
  std::optional<boost::asio::ip::udp::socket> datagram_socket_;

  std::unique_ptr<Node> node_;        // one of
  std::unique_ptr<Arbiter> arbiter_;  // these two
  std::unique_ptr<Host> host_;
  std::unique_ptr<Disk> disk_;
  std::unique_ptr<MembersFile> members_file_;
  std::unique_ptr<Datagrams> datagrams_;
  std::unique_ptr<PeerLinks> links_;
  std::unique_ptr<Front> front_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<Recorder> recorder_;  // if asked for

  boost::asio::signal_set signals_{loop_};
  boost::asio::steady_timer drain_timer_{loop_};
  boost::asio::steady_timer anew_timer_{loop_};
  std::optional<std::uint64_t> recorded_at_start_;  // bytes; none until the start is over
  bool begins_anew_ = false;
  std::optional<std::size_t> grants_told_;  // of the arbiter's
  Complaints disk_complaints_;
  SilentArbiter silent_arbiter_{loop_, journal_, [this] { return node_->status(); }};
  bool stopping_ = false;
  bool machine_is_done_ = false;
  bool clients_are_done_ = false;
  int exit_ = stopped_by_signal;
};

}  // namespace smalldb::server
