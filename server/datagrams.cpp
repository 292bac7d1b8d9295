#include "server/datagrams.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <utility>

#include "model/codec.h"

namespace smalldb::server {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::string_view label = "smalldb datagram";
constexpr std::size_t lives_max = 8;
// How long an address that a name server gave is used before it is asked again.
constexpr std::chrono::seconds resolved_for{30};

std::uint64_t draw_life() {
  const Nonce nonce = draw_nonce();
  return Reader({nonce.data(), nonce.size()}).u64();
}

}  // namespace

// ---- The format --------------------------------------------------------------------------------------------------

std::string DatagramSeal::close(ProcessId to, std::string_view body) {
  std::string datagram;
  Writer writer(datagram);
  writer.u8(version).u32(static_cast<std::uint32_t>(self_)).u32(static_cast<std::uint32_t>(to));
  writer.u64(life_).u64(++number_).raw(body);
  return datagram + secret_.mac(label, {datagram});
}

std::optional<DatagramSeal::Opened> DatagramSeal::open(std::string_view datagram) {
  if (datagram.size() < mac_size) return std::nullopt;
  const std::string_view said = datagram.substr(0, datagram.size() - mac_size);
  Reader reader(said);
  const bool ours = reader.u8() == version;
  const ProcessId from{reader.u32()};
  const ProcessId to{reader.u32()};
  const std::uint64_t life = reader.u64();
  const std::uint64_t number = reader.u64();
  if (reader.failed() || !ours || to != self_ || members_.find(from) == nullptr) return std::nullopt;
  if (!equal_in_constant_time(datagram.substr(said.size()), secret_.mac(label, {said}))) return std::nullopt;
  if (!is_new(from, life, number)) return std::nullopt;
  return Opened{from, reader.rest()};
}

// A datagram that was overtaken by a later one says nothing that the later one did not.
bool DatagramSeal::is_new(ProcessId from, std::uint64_t life, std::uint64_t number) {
  std::vector<Heard>& lives = heard_[from];
  const auto known = std::find_if(lives.begin(), lives.end(), [&](const Heard& heard) { return heard.life == life; });
  if (known != lives.end()) {
    if (number <= known->number) return false;
    known->number = number;
    return true;
  }
  lives.insert(lives.begin(), {life, number});
  if (lives.size() > lives_max) lives.pop_back();
  return true;
}

// ---- The socket --------------------------------------------------------------------------------------------------

Datagrams::Datagrams(boost::asio::io_context& loop, boost::asio::ip::udp::socket socket, const Secret& secret,
                     const Members& members, ProcessId self, Deliver deliver)
    : socket_(std::move(socket)),
      resolver_(loop),
      members_(members),
      deliver_(std::move(deliver)),
      seal_(secret, members, self, draw_life()) {
  socket_.non_blocking(true);
  receive();
}

void Datagrams::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  resolver_.cancel();
}

void Datagrams::send(ProcessId to, std::string_view body) {
  const Member* const member = members_.find(to);
  if (member == nullptr) return;
  Destination& destination = destinations_[to];
  const bool old = std::chrono::steady_clock::now() - destination.resolved_at > resolved_for;
  if (old && !destination.resolving) resolve(to, *Address::parse(member->name));
  if (!destination.endpoint) return;
  boost::system::error_code ignored;  // as lost as any
  const std::string datagram = seal_.close(to, body);
  socket_.send_to(boost::asio::buffer(datagram), *destination.endpoint, 0, ignored);
}

void Datagrams::resolve(ProcessId to, const Address& address) {
  destinations_[to].resolving = true;
  resolver_.async_resolve(address.host, address.port, [this, to](const auto& error, const auto& results) {
    if (error == boost::asio::error::operation_aborted) return;
    Destination& destination = destinations_[to];
    destination.resolving = false;
    destination.resolved_at = std::chrono::steady_clock::now();
    const bool v6 = socket_.is_open() && socket_.local_endpoint().protocol() == boost::asio::ip::udp::v6();
    for (const auto& result : results) {
      boost::asio::ip::address its = result.endpoint().address();
      if (error || (its.is_v6() && !v6)) continue;
      if (its.is_v4() && v6) its = make_address_v6(boost::asio::ip::v4_mapped, its.to_v4());
      destination.endpoint = {its, result.endpoint().port()};
      break;
    }
  });
}

void Datagrams::receive() {
  socket_.async_receive_from(boost::asio::buffer(buffer_), from_, [this](const auto& error, std::size_t size) {
    if (error == boost::asio::error::operation_aborted || !socket_.is_open()) return;
    if (!error) {
      const auto opened = seal_.open({buffer_.data(), size});
      if (opened) {
        deliver_({opened->from, Bytes::copy(opened->body)});
      } else {
        ++dropped_;
      }
    }
    receive();
  });
}

}  // namespace smalldb::server
