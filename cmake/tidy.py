"""Holds the source to the rules that no compiler knows.

    tidy.py tree ROOT             the arrows between folders, words that break determinism, sizes, dead files, paths
    tidy.py objects ARCHIVE...    the object code of a deterministic folder reaches for nothing outside, keeps no state

Prints one line per finding, "file:line: what is wrong and what to do", and exits 1 if there is any. Every check is a
function from what it looks at to its findings; tidy_test.py shows each of them something bad.
"""
import pathlib
import re
import subprocess
import sys

# ---- What holds ---------------------------------------------------------------------------------------------------

# A folder includes itself and what lies to its left.
LEFT_OF = {
    "model": [],
    "sim": ["model"],
    "properties": ["model", "sim"],
    "scenarios": ["model", "sim", "properties"],
    "reports": ["model", "sim", "properties", "scenarios"],
    "cli": ["model", "sim", "properties", "scenarios", "reports"],
    "server": ["model"],
    "client": ["model", "server"],
    "bench": ["model", "sim", "properties", "scenarios"],
}
# All that sim may know of the store: it could simulate another system tomorrow.
EDGE = ["model/machine.h", "model/host_side.h", "model/bytes.h", "model/time.h", "model/assert.h"]
# What only hosts have, and who in model/ is no machine: tests, and what a host writes down.
HOST_SIDE = "model/host_side.h"
NO_MACHINES = re.compile(r"model/(testing/.*|.*_test\.cpp|recording\.cpp)")

# Where a run must come out the same on every machine, and what must not be said there.
DETERMINISTIC = ["model", "sim", "properties", "scenarios"]
INSTEAD_OF = {
    r"\b(system|steady|high_resolution|utc|file)_clock\b|<chrono>": "time arrives with the event: Moment, or sim::Time",
    r"\bclock_gettime\b|\bgettimeofday\b|\btime\(\s*(nullptr|NULL|0)\s*\)|<ctime>":
        "time arrives with the event: Moment, or sim::Time",
    r"\brandom_device\b|\bs?rand\s*\(|\bmt19937|_distribution\s*<|\bdefault_random_engine\b|<random>|\bgetrandom\b":
        "chance is a function of names: sim::draw",
    r"\bsleep_(for|until)\b|\busleep\b|\bnanosleep\b": "a timer: Effects::set_timer",
    r"\bstd::(jthread|thread|async|mutex|condition_variable|atomic)\b|\bthread_local\b|<(thread|mutex|future|atomic)>":
        "one step after the other; parallel runs are the business of cli/",
    r"\b(float|double)\b": "integers: nanoseconds, counts, sim::Ratio",
    r"\bgetenv\b": "a setting in the scenario",
    r"\bsetlocale\b|\bstd::locale\b|<c?locale>|\bstd::sto[id]\b|\bstrtod\b":
        "std::to_chars and std::from_chars",
    r"\bstd::hash\b|\buintptr_t\b|%p": "a number of its own, such as an id: addresses and hashes differ between runs",
    r"\bstd::(map|set)<\s*(const\s+)?[\w:]+\s*\*": "an id as the key: addresses differ between runs",
}
COLUMNS, FILE_LINES, FUNCTION_LINES = 120, 600, 80
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w")

# What object code of model/ and sim/ must not refer to, as the linker spells it (demangled).
OUTSIDE = re.compile(
    r"^(clock|clock_gettime|gettimeofday|time|nanosleep|usleep|sleep|localtime|gmtime"
    r"|s?rand(om)?(_r)?|[dlm]rand48|arc4random\w*|getrandom|getentropy"
    r"|socket|connect|accept4?|bind|listen|recv\w*|send(to|msg)|poll|select|epoll_\w+"
    r"|f?open(at)?(64)?|creat|read|write|pread\w*|pwrite\w*|fread|fwrite|fclose|close|fsync|fdatasync|unlink|rename"
    r"|mkdir|mmap|pthread_\w+|fork|exec\w+|system|getenv|secure_getenv|setlocale|getpid|signal|printf|puts"
    r"|std::chrono::_V2::.*|std::random_device::.*|std::(jthread|thread|mutex|condition_variable|this_thread)\b.*"
    r"|std::(__cxx11::)?basic_(i|o)?(fstream|filebuf).*|std::filesystem::.*|std::locale::global.*"
    r"|std::(cout|cerr|clog|cin))(\(.*)?(@.*)?$")
