"""The rules of docs/architecture.md, and what in a source tree runs against them.

violations(root) returns one line for each, "FILE:LINE: what is wrong", in the order of files.
`python3 tests/architecture/rules.py` prints the list of rooms as docs/architecture.md shows it.
"""

import re
from pathlib import Path

# Every room of the house, lowest first, and the rooms that it may include besides itself. A room
# holds a folder's own files, not those of the folders within it; one file can be a room by itself
# where it stands lower than the rest of its folder. Rooms of daemon/ are named without "daemon/".
LAYERS = """
base:
chart: base
series: base
tables: base
tables/periods: base series
store/types.h: base series
store/engine: base
store/engine/rocks: base store/engine
store/format: base series store/types.h
store/history: base series store/types.h store/engine store/format
store/commit: base series store/types.h store/engine store/format store/history
store: base series store/types.h store/engine store/engine/rocks store/format store/history store/commit
store/upkeep: base series store/types.h store/engine store/engine/rocks store/format store/history store
store/transfer: base series tables store/types.h store
forecast/options.h:
forecast/math: base forecast/options.h
scores: base forecast/math
messages: base series store/types.h store store/upkeep scores
operations: base store/types.h store messages
query/math: base series forecast/math
query/columns: base series query/math
query: base series store/types.h store query/math query/columns
forecast/calibration: base forecast/options.h forecast/math
forecast/kinds: base forecast/options.h forecast/math
forecast/ets: base forecast/math
forecast/arima: base forecast/math
forecast/models/ces: base forecast/math
forecast/models/structural: base forecast/math
forecast/models/theta: base forecast/math forecast/ets
forecast/models: base forecast/math forecast/ets
forecast/auto: base scores forecast/options.h forecast/math forecast/calibration forecast/kinds forecast/ets forecast/arima forecast/models/ces forecast/models/structural forecast/models/theta forecast/models
forecast: base forecast/options.h forecast/math forecast/arima forecast/models/structural forecast/auto
evidence/claims: base forecast/math
evidence/math: base forecast/math
evidence/synthetic: base forecast/math evidence/math
evidence/counterfactual: base forecast/math
evidence/breaks: base forecast/math evidence/math
evidence/differences: base forecast/math evidence/math
evidence/var: base forecast/math evidence/math
evidence/nowcast: base forecast/math evidence/math
ingest/egress: base
ingest/sandbox/launcher:
ingest/sandbox: base ingest/egress ingest/sandbox/launcher
ingest/protocol: base series
ingest/source: base series store/types.h store
ingest/plugin: base series store ingest/egress ingest/sandbox ingest/protocol ingest/source
ingest/documents: base store ingest/sandbox ingest/protocol ingest/source
ingest/pull: base series store ingest/sandbox ingest/protocol ingest/source ingest/plugin ingest/documents
ingest/trial: base series store/types.h store ingest/egress ingest/sandbox ingest/protocol ingest/source ingest/plugin ingest/pull
ingest: base series store ingest/sandbox ingest/protocol ingest/source ingest/plugin ingest/pull
schedule: base store/types.h store messages
pipeline/definitions/text: base
pipeline/definitions/evidence: base series query pipeline/definitions/text
pipeline/definitions: base series store query forecast ingest/source ingest schedule pipeline/definitions/text pipeline/definitions/evidence
pipeline/models: base series scores forecast/options.h forecast ingest/source ingest pipeline/definitions
pipeline/issues: base series store messages query scores pipeline/definitions
pipeline/forecasting: base series store messages query forecast/options.h forecast ingest pipeline/definitions pipeline/models
pipeline/switches: base store
pipeline: base series store messages query forecast ingest/source ingest schedule pipeline/definitions pipeline/models pipeline/issues pipeline/forecasting pipeline/switches
pipeline/judging: base series store/types.h store messages query forecast/math evidence/claims pipeline/definitions pipeline/definitions/evidence pipeline/forecasting pipeline
health: base series store/types.h store store/upkeep messages query ingest/sandbox ingest schedule pipeline/definitions pipeline
service/calls: base store/types.h store messages
service/shell: base messages service/calls
service/sharing: base series store messages query ingest/source pipeline/definitions pipeline service/calls
service/admin: base store/types.h store store/upkeep store/transfer messages health operations service/calls service/sharing
service/series: base series store/types.h store messages query pipeline/definitions pipeline service/calls service/sharing
service/indicator: base series store/types.h store messages query pipeline/definitions pipeline service/calls service/sharing
service/forecast: base forecast store/types.h store messages pipeline/definitions pipeline service/calls service/sharing service/indicator
service/pipeline: base messages schedule pipeline service/calls
service/plugin: base series store/types.h store messages operations ingest/sandbox ingest/source ingest pipeline/definitions pipeline service/calls service/sharing
service/operation: base messages operations service/calls
service/evidence: base store/types.h store messages pipeline/definitions pipeline pipeline/judging service/calls
service: base store/types.h store operations schedule pipeline health service/calls service/shell service/admin service/series service/indicator service/forecast service/pipeline service/plugin service/operation service/evidence
web/http: base
web: base series messages service service/shell web/http
main.cc: base store store/upkeep operations ingest/sandbox ingest pipeline pipeline/definitions health service/admin service web
plugins/sdk/cpp: base series tables
plugins/sdk/templates: plugins/sdk/cpp
plugins/sources/trade/census: base series plugins/sdk/cpp
plugins/sources/tables/mapping: base series tables tables/periods plugins/sdk/cpp
plugins/sources/tables/formats: base tables
plugins/sources/tables/csv: base series tables tables/periods plugins/sdk/cpp plugins/sources/tables/mapping
plugins/sources/tables/http: base series tables tables/periods plugins/sdk/cpp plugins/sources/tables/mapping plugins/sources/tables/formats
tools/headway/plugin_new: base
tools/headway/input: base series tables tables/periods
tools/headway/render: base tables messages
tools/headway/base: base messages tools/headway/render
tools/headway/commands/store: base series store store/upkeep store/transfer messages schedule pipeline tools/headway/base tools/headway/render
tools/headway/commands/plugin: base series store/types.h ingest/sandbox ingest/source ingest/plugin ingest/trial messages tools/headway/base tools/headway/plugin_new tools/headway/render
tools/headway/commands: base series tables forecast ingest/sandbox ingest pipeline/definitions messages tools/headway/base tools/headway/input tools/headway/render
tools/headway/commands/backtest: base series forecast scores messages pipeline/definitions tools/headway/base tools/headway/input tools/headway/render tools/headway/commands
tools/headway/commands/evidence: base chart series tables tables/periods tools/headway/base tools/headway/input tools/headway/render
tools/headway/commands/evidence/impact: base series tables forecast/math evidence/math evidence/synthetic evidence/counterfactual evidence/differences tools/headway/base tools/headway/input tools/headway/render tools/headway/commands/evidence
tools/headway/commands/evidence/systems: base series tables tables/periods forecast/math evidence/math evidence/var evidence/nowcast tools/headway/base tools/headway/input tools/headway/render tools/headway/commands/evidence
tools/headway: base tools/headway/base tools/headway/commands tools/headway/commands/plugin tools/headway/commands/store tools/headway/commands/backtest tools/headway/commands/evidence/impact tools/headway/commands/evidence/systems
"""

