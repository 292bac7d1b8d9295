#include "server/greeting.h"

#include <algorithm>
#include <utility>

#include "model/codec.h"

namespace smalldb::server {
namespace {

constexpr std::string_view magic = "smalldb";
constexpr char protocol_version = '4';  // of all that is said between processes, messages and datagrams included
constexpr std::string_view proof_label = "smalldb proof";
constexpr std::string_view welcome_label = "smalldb welcome";
constexpr std::string_view introduction_label = "smalldb introduction";
constexpr std::size_t part_size_max = 16 * 1024;
constexpr std::size_t length_size = 4;

// How what the acceptor says begins.
enum class Answer : std::uint8_t { refusal, challenge, welcome };

// What a stranger sent, fit for a line of the log.
std::string printable(std::string_view text) {
  std::string printable(text.substr(0, 200));
  std::replace_if(
      printable.begin(), printable.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return printable;
}

void write(Writer& writer, const Member& member) { writer.text(member.name).text(member.clients); }

Member read_member(Reader& reader) {
  Member member;
  member.name = std::string(reader.text());
  member.clients = std::string(reader.text());
  return member;
}

void write(Writer& writer, const std::vector<Term>& terms) {
  writer.u32(static_cast<std::uint32_t>(terms.size()));
  for (const Term& term : terms) writer.text(term.setting).text(term.value);
}

std::vector<Term> read_terms(Reader& reader) {
  std::vector<Term> terms;
  for (std::uint32_t left = reader.u32(); left > 0 && !reader.failed(); --left) {
    Term term;
    term.setting = printable(reader.text());
    term.value = printable(reader.text());
    terms.push_back(std::move(term));
  }
  return terms;
}

}  // namespace

Greeting Greeting::connect(Self self, const std::string& whom, Port port) {
  Greeting greeting(std::move(self), port, Part::challenge);
  greeting.whom_ = whom;
  const Nonce nonce = draw_nonce();
  std::string hello;
  Writer(hello)
      .raw(magic)
      .u8(static_cast<std::uint8_t>(protocol_version))
      .u8(static_cast<std::uint8_t>(port))
      .raw({nonce.data(), nonce.size()});
  greeting.say(hello);
  greeting.said_ = hello;
  return greeting;
}

Greeting Greeting::accept(Self self, Port port, std::vector<Member> known) {
  Greeting greeting(std::move(self), port, Part::hello);
  greeting.known_ = std::move(known);
  return greeting;
}

void Greeting::say(std::string_view body) { Writer(output_).text(body); }

void Greeting::say_sealed(std::string_view body, std::string_view label) {
  say(std::string(body) + self_.secret->mac(label, {said_, body}));
}

// What was sealed; nothing if the other end does not have the secret, and then it has failed.
std::optional<std::string_view> Greeting::unseal(std::string_view body, std::string_view label) {
  if (body.size() >= mac_size) {
    const std::string_view sealed = body.substr(0, body.size() - mac_size);
    if (equal_in_constant_time(body.substr(sealed.size()), self_.secret->mac(label, {said_, sealed}))) return sealed;
  }
  fail("the other side does not have the secret");
  return std::nullopt;
}

void Greeting::fail(std::string why) {
  state_ = State::failed;
  why_ = std::move(why);
}

void Greeting::refuse(const std::string& to_it, std::string why) {
  std::string answer;
  Writer(answer).u8(static_cast<std::uint8_t>(Answer::refusal)).text(to_it);
  say(answer);
  fail(std::move(why));
}

bool Greeting::is_refused(std::string_view body) {
  Reader reader(body);
  if (reader.u8() != static_cast<std::uint8_t>(Answer::refusal)) return false;
  fail("refused: " + printable(reader.text()));
  return true;
}

void Greeting::take(std::string_view bytes) {
  input_.append(bytes);
  while (state_ == State::going_on && input_.size() >= length_size) {
    const std::uint32_t size = Reader(input_).u32();
    if (size > part_size_max) return fail("this is no greeting of smalldb");
    if (input_.size() < length_size + size) return;
    const std::string part = input_.substr(length_size, size);
    input_.erase(0, length_size + size);
    on_part(part);
  }
}

void Greeting::on_part(std::string_view body) {
  switch (next_) {
    case Part::hello: return on_hello(body);
    case Part::challenge: return on_challenge(body);
    case Part::proof: return on_proof(body);
    case Part::welcome: return on_welcome(body);
    case Part::introduction: return on_introduction(body);
  }
}

void Greeting::on_hello(std::string_view body) {
  Reader reader(body);
  if (reader.raw(magic.size()) != magic) return fail("this is no greeting of smalldb");
  const char its_version = static_cast<char>(reader.u8());
  if (!reader.failed() && its_version != protocol_version) {
    const std::string its = printable({&its_version, 1});
    return refuse(std::string("version ") + protocol_version + " of the protocol is spoken there, and not " + its,
                  "it speaks version " + its + " of the protocol, and version " + protocol_version + " is spoken here");
  }
  const std::uint8_t port = reader.u8();
  reader.raw(nonce_size);
  if (!reader.complete()) return fail("malformed greeting");
  if (port != static_cast<std::uint8_t>(port_)) {
    const std::string why = "a node where an arbiter is wanted, or the reverse";
    return refuse(why, why);
  }
  const Nonce nonce = draw_nonce();
  std::string challenge;
  Writer(challenge).u8(static_cast<std::uint8_t>(Answer::challenge)).raw({nonce.data(), nonce.size()});
  say(challenge);
  said_ = std::string(body) + challenge;
  next_ = Part::proof;
}

void Greeting::on_challenge(std::string_view body) {
  if (is_refused(body)) return;
  Reader reader(body);
  const bool is_challenge = reader.u8() == static_cast<std::uint8_t>(Answer::challenge);
  reader.raw(nonce_size);
  if (!is_challenge || !reader.complete()) return fail("malformed greeting");
  said_ += body;
  say_sealed({}, proof_label);
  next_ = Part::welcome;
}

void Greeting::on_proof(std::string_view body) {
  if (!unseal(body, proof_label)) return refuse("the secret is another one there", why_);
  std::string welcome;
  Writer writer(welcome);
  writer.u8(static_cast<std::uint8_t>(Answer::welcome));
  write(writer, self_.member);
  write(writer, self_.terms);
  writer.u32(static_cast<std::uint32_t>(known_.size()));
  for (const Member& member : known_) write(writer, member);
  say_sealed(welcome, welcome_label);
  said_ += welcome;
  next_ = Part::introduction;
}

void Greeting::on_welcome(std::string_view body) {
  if (is_refused(body)) return;
  const auto welcome = unseal(body, welcome_label);
  if (!welcome) return;
  Reader reader(*welcome);
  reader.u8();
  Member peer = read_member(reader);
  peer_terms_ = read_terms(reader);
  for (std::uint32_t left = reader.u32(); left > 0 && !reader.failed(); --left) known_.push_back(read_member(reader));
  if (!reader.complete() || !Address::parse(peer.name)) return fail("malformed greeting");
  peer_ = std::move(peer);
  said_ += *welcome;
  std::string introduction;
  Writer writer(introduction);
  writer.text(whom_);
  write(writer, self_.member);
  write(writer, self_.terms);
  say_sealed(introduction, introduction_label);
  compare(whom_, peer_.name);
}

void Greeting::on_introduction(std::string_view body) {
  const auto introduction = unseal(body, introduction_label);
  if (!introduction) return;
  Reader reader(*introduction);
  const std::string whom(reader.text());
  Member peer = read_member(reader);
  peer_terms_ = read_terms(reader);
  if (!reader.complete() || !Address::parse(peer.name)) return fail("malformed greeting");
  peer_ = std::move(peer);
  compare(whom, self_.member.name);
}

// Each end finds out for itself what does not fit, and both know why. REQUIRES: both have proved the secret.
// `whom`: who was called, and is called `name` in truth.
void Greeting::compare(const std::string& whom, const std::string& name) {
  if (whom != name) return fail("this is " + name + ", and is to be called so, not " + printable(whom));
  if (peer_.name == self_.member.name) return fail("there is a process called " + peer_.name + " already: this one");
  const std::string differs = disagreement(self_.terms, peer_terms_, peer_.name);
  if (!differs.empty()) return fail(differs);
  state_ = State::done;
}

}  // namespace smalldb::server
