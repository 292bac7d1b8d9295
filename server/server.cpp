#include "server/server.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "model/data_directory.h"
#include "model/notes.h"
#include "model/operator_command.h"
#include "model/record.h"
#include "model/version.h"
#include "server/lock_directory.h"
#include "server/not_now.h"
#include "server/note_fields.h"
#include "server/status.h"
#include "server/stream.h"

namespace smalldb::server {
namespace {

using boost::system::error_code;
using Tcp = boost::asio::ip::tcp;
using Udp = boost::asio::ip::udp;

// Descriptors that clients' connections must leave: for files of the data directory, for the other processes'
// connections and for those that have not greeted, for the log, the recording and the loop. A file that cannot be
// opened stops a node.
constexpr rlim_t descriptors_kept =
    Directory::open_files_max + 2 * PeerLinks::greeting_connections_max + HttpServer::probes_max;

// What a recording with `record_anew` should have at least: the eighth that is left when it is to end has room for an
// event with the largest record.
constexpr std::uint64_t record_max_bytes_wanted = std::uint64_t{9} * 1024 * 1024;
static_assert(record_max_bytes_wanted / 8 > record_body_size_max + 1024);

[[noreturn]] void fail(const std::string& what, const error_code& error) {
  throw NotNow(what + ": " + error.message());
}

Tcp::endpoint resolve(boost::asio::io_context& loop, const std::string& text) {
  const Address address = *Address::parse(text);
  error_code error;
  Tcp::resolver resolver(loop);
  const auto results = resolver.resolve(address.host, address.port, Tcp::resolver::passive, error);
  if (error || results.empty()) throw NotNow(text + " is not known: " + error.message());
  return results.begin()->endpoint();
}

Tcp::acceptor listen(boost::asio::io_context& loop, const std::string& text) {
  const Tcp::endpoint endpoint = resolve(loop, text);
  try {
    Tcp::acceptor acceptor(loop);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(Tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(1024);
    return acceptor;
  } catch (const boost::system::system_error& error) {
    fail("cannot listen on " + text, error.code());
  }
}

// The address with the port that the system chose, where it was 0.
std::string with_port(const std::string& text, unsigned short port) {
  Address address = *Address::parse(text);
  if (address.port == "0") address.port = std::to_string(port);
  return address.text();
}

std::string read_token(const std::string& path) {
  std::string token = read_private_file(path, "the token file");
  if (token.empty()) throw std::runtime_error("the token file " + path + " is empty");
  return token;
}

// `mutual`: for the cluster's own connections, where both sides show a certificate that the authority has signed.
std::shared_ptr<boost::asio::ssl::context> make_tls(const Config& config, bool mutual) {
  if (config.tls_certificate.empty()) return nullptr;
  refuse_open_file(config.tls_key, "the certificate's key");
  namespace ssl = boost::asio::ssl;
  auto tls = std::make_shared<ssl::context>(ssl::context::tls);
  tls->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                   ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  const auto check = [](const error_code& error, const char* what, const std::string& path) {
    if (error) throw NotNow(what + path + " is of no use: " + in_words(error));  // they may just be being renewed
  };
  error_code error;
  tls->use_certificate_chain_file(config.tls_certificate, error);
  check(error, "the certificate ", config.tls_certificate);
  tls->use_private_key_file(config.tls_key, ssl::context::pem, error);
  check(error, "the certificate's key ", config.tls_key);
  if (mutual) {
    tls->load_verify_file(config.tls_authority, error);
    check(error, "the authority ", config.tls_authority);
    tls->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  }
  return tls;
}

}  // namespace

Server::Server(const Config& config, Journal& journal, const ServiceManager& service_manager)
    : config_(config), journal_(journal), service_manager_(service_manager) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on files is a full disk, and told like one
  // From the first word of the log on: whoever has read it may send a signal.
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) signals_.add(signal);
  leave_descriptors();
  if (!config_.secret_file.empty()) identity_.secret = Secret::read(config_.secret_file);
  if (!config_.operator_token_file.empty()) operators_ = Operators(read_token(config_.operator_token_file));
  identity_.tls = make_tls(config_, true);
  open_directories();
  open_sockets();
  make_machine();
}

// ---- Building ----------------------------------------------------------------------------------------------------