# Which rooms, with the rooms within them, may include generated code, by the start of its path.
GENERATED = {
    "headway/plugin/v1/": {"ingest", "pipeline", "plugins"},
    "headway/config/v1/": {"pipeline", "main.cc"},
    "headway/v1/": {"messages", "operations", "schedule", "pipeline", "health", "service", "web", "tools"},
}
# Only these use the stubs of services; the others use messages alone.
STUBS = {"web", "tools"}
# Only these rooms, without those within them, name gRPC itself.
GRPC = {"service", "service/shell", "web", "tools/headway/base"}

# The one room that names RocksDB. Benchmarks weigh its files, and have it as a peer.
ROCKSDB_ROOM = Path("daemon/store/engine/rocks")

# What `headway plugin new` writes: a test compiles it as an author would.
TEMPLATES = Path("plugins/sdk/templates")

MOST_LINES = 600
# An author copies this one as it is: a single file is its purpose.
ANY_LENGTH = {Path("plugins/sdk/python/headway_plugin.py")}
MOST_FILES = 25
SOURCE_SUFFIXES = {".h", ".cc"}
COUNTED_SUFFIXES = SOURCE_SUFFIXES | {".py", ".sh", ".proto", ".cmake"}
FOLDERS = ("daemon", "plugins", "tools", "tests", "proto", "cmake")

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
ROCKSDB = re.compile(r'rocksdb::|#\s*include\s*[<"]rocksdb/')
COMMENT = re.compile(r"#.*")
COMPILING = {"headway_library", "headway_program", "target_sources"}
CMAKE_CALL = re.compile(r"\b(\w+)\s*\(([^()]*)\)")


def parsed(layers):
    """{room: the rooms that it may include}, in the order of the list."""
    rooms = {}
    for line in layers.strip().splitlines():
        name, _, below = line.partition(":")
        rooms[name] = set(below.split())
    return rooms


ROOMS = parsed(LAYERS)


def sources(root, *folders, suffixes=SOURCE_SUFFIXES):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix in suffixes:
                yield path


def numbered_lines(path):
    return enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)


def name_of(path):
    """A path as the tables above write it."""
    return str(path).removeprefix("daemon/")


def room_of(path):
    """The room of a file: itself where the list names it, else its folder, which may be in no list."""
    own = name_of(path)
    return own if own in ROOMS else name_of(Path(path).parent)


