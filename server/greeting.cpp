#include "server/greeting.h"

#include <algorithm>
#include <utility>

#include "model/codec.h"

namespace smalldb::server {
namespace {

constexpr std::string_view magic = "smalldb2";
constexpr std::string_view welcome_label = "smalldb welcome";
constexpr std::string_view proof_label = "smalldb proof";
constexpr std::size_t part_size_max = 16 * 1024;
constexpr std::size_t length_size = 4;

enum class Answer : std::uint8_t { refusal, welcome };

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

// Port, nonce, whom it wants, who it is, its terms.
Greeting Greeting::connect(Self self, const std::string& whom, Port port) {
  Greeting greeting(std::move(self), port);
  greeting.connector_ = true;
  greeting.whom_ = whom;
  const Nonce nonce = draw_nonce();
  Writer writer(greeting.hello_);
  writer.raw(magic).u8(static_cast<std::uint8_t>(port)).raw({nonce.data(), nonce.size()}).text(whom);
  write(writer, greeting.self_.member);
  write(writer, greeting.self_.terms);
  greeting.say(greeting.hello_);
  return greeting;
}

Greeting Greeting::accept(Self self, Port port, std::vector<Member> known) {
  Greeting greeting(std::move(self), port);
  greeting.known_ = std::move(known);
  return greeting;
}

void Greeting::say(std::string_view body) { Writer(output_).text(body); }

void Greeting::fail(std::string why) {
  state_ = State::failed;
  why_ = std::move(why);
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
  if (connector_) {
    on_welcome(body);
  } else if (hello_.empty()) {
    on_hello(body);
  } else {
    on_proof(body);
  }
}

void Greeting::on_hello(std::string_view body) {
  Reader reader(body);
  if (reader.raw(magic.size()) != magic) return fail("this is no greeting of smalldb, or one of another version");
  const std::uint8_t port = reader.u8();
  reader.raw(nonce_size);
  const std::string whom(reader.text());
  peer_ = read_member(reader);
  peer_terms_ = read_terms(reader);
  if (!reader.complete() || !Address::parse(peer_.name)) return fail("malformed greeting");
  hello_ = std::string(body);
  const auto refuse = [&](const std::string& why) {
    std::string answer;
    Writer(answer).u8(static_cast<std::uint8_t>(Answer::refusal)).text(why);
    say(answer);
    fail(why);
  };
  if (peer_.name == self_.member.name)
    return refuse("there is a process called " + self_.member.name + " already: this one");
  if (port != static_cast<std::uint8_t>(port_)) return refuse("a node where an arbiter is wanted, or the reverse");
  if (whom != self_.member.name)
    return refuse("this is " + self_.member.name + ", and is to be called so, not " + printable(whom));

  const Nonce nonce = draw_nonce();
  Writer writer(welcome_);
  writer.u8(static_cast<std::uint8_t>(Answer::welcome)).raw({nonce.data(), nonce.size()});
  write(writer, self_.member);
  write(writer, self_.terms);
  writer.u32(static_cast<std::uint32_t>(known_.size()));
  for (const Member& member : known_) write(writer, member);
  say(welcome_ + self_.secret->mac(welcome_label, {hello_, welcome_}));
}

void Greeting::on_welcome(std::string_view body) {
  Reader reader(body);
  const std::uint8_t answer = reader.u8();
  if (answer == static_cast<std::uint8_t>(Answer::refusal)) {
    return fail("refused: " + printable(reader.text()));
  }
  if (body.size() < mac_size) return fail("malformed greeting");
  welcome_ = std::string(body.substr(0, body.size() - mac_size));
  if (!equal_in_constant_time(body.substr(welcome_.size()), self_.secret->mac(welcome_label, {hello_, welcome_}))) {
    return fail("the other side does not have the secret");
  }
  reader.raw(nonce_size);
  peer_ = read_member(reader);
  peer_terms_ = read_terms(reader);
  for (std::uint32_t left = reader.u32(); left > 0 && !reader.failed(); --left) known_.push_back(read_member(reader));
  reader.raw(mac_size);
  if (!reader.complete() || peer_.name != whom_) return fail("malformed greeting");
  say(self_.secret->mac(proof_label, {hello_, welcome_}));
  compare_terms();
}

void Greeting::on_proof(std::string_view body) {
  if (!equal_in_constant_time(body, self_.secret->mac(proof_label, {hello_, welcome_}))) {
    return fail("the other side does not have the secret");
  }
  compare_terms();
}

// REQUIRES: the other side has proved the secret.
void Greeting::compare_terms() {
  const std::string differs = disagreement(self_.terms, peer_terms_, peer_.name);
  if (!differs.empty()) return fail(differs);
  state_ = State::done;
}

}  // namespace smalldb::server