void Server::leave_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t soft = std::exchange(limit.rlim_cur, limit.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = soft;  // a sandbox may keep it from us
  if (limit.rlim_cur <= descriptors_kept) {
    throw std::runtime_error("this process may have " + std::to_string(limit.rlim_cur) + " files open, and needs " +
                             std::to_string(descriptors_kept) +
                             " besides one for each client: see ulimit -n, or LimitNOFILE of its service");
  }
  std::uint64_t& most = config_.limits.connections_max;
  if (most <= limit.rlim_cur - descriptors_kept) return;
  journal_.warning("fewer_connections", {{"connections_max", limit.rlim_cur - descriptors_kept},
                                         {"wanted", most},
                                         {"why", "so many files may be open: " + std::to_string(limit.rlim_cur)}});
  most = limit.rlim_cur - descriptors_kept;
}

void Server::open_directories() {
  if (mkdir(config_.data.c_str(), 0700) != 0 && errno != EEXIST) {
    throw std::system_error(errno, std::generic_category(), "cannot make " + config_.data);
  }
  own_ = std::make_shared<Directory>(config_.data, Volume::own);
  refuse_open_directory(*own_);
  if (!own_->lock()) throw NotNow(config_.data + " is in use by another process");
  refuse_foreign_files();
  if (config_.shared_lock.empty()) return;
  shared_ = std::make_shared<Directory>(config_.shared_lock, Volume::shared);
  refuse_open_directory(*shared_);
  lock_identity_ = recognize_lock(*shared_, *own_, config_.backup_of.empty());
}

// Who may put a file into it can put another log, or another word of an arbiter, in the place of what is there.
void Server::refuse_open_directory(const Directory& directory) const {
  if (!directory.is_open_to_all()) return;
  throw std::runtime_error(directory.path() + " may be written to by everybody; chmod o-w " + directory.path());
}

// A node and an arbiter in one directory would each begin without what it has, and one of them with nothing.
void Server::refuse_foreign_files() const {
  const Directory::Outcome listed = own_->list();
  if (!listed.entries) throw std::system_error(listed.error, std::generic_category(), "cannot read " + config_.data);
  for (const FileEntry& file : *listed.entries) {
    const FileKind kind = parse_file_name(file.name).kind;
    const bool of_a_node = kind == FileKind::meta || kind == FileKind::log || kind == FileKind::checkpoint;
    if (is_node() ? file.name == Arbiter::file : of_a_node) {
      throw std::runtime_error(config_.data + " holds the file " + file.name + ", and belongs to " +
                               (is_node() ? "an arbiter" : "a node") + ": say another --data");
    }
    if ((of_a_node || file.name == Arbiter::file) && !own_->is_file(file.name)) {
      throw std::runtime_error(config_.data + "/" + file.name +
                               " is a link or a folder: put the file itself in its place");
    }
  }
}

// The arbiter knows nodes by their directories (S2): a directory and its copy would win the same epochs, and both would
// serve. Where both can be reached, the copy has another name. (One that the system chose says nothing.)
void Server::refuse_copy() const {
  const std::string& name = identity_.self.name;
  const std::optional<std::string> remembered = own_->read_hidden("name");
  if (!remembered || remembered == name || is_name_chosen()) return;
  const std::string owner = Address::parse(*remembered) ? *remembered : "somebody whose name cannot be read any more";
  throw std::runtime_error(config_.data + " is the directory of " + owner + ", and this process is called " + name +
                           ". A copy of a directory must never run: a new node begins with an empty one, and is sent "
                           "what it needs. If this is no copy, and the name alone has changed, remove " +
                           config_.data + "/server.name");
}

