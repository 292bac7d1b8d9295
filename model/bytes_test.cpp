#include "model/bytes.h"

#include <catch2/catch.hpp>
#include <utility>

namespace smalldb {
namespace {

const std::string_view texts[] = {"", "short", "sixteen letters.", "more letters than stand in it itself"};

TEST_CASE("bytes are what was assigned to them last, themselves included") {
  for (const std::string_view text : texts) {
    for (const std::string_view before : texts) {
      const Bytes source = Bytes::copy(text);
      Bytes copied = Bytes::copy(before);
      Bytes moved = Bytes::copy(before);
      copied = source;
      moved = Bytes::copy(text);
      CHECK(copied.view() == text);
      CHECK(moved.view() == text);
      CHECK(source.view() == text);

      const Bytes& itself = copied;
      copied = itself;
      Bytes& itself_moved = moved;
      moved = std::move(itself_moved);
      CHECK(copied.view() == text);
      CHECK(moved.view() == text);
    }
  }
}

TEST_CASE("bytes that were moved from or cleared are empty, and others that share them are not") {
  for (const std::string_view text : texts) {
    Bytes one = Bytes::copy(text);
    const Bytes& left = one;
    const Bytes other = one;
    Bytes taken;
    taken = std::move(one);
    CHECK(left.empty());
    CHECK(taken.view() == text);
    taken.clear();
    CHECK(taken.empty());
    CHECK(other.view() == text);
    taken = other;
    CHECK(taken.view() == text);
  }
}

TEST_CASE("a slice of bytes outlives what it was cut from") {
  Bytes whole = Bytes::copy("a text of more than forty letters, to be cut");
  const Bytes slice = whole.slice(2, 24);
  whole = Bytes::copy("another");
  CHECK(slice.view() == "text of more than forty ");
}

TEST_CASE("an excerpt of bytes shares their block if it is most of it, and is a copy otherwise") {
  const Bytes whole = Bytes::copy(std::string(20, 'h') + std::string(200, 'v'));
  const Bytes value = whole.excerpt(whole.view().substr(20, 200));
  CHECK(value.view() == std::string(200, 'v'));
  CHECK(value.data() == whole.data() + 20);

  const Bytes half = whole.excerpt(whole.view().substr(20, 100));
  CHECK(half.view() == std::string(100, 'v'));
  CHECK(half.data() != whole.data() + 20);

  // What counts is what is kept alive: the block, not the slice of it.
  const Bytes of_half = whole.slice(20, 100).excerpt(whole.view().substr(20, 100));
  CHECK(of_half.view() == half.view());
  CHECK(of_half.data() != whole.data() + 20);
  CHECK(whole.excerpt(whole.view().substr(20, 3)).view() == "vvv");
}

TEST_CASE("bytes are joined in one block") {
  const Bytes parts[] = {Bytes::copy("of some letters, "), Bytes(), Bytes::copy("and a few")};
  CHECK(Bytes::join(parts) == Bytes::copy("of some letters, and a few"));
  CHECK(Bytes::join({}) == Bytes());
}

}  // namespace
}  // namespace smalldb
