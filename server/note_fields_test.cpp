#include "server/note_fields.h"

#include <catch2/catch.hpp>
#include <set>

#include "model/notes.h"

namespace smalldb::server {
namespace {

struct Fixture {
  Members members;
  const std::uint64_t b = static_cast<std::uint64_t>(id_of("b:1"));

  Fixture() { members.learn({"b:1", "b:2"}); }

  std::string text(NoteKind kind, std::uint64_t first, std::uint64_t second, std::string_view words = {}) const {
    const auto what = static_cast<std::uint16_t>(kind);
    const auto role = static_cast<std::uint8_t>(Role::backup);
    std::string all;
    for (const auto& field : fields_of({what, role, 4, 17, first, second, Bytes::copy(words)}, members)) {
      all += std::string(field.name) + "=" + field.value + " ";
    }
    return all;
  }
};

TEST_CASE_METHOD(Fixture, "a note's numbers have the names of what they count") {
  const std::string common = "role=backup epoch=4 position=17 ";
  CHECK(text(NoteKind::role_changed, 0, 0) == common);
  CHECK(text(NoteKind::took_over, 4, 9) == common + "records_drained=9 ");
  CHECK(text(NoteKind::log_cut, 15, 2) == common + "log_ends_at=15 records_cut=2 ");
  CHECK(text(NoteKind::log_damaged, 120, 0, "log-1: rotten") == common + "offset=120 why=log-1: rotten ");
}

TEST_CASE_METHOD(Fixture, "processes are called by their names, and by their numbers only if nobody knows those") {
  CHECK(text(NoteKind::suspects_peer, b, 1).ends_with("peer=b:1 silent=log_traffic "));
  CHECK(text(NoteKind::claim_lost, 5, b).ends_with("epoch_wanted=5 winner=b:1 "));
  CHECK(text(NoteKind::comer_welcomed, 7, 1).ends_with("comer=process 7 by=snapshot "));
}

TEST_CASE_METHOD(Fixture, "no kind gives two fields one name") {
  for (std::uint16_t kind = 0; kind <= static_cast<std::uint16_t>(NoteKind::stopped); ++kind) {
    std::set<std::string_view> names;
    for (const auto& field : fields_of({kind, 0, 1, 1, 1, 1, {}}, members)) {
      CAPTURE(name(static_cast<NoteKind>(kind)), field.name);
      CHECK(names.insert(field.name).second);
    }
  }
}

}  // namespace
}  // namespace smalldb::server