void Server::open_sockets() {
  constexpr int attempts = 20;  // a port that the system chose for TCP may be taken for UDP
  for (int attempt = 1;; ++attempt) {
    cluster_acceptor_ = listen(loop_, config_.cluster);
    if (!is_node()) break;
    const Tcp::endpoint at = cluster_acceptor_->local_endpoint();
    error_code error;
    datagram_socket_.emplace(loop_, at.protocol() == Tcp::v4() ? Udp::v4() : Udp::v6());
    datagram_socket_->bind({at.address(), at.port()}, error);
    if (!error) break;
    if (Address::parse(config_.cluster)->port != "0" || attempt == attempts) {
      fail("cannot receive datagrams on " + config_.cluster, error);
    }
  }
  const auto advertised = [](const std::string& said, const std::string& at, const Tcp::acceptor& acceptor) {
    return said.empty() ? with_port(at, acceptor.local_endpoint().port()) : said;
  };
  identity_.terms = terms_of(config_, lock_identity_);
  identity_.port = is_node() ? Port::replication : Port::arbiter;
  identity_.self.name = advertised(config_.advertised_cluster, config_.cluster, *cluster_acceptor_);
  refuse_copy();
  if (!config_.clients.empty()) clients_acceptor_ = listen(loop_, config_.clients);
  journal_.info("begins", {{"version", version()}});
  if (clients_acceptor_) {
    const std::string clients = advertised(config_.advertised_clients, config_.clients, *clients_acceptor_);
    if (is_node()) identity_.self.clients = clients;
    journal_.info("listening", {{"for", "clients"}, {"address", clients}});
  }
  journal_.info("listening", {{"for", is_node() ? "nodes" : "claims"}, {"address", identity_.self.name}});
}

void Server::make_machine() {
  RecordedMachine recorded;
  const ProcessId self = id_of(identity_.self.name);
  members_file_ = std::make_unique<MembersFile>(loop_, own_, members_, journal_);
  members_.learn(identity_.self);
  members_.expect(identity_.self.name);
  if (is_node()) {
    NodeConfig node;
    node.self = self;
    for (const std::string& peer : config_.peers) members_.expect(peer);
    if (!config_.backup_of.empty()) members_.expect(config_.backup_of);
    for (const Member& member : members_.all()) node.nodes.push_back(id_of(member.name));
    if (!config_.tie_breaker.empty()) {
      members_.expect(config_.tie_breaker);
      node.arbiter = id_of(config_.tie_breaker);
      std::erase(node.nodes, node.arbiter);
    }
    node.arbiter_kind = config_.arbiter;
    node.may_found = config_.backup_of.empty();
    node.settings = config_.settings;
    node_ = std::make_unique<Node>(node);
    recorded = {.kind = RecordedMachine::Kind::node, .node = node};
    host_ = std::make_unique<Host>(loop_, *node_);
    datagrams_ = std::make_unique<Datagrams>(loop_, std::move(*datagram_socket_), identity_.secret, members_, self,
                                             [this](DatagramReceived datagram) { host_->deliver(datagram); });
    front_ = std::make_unique<Front>(loop_, *host_, config_.answer_within, config_.reads_max);
  } else {
    arbiter_ = std::make_unique<Arbiter>(ArbiterConfig{self});
    recorded = {.kind = RecordedMachine::Kind::arbiter, .arbiter = {self}};
    host_ = std::make_unique<Host>(loop_, *arbiter_);
  }
  check_certificate();
  disk_ = std::make_unique<Disk>(loop_, own_, shared_, [this](DiskDone done) {
    host_->deliver(done);
    tell_of_grants();
  });
  disk_->on_failure = [this](const effect::Disk& operation, int error) { tell_of_failure(operation, error); };
  links_ = std::make_unique<PeerLinks>(loop_, identity_, members_, *members_file_, *host_, datagrams_.get(), journal_);
  http_ = std::make_unique<HttpServer>(loop_, config_.limits, make_tls(config_, false), members_, front_.get(), *this,
                                       journal_);
  if (shared_) remember_lock(*own_, lock_identity_);
  // Last: a start that fails leaves the recordings of earlier lives where they are.
  make_recorder(std::move(recorded));
  remember_name();
}

// Others look at it when they connect to this node, which may be at the next takeover.
void Server::check_certificate() const {
  if (!identity_.tls) return;
  const std::string host = host_in(identity_.self.name);
  X509* const certificate = SSL_CTX_get0_certificate(identity_.tls->native_handle());
  error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  const bool is_hosts = no_address ? X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1
                                   : X509_check_ip_asc(certificate, host.c_str(), 0) == 1;
  if (is_hosts) return;
  journal_.warning("certificate_of_another_host",
                   {{"certificate", config_.tls_certificate},
                    {"host", host},
                    {"why", "who connects to " + identity_.self.name + " will not take it"}});
}

// Port 0, and no other name said.
bool Server::is_name_chosen() const {
  return config_.advertised_cluster.empty() && Address::parse(config_.cluster)->port == "0";
}

