#include "scenarios/document.h"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <string>

namespace smalldb::scenarios {
namespace {

std::vector<Problem> problems_of(std::string_view text) {
  std::vector<Problem> problems;
  read_yaml(text, "f.yaml", problems);
  return problems;
}

Node read(std::string_view text) {
  std::vector<Problem> problems;
  Node node = read_yaml(text, "f.yaml", problems);
  for (const Problem& problem : problems) UNSCOPED_INFO(to_text(problem));
  REQUIRE(problems.empty());
  return node;
}

TEST_CASE("a tree knows the place of each key and value") {
  const Node root = read("a: 1\nlist:\n  - x\n  - {k: v}\n");
  REQUIRE(root.is_map());
  CHECK(root.entries[1].place == Place{2, 1});
  CHECK(root.entries[1].value.items[1].entries[0].value.place == Place{4, 9});
}

TEST_CASE("aliases are copies") {
  const Node root = read("a: &x [1, 2]\nb: *x\n");
  CHECK(same(*root.find("a"), *root.find("b")));
}

TEST_CASE("trouble of every kind is one problem, and ends") {
  const std::string deep(5000, '[');
  const std::string deep_block = [] {
    std::string text;
    for (int i = 0; i < 400; ++i) text += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    return text;
  }();
  std::string laughs = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + ", " + last + ", " + last + ", " +
              last + ", " + last + ", " + last + ", " + last + ", " + last + "]\n";
  }
  const std::string long_text(file_size_max + 1, 'a');
  for (const std::string& text : {std::string(),
                                  std::string("# nothing\n"),
                                  std::string("a: [1, 2"),
                                  std::string("a: b: c"),
                                  std::string("\ta: 1"),
                                  std::string("a: &x [*x]"),
                                  std::string("a: &x {b: *x}"),
                                  std::string("a: *unknown"),
                                  deep,
                                  deep_block,
                                  laughs,
                                  long_text,
                                  std::string("a: 1\n---\nb: 2\n"),
                                  std::string("? [1]\n: 2\n"),
                                  std::string("a: !!python/object x"),
                                  std::string("a: !tag x"),
                                  std::string("a: \0b", 5),
                                  std::string("a: caf\xe9"),
                                  std::string("%YAML 9.9\n---\na: 1\n%"),
                                  std::string("\"abc"),
                                  std::string("- - - - -\n -"),
                                  std::string("&a &a a"),
                                  std::string("{a: }}"),
                                  std::string("@a")}) {
    INFO(text.substr(0, 60));
    CHECK(problems_of(text).size() == 1);
  }
}

TEST_CASE("bytes that no text has are told with their place") {
  const auto problem = [](std::string_view text) {
    std::vector<Problem> problems;
    read_yaml(text, "f", problems);
    return problems.empty() ? "none" : to_text(problems[0]);
  };
  CHECK(problem("a: \xc3\xa9\nb: caf\xe9\n") ==
        "f:2:7: found the byte 0xe9, which is no UTF-8, expected YAML, which is text in UTF-8");
  CHECK(problem("a: \xc3\xa9\xff") ==
        "f:1:5: found the byte 0xff, which is no UTF-8, expected YAML, which is text in UTF-8");
  CHECK(problem({"a: 1\n\0", 6}) == "f:2:1: found a zero byte, expected YAML, which is text in UTF-8");
  CHECK(problem("\xef\xbb\xbf"
                "a: \xc3\xa9\r\n") == "none");
}

TEST_CASE("a tab that indents is what is wrong with a line") {
  const auto problem = [](std::string_view text) {
    std::vector<Problem> problems;
    read_yaml(text, "f", problems);
    return problems.empty() ? "none" : to_text(problems[0]);
  };
  CHECK(problem("a: 1\nb:\n\tc: 1\n") == "f:3:1: found a tab, expected spaces: YAML indents by them");
  CHECK(problem("b:\n  \tc: {1\n") != "none");
  CHECK(problem("a: [1,\n\t2]\n") == "none");
}

TEST_CASE("broken YAML is told by what to write instead") {
  const auto problem = [](std::string_view text) {
    const std::vector<Problem> problems = problems_of(text);
    return problems.size() == 1 ? to_text(problems[0]).substr(7) : "not one problem";
  };
  CHECK(problem("why: The lock: a story\n") ==
        "1:14: found a text with \": \" in it, expected it in quotes, or on the lines below after >-");
  CHECK(problem("a: 1\n b: 2\n").starts_with("2:3: found a key where no map can begin, expected"));
  CHECK(problem("a: 1\nb\nc: 1\n").starts_with("3:2: found a key where no map can begin, expected"));
  CHECK(problem("a:\n  - 1\n - 2\n").starts_with("3:2: found a line that goes with none above it, expected the same"));
  CHECK(problem("a:\n  - b: 1\n   c: 1\n").starts_with("3:4: found a line that goes with none above it, expected the"));
  CHECK(problem("a: [1, 2\nb: 3\n") == "2:2: found a list that has not ended, expected a comma or ] here");
  CHECK(problem("a: {x: 1\nb: 3\n") == "2:2: found a map that has not ended, expected a comma or } here");
  CHECK(problem("a: [1]]\n") ==
        "1:7: found \"]\" without what it closes, expected [ or { before it, or a text in quotes");
  CHECK(problem("a: *b\n").starts_with("1:4: found an alias (*) of what has no anchor, expected an anchor"));
  CHECK(problem("a: & b\n").starts_with("1:5: found & or * without a name, expected"));
  CHECK(problem("a: @b\n") == "1:4: found a text that begins with \"@\", expected it in quotes");
  CHECK(problem("a: \"b\" c\n") == "1:8: found more after a closing quote, expected the whole text in quotes");
  CHECK(problem("a: \"\\q\"\n").find("in double quotes, expected \\\\ for a \\, or single quotes") !=
        std::string::npos);
  CHECK(problem("a: >b\n  c\n").find("a text beside > or |, expected the text on the lines below") !=
        std::string::npos);
  CHECK(problem("a: - b\n").find("a list that begins within a line, expected each \"- \" on") != std::string::npos);
  CHECK(problem("a: \"b\nc: 1\n") == "1:4: found a quotation that does not end, expected a closing quote");
  CHECK(problem("\xef\xbb\xbf'b\n") == "1:1: found a quotation that does not end, expected a closing quote");
  CHECK(problem("a: [&x \"b\nc: 1\n") == "1:5: found a quotation that does not end, expected a closing quote");
  for (const char* well : {"a: 'b''c'\n", "a: \"b\\\"\"\n", "a: &x \"b\"\nc: it's\n", "a: \"\"\n", "'a': ''\n"}) {
    INFO(well);
    CHECK(problems_of(well).empty());
  }
  CHECK(problem("a: 'b\nc: 1\n") == "1:4: found a quotation that does not end, expected a closing quote");
}

TEST_CASE("any bytes are read to an end") {
  CHECK(rc::check("any bytes", [](const std::string& bytes) {
    std::vector<Problem> problems;
    read_yaml(bytes, "f.yaml", problems);
    RC_ASSERT(problems.size() <= 1);
  }));
  CHECK(rc::check("any text of YAML's own characters", [] {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::element('a', '1', ':', ' ', '-', '\n', '[', ']', '{', '}', ',', '&',
                                                          '*', '!', '|', '>', '\'', '"', '%', '#', '?', '~', '\t'));
    std::vector<Problem> problems;
    read_yaml(text, "f.yaml", problems);
    RC_ASSERT(problems.size() <= 1);
  }));
}