def has_rooms(path):
    """Benchmarks and tests may use every room, and have none themselves."""
    parts = Path(path).parts
    return parts[0] in ("daemon", "plugins") or parts[:2] == ("tools", "headway")


def within(room, rooms):
    """Whether `room` is one of `rooms` or lies within one."""
    parts = room.split("/")
    return any("/".join(parts[:count]) in rooms for count in range(1, len(parts) + 1))


def generated_problem(room, header):
    if header.endswith(".grpc.pb.h") and not within(room, STUBS):
        return f"{room} does not use stubs of services"
    if header.startswith("grpcpp/") and room not in GRPC:
        return f"{room} does not speak gRPC"
    for start, rooms in GENERATED.items():
        if header.startswith(start) and not within(room, rooms):
            return f"{room} does not use {start}"
    return None


def include_problem(root, relative, header):
    room = room_of(relative)
    if header.startswith(".") or (root / relative.parent / header).is_file():
        return f'"{header}" is not a path from the root of the tree'
    if header.startswith(("daemon/", "plugins/", "tools/", "tests/")):
        other = room_of(header)
        if other == room or other in ROOMS[room]:
            return None
        return f"{room} must not include {header}"
    return generated_problem(room, header)


def include_violations(root):
    for path in sources(root, "daemon", "plugins", "tools"):
        relative = path.relative_to(root)
        if not has_rooms(relative):
            continue
        if room_of(relative) not in ROOMS:
            yield f"{relative}:1: {relative.parent} has no place in tests/architecture/rules.py"
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


def cmake_lists(root):
    for folder in ("daemon", "plugins", "tools"):
        yield from (path for path in sorted((root / folder).rglob("CMakeLists.txt"))
                    if has_rooms(path.relative_to(root)))


def library_rooms(root):
    """The room in which each library is defined."""
    rooms = {}
    for path in cmake_lists(root):
        for _, function, arguments in cmake_calls(path):
            if function == "headway_library":
                rooms["headway_" + arguments[0]] = name_of(path.parent.relative_to(root))
    return rooms


def link_violations(root):
    libraries = library_rooms(root)
    for path in cmake_lists(root):
        relative = path.relative_to(root)
        folder = name_of(relative.parent)
        # The program of daemon/ is main.cc.
        allowed = ROOMS.get("main.cc" if folder == "daemon" else folder, set()) | {folder}
        for line, _, arguments in cmake_calls(path):
            for argument in arguments:
                room = libraries.get(argument)
                if room is not None and room not in allowed:
                    yield f"{relative}:{line}: {folder} must not link {argument}"


def source_violations(root):
    """A room compiles its own sources and no others, so that its links are all that they can use."""
    compiled = set()
    for path in cmake_lists(root):
        relative = path.relative_to(root)
        for line, function, arguments in cmake_calls(path):
            for argument in arguments if function in COMPILING else ():
                if not argument.endswith(".cc"):
                    continue
                compiled.add(relative.parent / argument)
                if "/" in argument:
                    yield f"{relative}:{line}: {argument} is another room's; give that a CMakeLists.txt"
    for path in sources(root, "daemon", "plugins", "tools", suffixes={".cc"}):
        relative = path.relative_to(root)
        if has_rooms(relative) and relative.parent != TEMPLATES and relative not in compiled:
            yield f"{relative}:1: no CMakeLists.txt beside it compiles it"


def rocksdb_violations(root):
    for path in sources(root, "daemon", "plugins", "tools"):
        relative = path.relative_to(root)
        if relative.parent == ROCKSDB_ROOM or relative.parts[:2] == ("tools", "bench"):
            continue
        for number, line in numbered_lines(path):
            if ROCKSDB.search(line):
                yield f"{relative}:{number}: RocksDB is named in {ROCKSDB_ROOM} only"


def length_violations(root):
    for path in sources(root, *FOLDERS, suffixes=COUNTED_SUFFIXES):
        relative = path.relative_to(root)
        count = sum(1 for _ in numbered_lines(path))
        if count > MOST_LINES and relative not in ANY_LENGTH:
            yield f"{relative}:{MOST_LINES + 1}: {count} lines; split the file"


def width_violations(root):
    for top in FOLDERS:
        for folder in sorted(path for path in (root / top).rglob("*") if path.is_dir()):
            count = sum(1 for path in folder.iterdir() if path.suffix in SOURCE_SUFFIXES)
            if count > MOST_FILES:
                yield f"{folder.relative_to(root)}:1: {count} source files; give it rooms"


def violations(root):
    root = Path(root)
    return [*include_violations(root), *link_violations(root), *source_violations(root),
            *rocksdb_violations(root), *length_violations(root), *width_violations(root)]


if __name__ == "__main__":
    print(LAYERS.strip())