void Server::remember_name() {
  if (is_name_chosen() || own_->read_hidden("name") == identity_.self.name) return;
  try {
    own_->write_hidden("name", identity_.self.name);
  } catch (const std::system_error& error) {
    journal_.warning("name_not_written", {{"error", error.what()}});
  }
}

// The store is not worth less for a disk that has no room for recordings.
void Server::make_recorder(RecordedMachine made) {
  if (config_.record.empty()) return;
  made.program = "smalldb-server " + std::string(version());
  for (const Member& member : members_.all()) made.names.push_back({id_of(member.name), member.name});
  Recorder::Listeners listeners;
  listeners.on_end = [this](RecordedEnd::Why why) {
    const bool full = why == RecordedEnd::Why::bound_reached;
    journal_.warning("recording_ended", {{"file", config_.record}, {"why", full ? "bound" : "disk"}});
  };
  if (config_.record_anew) {
    if (is_node() && config_.record_max_bytes < record_max_bytes_wanted) {
      journal_.warning("small_recording",
                       {{"record_max_bytes", config_.record_max_bytes},
                        {"wanted", record_max_bytes_wanted},
                        {"why",
                         "a large value may need more than the eighth that is left when the node begins anew, "
                         "and is not recorded then"}});
    }
    listeners.on_nearly_full = [this](std::uint64_t bytes) { on_recording_nearly_full(bytes); };
  }
  try {
    recorder_ = std::make_unique<Recorder>(config_.record, Recorder::Limits{.bytes_max = config_.record_max_bytes},
                                           made, std::move(listeners));
  } catch (const std::system_error& error) {
    if (!is_full_disk(error.code().value())) throw;
    journal_.warning("not_recorded", {{"file", config_.record}, {"why", error.code().message()}});
  }
}

// ---- Running -----------------------------------------------------------------------------------------------------

int Server::run() {
  members_.on_change = [this] { on_members_changed(); };
  on_members_changed();
  wait_for_signals();
  host_->start({links_.get(), disk_.get(), front_.get(), this, recorder_.get()});
  links_->listen(std::move(*cluster_acceptor_));
  if (front_) front_->open();
  if (clients_acceptor_) http_->listen(std::move(*clients_acceptor_));
  service_manager_.ready();
  loop_.run();
  journal_.info("stopped", {{"exit", exit_}});
  return exit_;
}

void Server::wait_for_signals() {
  signals_.async_wait([this](const error_code& error, int signal) {
    if (error) return;
    on_signal(signal);
    wait_for_signals();
  });
}

void Server::on_signal(int signal) {
  if (signal == SIGHUP) {
    service_manager_.reloading();
    journal_.reopen();
    renew_tls();
    return service_manager_.ready();
  }
  service_manager_.stopping();
  if (std::exchange(begins_anew_, false)) return;  // it is stopping, and now for good
  if (!std::exchange(stopping_, true)) return stop_cleanly();
  journal_.warning("stopping_at_once", {});
  end();
}

// Connections that are there keep what they began with.
void Server::renew_tls() {
  if (!identity_.tls) return;
  try {
    const auto for_cluster = make_tls(config_, true);
    const auto for_clients = make_tls(config_, false);
    identity_.tls = for_cluster;
    http_->use(for_clients);
    journal_.info("tls_renewed", {{"certificate", config_.tls_certificate}});
    check_certificate();
  } catch (const std::exception& error) {
    journal_.error("tls_not_renewed", {{"why", error.what()}, {"goes_on_with", "the certificate that it had"}});
  }
}

// What is under way is answered first, so that no client is left not knowing. Then the machine is told, hands over, and
// says when it may end (model/leaver.h). Beside that answers are written to whoever takes his time: from the moment at
// which the port is closed nobody serves before the other node does, and a client does not decide when that is.
void Server::stop_cleanly() {
  journal_.info("stopping", {{"waiting", front_ ? front_->waiting() : 0}});
  drain_timer_.expires_after(config_.drain_within);
  drain_timer_.async_wait([this](const error_code& error) {
    if (error) return;
    journal_.warning("drain_cut_short", {{"waiting", front_ ? front_->waiting() : 0}});
    end();
  });
  http_->drain([this] {
    clients_are_done_ = true;
    end_when_done();
  });
  stop_machine();
}