TEST_CASE("what is written is read back") {
  CHECK(rc::check("scalars of all kinds", [] {
    const auto letter =
        rc::gen::weightedOneOf<char>({{9, rc::gen::inRange<char>(0x20, 0x7f)}, {1, rc::gen::element('\n', '\t')}});
    const auto text = *rc::gen::nonEmpty(rc::gen::container<std::string>(letter));
    RC_PRE(text != "null" && text != "~");
    Node node = Node::map();
    node.add("key", Node::scalar(text));
    node.add("list", Node::list({Node::scalar(text), Node::scalar("b")}));
    Node inner = Node::map();
    inner.add("k", Node::scalar(text));
    node.add("maps", Node::list({inner, inner}));
    std::vector<Problem> problems;
    const Node back = read_yaml(write_yaml(node), "f.yaml", problems);
    RC_ASSERT(problems.empty());
    RC_ASSERT(same(back, node));
  }));
}

TEST_CASE("a question mark in a list is read back, and taken for no key") {
  for (const char* text : {"$?", "a?", "?", "a ? b"}) {
    Node node = Node::map();
    node.add("list", Node::list({Node::scalar(text), Node::scalar("b")}));
    INFO(text);
    CHECK(same(read(write_yaml(node)), node));
  }
}

TEST_CASE("long prose is folded, and read back as it was") {
  std::string prose;
  for (int i = 0; i < 60; ++i) prose += (i == 0 ? "" : " ") + std::string("word, number: ") + std::to_string(i);
  Node node = Node::map();
  node.add("why", Node::scalar(prose));
  const std::string text = write_yaml(node);
  CHECK(text.find(">-") != std::string::npos);
  CHECK(same(read(text), node));
}

TEST_CASE("JSON keeps numbers bare and words in quotes") {
  Node node = Node::map();
  node.add("number", Node::scalar("17"));
  node.add("word", Node::scalar("17", true));
  node.add("flag", Node::scalar("true"));
  node.add("none", Node::list());
  CHECK(write_json(node) == "{\"number\": 17, \"word\": \"17\", \"flag\": true, \"none\": []}\n");
}

}  // namespace
}  // namespace smalldb::scenarios