# Sections that a running program can write to. Of .data, the part that is constant once the program is loaded is not.
WRITABLE = re.compile(r"\.t?(bss|data)(?!\.rel\.ro)")


# ---- The tree -----------------------------------------------------------------------------------------------------


class Source:
    """A file of the tree: its path from the root, its lines, and its lines without comments and string literals."""

    def __init__(self, path, text):
        self.path, self.text = path, text
        self.folder, self.name = path.split("/")[0], path.split("/")[-1]
        self.lines = text.split("\n")
        self.code = bare(text).split("\n") if path.endswith((".h", ".cpp")) else self.lines

    def is_code(self):
        return self.path.endswith((".h", ".cpp"))


def bare(text):
    """The text with comments and the insides of literals blanked, line by line as before. Includes keep their names."""
    comment, raw, string = r"//[^\n]*|/\*.*?\*/", r'R"(\w*)\(.*?\)\1"', r'"(?:\\.|[^"\\\n])*"'
    character = r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'"  # but not the ' in 1'000
    token = re.compile(f"{comment}|{raw}|{string}|{character}", re.S)

    def blank(match):
        line_start = text.rfind("\n", 0, match.start()) + 1
        if text[line_start:match.start()].lstrip().startswith("#include"):
            return match.group()
        return '""' + "\n" * match.group().count("\n")

    return token.sub(blank, text)