// An arbiter owes nobody anything: whoever has no answer asks again.
void Server::stop_machine() {
  if (!front_) {
    machine_is_done_ = true;
    return end_when_done();
  }
  front_->when_nobody_waits([this] { host_->deliver(Input{encode(OperatorCommand::stop)}); });
}

void Server::end_when_done() {
  if (machine_is_done_ && clients_are_done_) end();
}

void Server::close_to_others() {
  links_->close_all();
  if (datagrams_) datagrams_->close();
}

void Server::end() {
  close_to_others();
  loop_.stop();
}

// ---- A recording that is full (decision 0025) --------------------------------------------------------------------

// What a machine is told until it is of use again, of its files or by another node, is recorded as well: where that
// alone takes most of a recording, starting anew would be all that it does. `recorded`: bytes until then.
void Server::on_start_over(std::uint64_t recorded) {
  if (recorded_at_start_) return;
  recorded_at_start_ = recorded;
  if (!config_.record_anew || may_begin_anew()) return;
  journal_.warning("begins_anew_no_more", {{"why", "the start alone took " + std::to_string(recorded) + " of the " +
                                                       std::to_string(config_.record_max_bytes) +
                                                       " bytes that a recording may have, and half is the most"},
                                           {"what_to_do", "raise --record-max-bytes"}});
}

// REQUIRES: the start is over.
bool Server::may_begin_anew() const { return *recorded_at_start_ <= config_.record_max_bytes / 2; }

void Server::on_recording_nearly_full(std::uint64_t bytes) {
  on_start_over(bytes);  // if it is not yet, it takes that and more
  if (may_begin_anew()) boost::asio::post(loop_, [this] { begin_anew_when_spared(); });
}

void Server::begin_anew_when_spared() {
  if (stopping_) return;
  if (can_be_spared()) {
    stopping_ = begins_anew_ = true;
    journal_.info("begins_anew", {{"why", "recording nearly full"}});
    return stop_cleanly();
  }
  anew_timer_.expires_after(std::chrono::seconds(1));
  anew_timer_.async_wait([this](const error_code& error) {
    if (!error) begin_anew_when_spared();
  });
}

// The store is served while this process starts. (Without an arbiter for a moment nobody takes over, and that is all.)
bool Server::can_be_spared() const {
  if (!node_) return true;
  const NodeStatus status = node_->status();
  return status.in_sync && (status.serving || status.role == Role::backup);
}

// ---- What is remembered ------------------------------------------------------------------------------------------

void Server::on_members_changed() {
  if (recorder_) {
    for (const Member& member : members_.all()) recorder_->name(id_of(member.name), member.name);
  }
  members_file_->write();
}

// ---- What the machine says ---------------------------------------------------------------------------------------

void Server::on_note(const effect::Note& note) {
  const auto kind = static_cast<NoteKind>(note.what);
  const auto role = static_cast<Role>(note.role);
  if (kind == NoteKind::role_changed && recorder_ && (role == Role::primary || role == Role::backup)) {
    on_start_over(recorder_->size());
  }
  if (kind == NoteKind::arbiter_unreachable) return silent_arbiter_.on_note({note.a}, fields_of(note, members_));
  if (kind == NoteKind::ignored) return;  // belongs to another life, as it should be
  const bool grave = kind == NoteKind::log_damaged || kind == NoteKind::torn_tail_cut || kind == NoteKind::fenced ||
                     kind == NoteKind::arbiter_away || kind == NoteKind::suspects_peer ||
                     kind == NoteKind::another_primary;
  const bool is_told_often =
      kind == NoteKind::answered_from_memory || kind == NoteKind::session_opened || kind == NoteKind::sessions_expired;
  if (is_told_often) return;  // perhaps for each request
  journal_.write(grave ? Journal::Level::warning : Journal::Level::info, name(kind), fields_of(note, members_));
}

void Server::on_stop(std::string_view why) {
  if (why.empty()) {
    machine_is_done_ = true;
    return boost::asio::post(loop_, [this] {
      close_to_others();
      end_when_done();
    });
  }
  journal_.error("machine_stopped", {{"why", why}});
  exit_ = stopped_itself;
  begins_anew_ = false;
  boost::asio::post(loop_, [this] { end(); });
}

