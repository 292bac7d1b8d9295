"""Shows every check of tidy.py something bad, and something good that looks like it.

    tidy_test.py COMPILER
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import tidy

COMPILER = "c++"


def on(check, path, text, *others):
    sources = [tidy.Source(path, text)] + [tidy.Source(*other) for other in others]
    return list(check(sources))


class TreeChecks(unittest.TestCase):
    def bad(self, check, path, text, *others):
        self.assertTrue(on(check, path, text, *others), f"{check.__name__} does not see: {text}")

    def good(self, check, path, text, *others):
        self.assertEqual(on(check, path, text, *others), [])

    def test_arrows(self):
        self.bad(tidy.check_arrows, "model/a.cpp", '#include "sim/world.h"')
        self.bad(tidy.check_arrows, "properties/a.h", '#include "scenarios/scenario.h"')
        self.bad(tidy.check_arrows, "sim/a.h", '#include "model/primary.h"')
        self.bad(tidy.check_arrows, "model/a.cpp", '#include "bytes.h"')
        self.bad(tidy.check_arrows, "model/a.cpp", '#include "model/host_side.h"')
        self.bad(tidy.check_arrows, "model/CMakeLists.txt", "target_link_libraries(smalldb_model smalldb_sim_world)")
        self.good(tidy.check_arrows, "sim/a.h", '#include "model/machine.h"\n#include "sim/time.h"\n#include <map>')
        self.good(tidy.check_arrows, "model/a_test.cpp", '#include "model/host_side.h"')
        self.good(tidy.check_arrows, "sim/a.h", '#include "model/host_side.h"')
        self.good(tidy.check_arrows, "model/a.h", '// #include "sim/world.h" would be wrong')
        self.good(tidy.check_arrows, "cli/CMakeLists.txt", "target_link_libraries(smalldb-sim smalldb_model)")

    def test_words(self):
        for text in ("std::chrono::steady_clock::now()", "auto t = time(nullptr);", "std::random_device r;", "rand()",
                     "std::this_thread::sleep_for(x);", "std::thread t;", "#include <thread>", "float f;", "double d;",
                     'getenv("HOME")', "std::locale l;", "setlocale(0, 0)", "std::mt19937 g;", "std::hash<int>{}(1)",
                     "std::map<Node*, int> m;", "std::atomic<int> n;"):
            self.bad(tidy.check_words, "model/a.cpp", text)
            self.good(tidy.check_words, "cli/a.cpp", text)
            self.good(tidy.check_words, "model/a.cpp", f'// {text}\nauto s = "{text.replace(chr(34), "")}";')
        self.good(tidy.check_words, "model/a_test.cpp", 'getenv("REWRITE_GOLDEN")')
        self.bad(tidy.check_words, "model/a_test.cpp", "std::random_device r;")
        self.good(tidy.check_words, "model/a.cpp", "auto n = operand(1); auto downtime(0); int x = 1'000'000;")

    def test_iteration(self):
        loop = "for (auto& [key, value] : table_) {"
        self.bad(tidy.check_iteration, "model/a.cpp", "std::unordered_map<int, int> table_;\n" + loop)
        self.bad(tidy.check_iteration, "model/a.cpp", loop, ("model/a.h", "std::unordered_map<int, int> table_;"))
        self.bad(tidy.check_iteration, "sim/a.cpp", "std::unordered_set<int> seen;\nauto i = seen.begin();")
        self.good(tidy.check_iteration, "model/a.cpp", "std::unordered_map<int, int> table_;\ntable_.find(1);")
        self.good(tidy.check_iteration, "model/a.cpp", "std::map<int, int> table_;\n" + loop)

    def test_sizes(self):
        self.bad(tidy.check_sizes, "model/a.h", "x" * 121 + "\n")
        self.bad(tidy.check_sizes, "model/a.h", "x\n" * 601)
        self.bad(tidy.check_sizes, "model/a.h", "\tx\n")
        self.bad(tidy.check_sizes, "model/a.h", "x \n")
        self.bad(tidy.check_sizes, "model/a.h", "x")
        self.good(tidy.check_sizes, "model/a.h", ("x" * 120 + "\n") * 600)
        self.good(tidy.check_sizes, "reports/testdata/story.txt", "x" * 200)

    def test_functions(self):
        body = "  step();\n" * 100 + "}\n"
        self.bad(tidy.check_functions, "model/a.cpp", "void Primary::on(const Request& request) {\n" + body)
        self.bad(tidy.check_functions, "model/a.cpp", "void on(const Request& request,\n        int n) {\n" + body)
        self.good(tidy.check_functions, "model/a.cpp", "namespace smalldb {\n" + body)
        self.good(tidy.check_functions, "model/a.h", "class Primary {\n" + body)
        self.good(tidy.check_functions, "model/a.cpp", "void f() {\n  step();\n}\n\nstruct S {\n" + body)

    def test_headers(self):
        self.bad(tidy.check_headers, "model/a.h", "struct A {};")
        self.bad(tidy.check_headers, "model/a.cpp", '#include <map>\n#include "model/a.h"',
                 ("model/a.h", "#pragma once\n"))
        self.good(tidy.check_headers, "model/a.cpp", '#include "model/a.h"', ("model/a.h", "#pragma once\n"))
        self.good(tidy.check_headers, "cli/main.cpp", "#include <map>")

    def test_dead_files(self):
        lists = ("model/CMakeLists.txt", "add_library(smalldb_model b.cpp)")
        self.bad(tidy.check_dead_files, "model/a.cpp", "", lists)
        self.bad(tidy.check_dead_files, "model/b.h", "", lists)
        self.good(tidy.check_dead_files, "model/b.cpp", "", lists)
        self.good(tidy.check_dead_files, "model/b.h", "", lists, ("model/b.cpp", '#include "model/b.h"'))

    def test_unnamed(self):
        def unnamed(text):
            return f"namespace smalldb {{\nnamespace {{\n\n{text}\n\n}}  // namespace\n}}  // namespace smalldb\n"

        lists = ("model/CMakeLists.txt", "add_library(smalldb_model a.cpp b.cpp c.cpp)\ncompile_alone(c.cpp)")
        for one, other in (
                ("struct A {\n  int n;\n};", "struct A {};"), ("constexpr int a = 1;", "const int a = 1;"),
                ("using A = int;", "using A = long;"), ("using testing::A;", "struct A {};"),
                ("int a(int n) {", "int a(int);"), ("int a(int n,\n      int m) {", "int a(int, int);"),
                ("enum class A { b };", "void A() {}")):
            self.bad(tidy.check_unnamed, "model/a.cpp", unnamed(one), ("model/b.cpp", unnamed(other)), lists)
            self.good(tidy.check_unnamed, "model/a.cpp", unnamed(one), ("model/c.cpp", unnamed(other)), lists)
            self.good(tidy.check_unnamed, "model/a.cpp", unnamed(one), ("model/d.cpp", unnamed(other)), lists)
            self.good(tidy.check_unnamed, "model/a.cpp", unnamed(one), ("model/b.cpp", other), lists)
        for one, other in (("using A = int;", "using A = int;"), ("void a(int n) {", "void a(long n) {"),
                           ("using testing::a;", "using testing::a;")):
            self.good(tidy.check_unnamed, "model/a.cpp", unnamed(one), ("model/b.cpp", unnamed(other)), lists)

    def test_test_names(self):
        self.bad(tidy.check_test_names, "model/a_test.cpp", 'TEST_CASE("one; two") {')
        self.bad(tidy.check_test_names, "model/a_test.cpp", 'TEST_CASE(\n    "one "\n    "or; two") {')
        self.good(tidy.check_test_names, "model/a_test.cpp", 'TEST_CASE("one, two") { f("a;b"); }')

    def test_paths(self):
        self.bad(tidy.check_paths, "docs/a.md", "run /home/" + "ann/smalldb/run-tests")
        self.good(tidy.check_paths, "docs/a.md", "run ./run-tests, see https://example.org/home/page and docs/home/x")


class ObjectChecks(unittest.TestCase):
    def said(self, check, code):
        with tempfile.TemporaryDirectory() as folder:
            source, archive = pathlib.Path(folder, "a.cpp"), str(pathlib.Path(folder, "a.a"))
            source.write_text(code)
            compiled = str(pathlib.Path(folder, "a.o"))
            subprocess.run([COMPILER, "-std=c++20", "-O1", "-c", str(source), "-o", compiled], check=True)
            subprocess.run(["ar", "rc", archive, compiled], check=True)
            return list(check(archive))

    def test_references(self):
        for code in ("#include <ctime>\nlong f() { return time(nullptr); }",
                     "#include <chrono>\nauto f() { return std::chrono::steady_clock::now(); }",
                     "#include <random>\nunsigned f() { return std::random_device{}(); }",
                     "#include <fstream>\nbool f() { return std::ifstream(\"x\").good(); }",
                     "#include <cstdlib>\nchar* f() { return getenv(\"X\"); }",
                     "#include <sys/socket.h>\nint f() { return socket(0, 0, 0); }",
                     "#include <unistd.h>\nint f() { return fsync(0); }",
                     "#include <thread>\nvoid f(void (*g)()) { std::thread(g).join(); }"):
            self.assertTrue(self.said(tidy.check_references, code), code)
        self.assertEqual(self.said(tidy.check_references, """
            #include <map>
            #include <memory>
            #include <sstream>
            struct A { int open() const; int time(int) const; };
            int f(const A& a) { return a.open() + a.time(1); }
            std::string g(int n) { std::ostringstream s; s << n; return s.str(); }
            std::shared_ptr<std::map<int, int>> h() { return std::make_shared<std::map<int, int>>(); }
            """), [])

    def test_state(self):
        for code in ("int counter; int f() { return ++counter; }", "int f() { static int n = 3; return ++n; }",
                     "#include <string>\nconst std::string& f(int n) { static std::string s(n, 'x'); return s; }",
                     "int f() { thread_local int n; return ++n; }"):
            self.assertTrue(self.said(tidy.check_state, code), code)
        self.assertEqual(self.said(tidy.check_state, """
            struct Base { virtual ~Base() = default; virtual int f() const { return 1; } };
            Base* make() { return new Base; }
            extern const char* const names[] = {"a", "b"};
            int passes(int (*f)()) { struct Guard { ~Guard(); } guard; return f(); }
            const char* name(int n) { static constexpr const char* known[] = {"c", "d"}; return known[n]; }
            """), [])


if __name__ == "__main__":
    COMPILER = sys.argv.pop(1)
    unittest.main()