def read_tree(root):
    sources = []
    for path in sorted(pathlib.Path(root).rglob("*")):
        name = path.relative_to(root).as_posix()
        skipped = name.startswith(("build/", ".git/")) or name == ".git" or "__pycache__" in name or path.is_symlink()
        if skipped or not path.is_file():
            continue
        try:
            sources.append(Source(name, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a golden file may be any bytes
    return sources


def check_arrows(sources):
    """Includes, and links between our libraries, go to the left."""
    for source in sources:
        if source.folder not in LEFT_OF:
            continue
        seen = LEFT_OF[source.folder] + [source.folder]
        for number, line in enumerate(source.code, 1):
            include = re.match(r'\s*#\s*include\s*"([^"]+)"', line) if source.is_code() else None
            if include:
                name = include.group(1)
                folder = name.split("/")[0]
                if folder not in LEFT_OF:
                    yield f'{source.path}:{number}: "{name}": name our headers from the root, others in <>'
                elif folder not in seen:
                    yield f"{source.path}:{number}: {source.folder}/ must not know {folder}/, only {', '.join(seen)}"
                elif source.folder == "sim" and folder == "model" and name not in EDGE:
                    yield f"{source.path}:{number}: of model/, sim/ may know only {', '.join(EDGE)}"
                elif name == HOST_SIDE and source.folder == "model" and not NO_MACHINES.fullmatch(source.path):
                    yield f"{source.path}:{number}: a machine must not know {HOST_SIDE}, or the output gate stands open"
            if source.name == "CMakeLists.txt":
                for library in re.findall(r"\bsmalldb_(\w+)", line.split("#")[0]):
                    folder = {"sim_world": "sim", "runs": "scenarios"}.get(library, library)
                    if folder in LEFT_OF and folder not in seen:
                        yield f"{source.path}:{number}: {source.folder}/ must not link {folder}/"


def check_words(sources):
    """Nothing that differs between two runs of the same seed."""
    for source in sources:
        if source.folder not in DETERMINISTIC or not source.is_code():
            continue
        for number, line in enumerate(source.code, 1):
            for word, replacement in INSTEAD_OF.items():
                found = re.search(word, line)
                # A test asks the environment whether to rewrite its golden files.
                if found and not (found.group() == "getenv" and source.name.endswith("_test.cpp")):
                    said = found.group().strip()
                    yield f"{source.path}:{number}: '{said}' breaks determinism; instead: {replacement}"


def check_iteration(sources):
    """No loop over a container whose order is an accident."""
    declared = re.compile(r"\bunordered_(?:multi)?(?:map|set)<[^;(){}]*>\s+(\w+)\s*[;={,)]")
    texts = {source.path: "\n".join(source.code) for source in sources}
    for source in sources:
        if source.folder not in DETERMINISTIC or not source.is_code():
            continue
        header = re.sub(r"(_test)?\.cpp$", ".h", source.path)
        names = set(declared.findall(texts[source.path]) + declared.findall(texts.get(header, "")))
        for number, line in enumerate(source.code, 1):
            for name in names:
                loop = rf"\bfor\s*\([^;]*:\s*(\w+(\.|->))?{name}\s*\)|\b{name}\s*(\.|->)\s*c?begin\s*\("
                if re.search(loop, line):
                    yield f"{source.path}:{number}: the order of '{name}' is an accident; instead: std::map"


def check_sizes(sources):
    for source in sources:
        if not source.path.endswith((".h", ".cpp", ".cmake", ".py", ".sh", "CMakeLists.txt")):
            continue
        for number, line in enumerate(source.lines, 1):
            if len(line) > COLUMNS:
                yield f"{source.path}:{number}: {len(line)} columns, {COLUMNS} fit"
            if line != line.rstrip() or "\t" in line:
                yield f"{source.path}:{number}: a tab, or white space at the end"
        if len(source.lines) - 1 > FILE_LINES:
            yield f"{source.path}:{FILE_LINES}: {len(source.lines) - 1} lines; past {FILE_LINES} it is two things"
        if source.text and not source.text.endswith("\n"):
            yield f"{source.path}:{len(source.lines)}: the last line does not end"


def check_functions(sources):
    """A function fits a screen. Relies on the format: a function of a namespace begins and ends in the first column."""
    for source in sources:
        begin = None
        for number, line in enumerate(source.code if source.is_code() else [], 1):
            if line.startswith("}"):
                if begin and number - begin > FUNCTION_LINES:
                    yield f"{source.path}:{begin}: a function of {number - begin} lines; {FUNCTION_LINES} fit a screen"
                begin = None
            elif re.match(r"[A-Za-z~].*\(", line) and not line.endswith(";"):
                begin = number


def check_headers(sources):
    """A header is guarded; a body includes its own header first, so that every header stands by itself."""
    paths = {source.path for source in sources}
    for source in sources:
        if source.path.endswith(".h") and "#pragma once" not in source.code:
            yield f"{source.path}:1: #pragma once is missing"
        own = source.path[:-4] + ".h"
        if source.path.endswith(".cpp") and own in paths:
            first = next((line for line in source.code if line.startswith("#include")), "")
            if first != f'#include "{own}"':
                yield f'{source.path}:1: begins with #include "{own}"'


def check_dead_files(sources):
    """Every body is built, every header is included."""
    listed = {}
    included = set()
    for source in sources:
        if source.name == "CMakeLists.txt" or source.path.endswith(".cmake"):
            listed.setdefault(source.folder, set()).update(re.findall(r"[\w./-]+\.cpp", source.text))
        included.update(re.findall(r'#\s*include\s*"([^"]+)"', source.text) if source.is_code() else [])
    for source in sources:
        names = listed.get(source.folder, set())
        local = source.path[len(source.folder) + 1:]
        built = local in names or any(name.endswith(source.path) for name in names)
        if source.path.endswith(".cpp") and not built:
            yield f"{source.path}:1: no CMakeLists.txt of {source.folder}/ lists it"
        if source.path.endswith(".h") and source.path not in included:
            yield f"{source.path}:1: nobody includes it"


def check_unnamed(sources):
    """What CI compiles as one source (cmake/unity.cmake) has each name in unnamed namespaces once, or stays alone."""
    of_path = {source.path: source for source in sources}
    for lists in sources:
        if lists.name != "CMakeLists.txt":
            continue
        folder = lists.path.removesuffix(lists.name)
        alone = set(re.findall(r"[\w./-]+\.cpp", " ".join(re.findall(r"compile_alone\(([^)]*)\)", lists.text))))
        for target in re.findall(r"add_(?:library|executable|smalldb_test)\(([^)]*)\)", lists.text):
            known = {}
            for name in re.findall(r"[\w./-]+\.cpp", target):
                source = of_path.get(folder + name)
                for number, word, what in unnamed(source) if source and name not in alone else []:
                    path, other = known.setdefault(word, (name, what))
                    is_alias_of_the_same = what == other and what not in ("type", "value") and what[0] != "("
                    is_overload = what != other and what[0] == other[0] == "("
                    if path != name and not is_alias_of_the_same and not is_overload:
                        yield (f"{source.path}:{number}: {path} has a '{word}' too; take another word, or "
                               f"compile_alone({name}) in {lists.path}")


def unnamed(source):
    """What stands at the left edge of unnamed namespaces: line, name, and for a function its parameters' types."""
    inside = False
    for number, line in enumerate(source.lines, 1):
        if line in ("namespace {", "}  // namespace"):
            inside = line == "namespace {"
        if not inside or not line or line[0] in " /}#" or line.startswith("template <"):
            continue
        whole = re.match(r"[^{;]*(?:[{;]|$)", " ".join(source.lines[number - 1:number + 7])).group()
        alias = re.match(r"using (\w+) (=.*)", whole) or re.match(r"using (?=[\w:]*?(\w+);)([\w:]+)", whole)
        kind = re.match(r"(?:struct|class|enum(?: class)?|concept) (\w+)", whole)
        value = re.match(r"(?!using |namespace )[^(=]*?(\w+)(?:\[\w*\])?(?: = |[{;]$)", whole)
        function = re.search(r"(\w+)\(([^()]*)\)[^()]*[{;]$", whole)
        if alias:
            yield number, *alias.groups()
        elif kind:
            yield number, kind.group(1), "type"
        elif value:
            yield number, value.group(1), "value"
        elif function:
            types = [re.sub(r" \w+$", "", parameter) for parameter in re.split(r",\s+", function.group(2))]
            yield number, function.group(1), f"({', '.join(types)})"


def check_test_names(sources):
    """CMake takes what stands before and behind a semicolon for two tests, which do not exist."""
    test_case = re.compile(r'\bTEST_CASE\(\s*((?:"(?:\\.|[^"\\])*"\s*)+)')
    for source in sources:
        for found in test_case.finditer(source.text if source.is_code() else ""):
            number = source.text.count("\n", 0, found.start()) + 1
            if ";" in found.group(1):
                yield f"{source.path}:{number}: a semicolon in the name of a test"


def check_paths(sources):
    """The tree works wherever it lies."""
    for source in sources:
        for number, line in enumerate(source.lines, 1):
            if not source.path.startswith("cmake/tidy") and MACHINE_PATH.search(line):
                yield f"{source.path}:{number}: a path of one machine"


TREE_CHECKS = [check_arrows, check_words, check_iteration, check_sizes, check_functions, check_headers,
               check_dead_files, check_unnamed, check_test_names, check_paths]

# ---- The object code ------------------------------------------------------------------------------------------------


def check_references(archive):
    """Refers to no clock, socket, file, thread, entropy or environment."""
    member = archive
    for line in output_of("nm", "--undefined-only", "--demangle", archive).splitlines():
        if line.endswith(".o:"):
            member = f"{pathlib.Path(archive).name}({line[:-1]})"
        symbol = re.match(r"\s+[Uwv] (.+)", line)
        if symbol and OUTSIDE.match(symbol.group(1)):
            yield f"{member}: refers to '{symbol.group(1)}', which reaches outside of the simulated world"


def check_state(archive):
    """Keeps nothing between two calls: no variable that is written lives outside of an object."""
    member = archive
    for line in output_of("objdump", "--syms", "--demangle", archive).splitlines():
        if ":     file format" in line:
            member = f"{pathlib.Path(archive).name}({line.split(':')[0]})"
        symbol = re.match(r"[0-9a-f]{16} (.{7}) (\S+)\s+([0-9a-f]{16})\s+(.*)", line)
        if not symbol or int(symbol.group(3), 16) == 0 or not WRITABLE.match(symbol.group(2)):
            continue
        variable = symbol.group(4).replace(".hidden", "").strip()
        if not variable.startswith("DW.ref."):  # the compiler's own, wherever an exception may pass
            yield f"{member}: '{variable}' is global state; make it a member, or constexpr"


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


OBJECT_CHECKS = [check_references, check_state]


def main(what, *arguments):
    if what == "tree":
        sources = read_tree(arguments[0])
        if not any(source.is_code() for source in sources):
            sys.exit(f"tidy.py: no source in {arguments[0]}")
        findings = [finding for check in TREE_CHECKS for finding in check(sources)]
    else:
        findings = [finding for archive in arguments for check in OBJECT_CHECKS for finding in check(archive)]
    print("\n".join(findings) or f"tidy: {' '.join(arguments)}")
    return 1 if findings else 0


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("tree", "objects"):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