void Server::on_assertion_failed(std::string_view what) {
  journal_.error("bug", {{"assertion", what}});
  std::abort();
}

// What an operator of an arbiter wants to know: which grants it found, and each that it makes.
void Server::tell_of_grants() {
  if (!arbiter_ || !arbiter_->ready()) return;
  const std::vector<Epoch>& granted = arbiter_->granted();
  if (!grants_told_) {
    const std::uint64_t last = granted.empty() ? 0 : granted.back().value;
    journal_.info("grants_read", {{"grants", granted.size()}, {"last_epoch", last}});
    grants_told_ = granted.size();
    if (recorder_) on_start_over(recorder_->size());
  }
  for (; *grants_told_ < granted.size(); ++*grants_told_) {
    const Epoch epoch = granted[*grants_told_];
    if (arbiter_->winner_of(epoch) == no_process) continue;  // by word of the claimer of the next one
    const Member* const winner = members_.find(arbiter_->winner_of(epoch));
    journal_.info("granted", {{"epoch", epoch.value}, {"to", winner == nullptr ? "?" : winner->name}});
    // Whoever claims an epoch was granted, or refused, the one before. A file of grants that was cut between two of
    // them, or comes from an old copy, cannot be told by itself (model/arbiter.h); by the next claim it sometimes can.
    const Epoch last = *grants_told_ == 0 ? Epoch{} : granted[*grants_told_ - 1];
    const std::uint64_t before = last == Epoch{} || arbiter_->winner_of(last) == no_process ? 0 : last.value;
    if (epoch.value == before + 1) continue;
    journal_.warning("grants_missing",
                     {{"granted", epoch.value},
                      {"granted_before", before},
                      {"why", "other epochs were granted by another arbiter, or have been forgotten by this one"}});
  }
}

// A machine that loses its own disk stops; a shared volume is asked again and again.
void Server::tell_of_failure(const effect::Disk& operation, int error) {
  const std::string& folder = operation.volume == Volume::own ? config_.data : config_.shared_lock;
  const bool is_another = operation.volume == Volume::shared && error == ESTALE;
  const std::string why = std::generic_category().message(error) +
                          (is_another ? ": not the directory that it was, or without its server.identity" : "");
  disk_complaints_.warn(journal_, "disk_failed", folder + " " + why,
                        {{"file", folder + "/" + operation.name}, {"why", why}});
}

// ---- Questions about the node ------------------------------------------------------------------------------------

HttpAnswer Server::answer(Inquiry inquiry, const HttpRequest& request, bool local) {
  const StatusSources sources{identity_.self, members_,     node_ ? std::optional(node_->status()) : std::nullopt,
                              arbiter_.get(), *disk_,       *links_,
                              *http_,         front_.get(), datagrams_.get()};
  switch (inquiry) {
    case Inquiry::status: return {200, "application/json", status_json(sources), {}};
    case Inquiry::metrics: return {200, "text/plain; version=0.0.4", status_metrics(sources), {}};
    case Inquiry::health: return health(sources);
    case Inquiry::checkpoint:
    case Inquiry::promote: return answer_operator(inquiry, request, local);
  }
  return {};
}

// A node that is not the primary refuses whatever it is asked.
std::optional<Response> Server::refusal() const {
  const NodeStatus status = node_ ? node_->status() : NodeStatus{};
  if (status.role == Role::primary) return std::nullopt;
  Response response;
  response.status = status.primary == no_process ? Status::not_serving : Status::not_primary;
  response.primary = status.primary;
  return response;
}

HttpAnswer Server::answer_operator(Inquiry inquiry, const HttpRequest& request, bool local) {
  const std::optional<NodeStatus> node = node_ ? std::optional(node_->status()) : std::nullopt;
  if (auto refused = operators_.turn_down(inquiry, request, local, identity_.self.clients, config_.arbiter, node)) {
    return *refused;
  }
  const bool promotes = inquiry == Inquiry::promote;
  journal_.info("operator", {{"command", promotes ? "promote" : "checkpoint"}});
  host_->deliver(Input{encode(promotes ? OperatorCommand::promote : OperatorCommand::checkpoint)});
  return {202, "application/json", "{\"accepted\":true}\n", {}};
}

}  // namespace smalldb::server
