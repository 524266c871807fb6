"""The rules of docs/architecture.md, and what in a source tree runs against them.

violations(root) returns one line for each, "FILE:LINE: what is wrong", in the order of files.
"""

import re
from pathlib import Path

# The folders of daemon/ that each of its folders may include.
ARROWS = {
    "base": set(),
    "series": {"base"},
    "store": {"base", "series"},
    "query": {"base", "series", "store"},
    "forecast": {"base"},
    "analysis": {"base", "series", "forecast"},
    "ingest": {"base", "series", "store"},
    "schedule": {"base", "store"},
    "pipeline": {"base", "series", "store", "query", "forecast", "analysis", "ingest", "schedule"},
}
ARROWS["service"] = ARROWS["pipeline"] | {"pipeline"}
ARROWS["web"] = ARROWS["service"] | {"service"}

# What lies outside daemon/ and what it may include of it: folders, or single headers.
PLUGIN_ARROWS = {"base", "series"}
COMMAND_LINE_ARROWS = {"base", "series", "store", "forecast", "daemon/ingest/conformance.h",
                       "daemon/pipeline/definitions.h", "daemon/service/admin_messages.h"}

# Which folders may include generated code, by the start of its path.
GENERATED = {
    "headway/plugin/v1/": {"ingest", "pipeline", "service", "plugins"},
    "headway/config/v1/": {"pipeline", "main.cc"},
    "headway/v1/": {"schedule", "pipeline", "analysis", "service", "web", "tools"},
}
# Only these speak gRPC; the others use messages alone.
GRPC = {"service", "web", "main.cc", "tools"}

MOST_LINES = 600
# An author copies this one as it is: a single file is its purpose.
ANY_LENGTH = {Path("plugins/sdk/python/headway_plugin.py")}
SOURCE_SUFFIXES = {".h", ".cc"}
COUNTED_SUFFIXES = SOURCE_SUFFIXES | {".py", ".sh", ".proto", ".cmake"}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
ROCKSDB = re.compile(r'rocksdb::|#\s*include\s*[<"]rocksdb/')
COMMENT = re.compile(r"#.*")
CMAKE_CALL = re.compile(r"\b(\w+)\s*\(([^()]*)\)")


def sources(root, *folders, suffixes=SOURCE_SUFFIXES):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix in suffixes:
                yield path


def numbered_lines(path):
    return enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)


def place_of(relative):
    """The name under which the tables above know a file; None if it is free."""
    parts = relative.parts
    if parts[0] == "daemon":
        return parts[1]  # a folder, or main.cc
    if parts[0] == "plugins":
        return "plugins"
    if parts[:2] == ("tools", "headway"):
        return "tools"
    return None  # benchmarks and tests may use every part


def may_include(place, header):
    """Whether a file at `place` may include `header`, which begins with daemon/."""
    folder = header.split("/")[1]
    if place == "main.cc" or place == folder:
        return True
    if place == "plugins":
        return folder in PLUGIN_ARROWS
    if place == "tools":
        return folder in COMMAND_LINE_ARROWS or header in COMMAND_LINE_ARROWS
    return folder in ARROWS[place]


def generated_problem(place, header):
    if header.endswith(".grpc.pb.h") and place not in GRPC:
        return f"{place} does not speak gRPC"
    for start, places in GENERATED.items():
        if header.startswith(start) and place not in places:
            return f"{place} does not use {start}"
    return None


def plugin_problem(relative, header):
    """A plugin includes the SDK and its own folder, no other plugin's."""
    own = "/".join(relative.parts[:2]) + "/"
    if header.startswith(("plugins/sdk/", own)):
        return None
    return f"{own} does not include another plugin's {header}"


def include_problem(root, relative, header):
    place = place_of(relative)
    if header.startswith(".") or (root / relative.parent / header).is_file():
        return f'"{header}" is not a path from the root of the tree'
    if header.startswith("daemon/"):
        return None if may_include(place, header) else f"{place} must not include {header}"
    if header.startswith("plugins/"):
        if place == "plugins":
            return plugin_problem(relative, header)
        return f"{place} must not include {header}"
    if header.startswith(("tools/", "tests/")) and place != "tools":
        return f"{place} must not include {header}"
    return generated_problem(place, header)


def include_violations(root):
    for path in sources(root, "daemon", "plugins", "tools"):
        relative = path.relative_to(root)
        place = place_of(relative)
        if place is None:
            continue
        if relative.parts[0] == "daemon" and place not in ARROWS and place != "main.cc":
            yield f"{relative}:1: daemon/{place} has no place in tests/architecture/rules.py"
            continue
        for number, line in numbered_lines(path):
            match = INCLUDE.match(line)
            problem = match and include_problem(root, relative, match.group(1))
            if problem:
                yield f"{relative}:{number}: {problem}"


def cmake_calls(path):
    """(line, function, arguments) of each call in a CMakeLists.txt."""
    text = "\n".join(COMMENT.sub("", line) for _, line in numbered_lines(path))
    for match in CMAKE_CALL.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(1), match.group(2).split()


def library_folders(root):
    """The folder of daemon/ in which each of its libraries is defined."""
    folders = {}
    for path in (root / "daemon").glob("*/CMakeLists.txt"):
        for _, function, arguments in cmake_calls(path):
            if function == "headway_library":
                folders["headway_" + arguments[0]] = path.parent.name
    return folders


def link_violations(root):
    folders = library_folders(root)
    lists = [*sorted((root / "daemon").glob("*/CMakeLists.txt")),
             *sorted((root / "plugins").rglob("CMakeLists.txt"))]
    for path in lists:
        relative = path.relative_to(root)
        allowed = PLUGIN_ARROWS
        if relative.parts[0] == "daemon":
            allowed = ARROWS.get(path.parent.name, set()) | {path.parent.name}
        for line, _, arguments in cmake_calls(path):
            for argument in arguments:
                folder = folders.get(argument)
                if folder is not None and folder not in allowed:
                    yield f"{relative}:{line}: {relative.parent} must not link {argument}"


def rocksdb_violations(root):
    for path in sources(root, "daemon", "plugins", "tools"):
        relative = path.relative_to(root)
        if relative.parent == Path("daemon/store") and relative.name.startswith("rocks_"):
            continue
        if relative.parts[:2] == ("tools", "bench"):
            continue  # weighs the store's files, and is a peer by itself
        for number, line in numbered_lines(path):
            if ROCKSDB.search(line):
                yield f"{relative}:{number}: RocksDB is named in daemon/store/rocks_* only"


def length_violations(root):
    for path in sources(root, "daemon", "plugins", "tools", "tests", "proto", "cmake",
                        suffixes=COUNTED_SUFFIXES):
        relative = path.relative_to(root)
        count = sum(1 for _ in numbered_lines(path))
        if count > MOST_LINES and relative not in ANY_LENGTH:
            yield f"{relative}:{MOST_LINES + 1}: {count} lines; split the file"


def violations(root):
    root = Path(root)
    return [*include_violations(root), *link_violations(root), *rocksdb_violations(root),
            *length_violations(root)]
