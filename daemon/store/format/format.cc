#include "daemon/store/format/format.h"

#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/format/codec.h"

namespace headway::store {
namespace {

constexpr uint8_t kFullFlag = 1;
constexpr uint8_t kSnapshotFlag = 2;
constexpr uint8_t kSaysAllFlag = 4;
constexpr uint8_t kUndoSnapshotFlag = 1;
constexpr uint8_t kUndoFirstFlag = 2;
constexpr uint8_t kUndoCoversFlag = 4;
constexpr uint8_t kHeadBaseFlag = 1;
// Of blocks, undos and heads: their columns have statuses.
constexpr uint8_t kStatusesFlag = 8;

constexpr size_t kChecksumBytes = 4;

uint32_t Checksum(absl::string_view bytes) {
  return static_cast<uint32_t>(XXH3_64bits(bytes.data(), bytes.size()));
}

absl::Status Malformed() {
  return absl::DataLossError("it is malformed though its checksum holds");
}

void AppendBigEndian(uint64_t value, std::string* out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(value >> shift));
  }
}

uint64_t LoadBigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

constexpr size_t kIdBytes = 8;
// Of what an ordered key leads to.
constexpr uint8_t kContestedFlag = 1;
constexpr uint8_t kImportedFlag = 2;

constexpr uint64_t kSignBit = uint64_t{1} << 63;

uint64_t DescendingBits(Micros time) {
  return ~(static_cast<uint64_t>(time) ^ kSignBit);
}

Micros FromDescendingBits(uint64_t bits) {
  return static_cast<Micros>(~bits ^ kSignBit);
}

void AppendStatuses(const series::Statuses& statuses, std::string* out) {
  for (auto run = statuses.begin(); run != statuses.end();) {
    const auto end = std::find_if(
        run, statuses.end(), [run](auto status) { return status != *run; });
    AppendVarint(static_cast<uint64_t>(end - run - 1), out);
    out->push_back(static_cast<char>(*run));
    run = end;
  }
}

void ReadStatuses(size_t count, ByteReader* reader,
                  series::Statuses* statuses) {
  while (statuses->size() < count) {
    const uint64_t length = reader->ReadVarint();
    const uint8_t status = reader->ReadByte();
    if (!reader->ok() || length >= count - statuses->size() ||
        status > series::kLastObservationStatus) {
      return reader->Fail();
    }
    statuses->insert(statuses->end(), length + 1,
                     static_cast<series::ObservationStatus>(status));
  }
  series::DropFinalStatuses(statuses);
  // What is all final is written without.
  if (statuses->empty()) reader->Fail();
}

uint8_t StatusesFlag(const Columns& columns) {
  return columns.statuses.empty() ? 0 : kStatusesFlag;
}

void AppendColumns(const Columns& columns, std::string* out) {
  AppendOrdinals(columns.ordinals, out);
  AppendValues(columns.values, out);
  AppendOrdinals(columns.withdrawn, out);
  AppendStatuses(columns.statuses, out);
}

void ReadColumns(ByteReader* reader, bool has_statuses, Columns* columns) {
  columns->ordinals.clear();
  columns->values.clear();
  columns->withdrawn.clear();
  columns->statuses.clear();
  ReadOrdinals(reader, &columns->ordinals);
  ReadValues(columns->ordinals.size(), reader, &columns->values);
  ReadOrdinals(reader, &columns->withdrawn);
  // A period has a value or is withdrawn.
  for (int32_t ordinal : columns->withdrawn) {
    if (FindValue(*columns, ordinal) < columns->ordinals.size()) {
      return reader->Fail();
    }
  }
  if (has_statuses) {
    ReadStatuses(columns->values.size(), reader, &columns->statuses);
  }
}

constexpr Micros kUnits[] = {1, 1000 * 1000, Micros{3600} * 1000 * 1000,
                             Micros{86400} * 1000 * 1000};

// Most instants that publishers give are whole days or seconds.
void AppendTime(Micros time, std::string* out) {
  uint64_t unit = std::size(kUnits) - 1;
  while (time % kUnits[unit] != 0) --unit;
  const int64_t n = time / kUnits[unit];
  const uint64_t zigzag =
      (static_cast<uint64_t>(n) << 1) ^ static_cast<uint64_t>(n >> 63);
  AppendVarint(zigzag << 2 | unit, out);
}

Micros ReadTime(ByteReader* reader) {
  const uint64_t bits = reader->ReadVarint();
  const uint64_t zigzag = bits >> 2;
  const int64_t n = static_cast<int64_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
  Micros time = 0;
  if (__builtin_mul_overflow(n, kUnits[bits & 3], &time)) reader->Fail();
  return time;
}

void AppendSpan(int32_t first, int32_t last, std::string* out) {
  AppendZigzag(first, out);
  AppendVarint(static_cast<uint64_t>(int64_t{last} - first), out);
}

std::pair<int32_t, int32_t> ReadSpan(ByteReader* reader) {
  const int64_t first = reader->ReadZigzag();
  const uint64_t span = reader->ReadVarint();
  if (first < INT32_MIN || first > INT32_MAX ||
      span > static_cast<uint64_t>(INT32_MAX - first)) {
    reader->Fail();
    return {0, 0};
  }
  return {static_cast<int32_t>(first),
          static_cast<int32_t>(first + static_cast<int64_t>(span))};
}

// The body behind room for its checksum.
std::string NewBody() { return std::string(kChecksumBytes, '\0'); }

std::string Finish(std::string body) {
  const uint32_t checksum =
      Checksum(absl::string_view(body).substr(kChecksumBytes));
  for (size_t i = 0; i < kChecksumBytes; ++i) {
    body[i] = static_cast<char>(checksum >> (8 * i));
  }
  return body;
}

bool IsVintageKind(uint8_t byte) { return byte >= 1 && byte <= 3; }

}  // namespace

std::string WithChecksum(absl::string_view body) {
  return Finish(absl::StrCat(NewBody(), body));
}

absl::StatusOr<absl::string_view> CheckedBody(absl::string_view bytes) {
  ByteReader reader(bytes);
  const uint32_t expected = reader.ReadFixed32();
  if (!reader.ok()) return absl::DataLossError("it is cut short");
  if (Checksum(reader.remaining()) != expected) {
    return absl::DataLossError("its checksum does not hold");
  }
  return reader.remaining();
}

std::string EncodeId(uint64_t id) {
  std::string bytes;
  AppendBigEndian(id, &bytes);
  return bytes;
}

absl::StatusOr<uint64_t> DecodeId(absl::string_view bytes) {
  if (bytes.size() != 8) {
    return absl::DataLossError(
        absl::StrCat("a number has ", bytes.size(), " bytes instead of 8"));
  }
  return LoadBigEndian(bytes);
}

std::string EncodeVintageKey(const VintageKey& key) {
  std::string bytes;
  bytes.reserve(24);
  AppendBigEndian(key.series, &bytes);
  AppendBigEndian(DescendingBits(key.known_at), &bytes);
  AppendBigEndian(DescendingBits(key.recorded_at), &bytes);
  return bytes;
}

absl::StatusOr<VintageKey> DecodeVintageKey(absl::string_view bytes) {
  if (bytes.size() != 24) {
    return absl::DataLossError(absl::StrCat(
        "the key of a vintage has ", bytes.size(), " bytes instead of 24"));
  }
  VintageKey key;
  key.series = LoadBigEndian(bytes.substr(0, 8));
  key.known_at = FromDescendingBits(LoadBigEndian(bytes.substr(8, 8)));
  key.recorded_at = FromDescendingBits(LoadBigEndian(bytes.substr(16, 8)));
  return key;
}

std::string EncodeBlock(const Block& block) {
  const bool says_all = block.full && block.said.size() == block.columns.size();
  std::string body = NewBody();
  body.push_back(static_cast<char>(
      (block.full ? kFullFlag : 0) | (block.snapshot ? kSnapshotFlag : 0) |
      (says_all ? kSaysAllFlag : 0) | StatusesFlag(block.columns)));
  AppendVarint(block.commit, &body);
  AppendSpan(block.first_covered, block.last_covered, &body);
  AppendColumns(block.columns, &body);
  if (block.full && !says_all) AppendOrdinals(block.said, &body);
  return Finish(std::move(body));
}

absl::StatusOr<Block> DecodeBlock(absl::string_view bytes) {
  ASSIGN_OR_RETURN(absl::string_view body, CheckedBody(bytes));
  ByteReader reader(body);
  Block block;
  const uint8_t flags = reader.ReadByte();
  block.full = flags & kFullFlag;
  block.snapshot = flags & kSnapshotFlag;
  const bool says_all = flags & kSaysAllFlag;
  if (flags > (kFullFlag | kSnapshotFlag | kSaysAllFlag | kStatusesFlag) ||
      (says_all && !block.full)) {
    return Malformed();
  }
  block.commit = reader.ReadVarint();
  std::tie(block.first_covered, block.last_covered) = ReadSpan(&reader);
  ReadColumns(&reader, (flags & kStatusesFlag) != 0, &block.columns);
  if (says_all) {
    block.said = AllOrdinals(block.columns);
  } else if (block.full) {
    ReadOrdinals(&reader, &block.said);
  }
  if (!reader.AtEnd()) return Malformed();
  return block;
}

void AppendUndo(const Undo& undo, std::string* out) {
  out->push_back(static_cast<char>((undo.snapshot ? kUndoSnapshotFlag : 0) |
                                   (undo.first ? kUndoFirstFlag : 0) |
                                   (undo.covers ? kUndoCoversFlag : 0) |
                                   StatusesFlag(undo.stood)));
  AppendTime(undo.known_at, out);
  AppendTime(undo.recorded_at, out);
  AppendVarint(undo.commit, out);
  if (undo.covers) AppendSpan(undo.covers->first, undo.covers->last, out);
  if (undo.first) return;
  AppendColumns(undo.stood, out);
  AppendOrdinals(undo.fresh, out);
}

absl::Status ReadUndo(absl::string_view* bytes, Undo* undo) {
  ByteReader reader(*bytes);
  const uint8_t flags = reader.ReadByte();
  if (flags >
      (kUndoSnapshotFlag | kUndoFirstFlag | kUndoCoversFlag | kStatusesFlag)) {
    return Malformed();
  }
  undo->snapshot = flags & kUndoSnapshotFlag;
  undo->first = flags & kUndoFirstFlag;
  undo->known_at = ReadTime(&reader);
  undo->recorded_at = ReadTime(&reader);
  undo->commit = reader.ReadVarint();
  undo->covers.reset();
  if ((flags & kUndoCoversFlag) != 0) {
    undo->covers.emplace();
    std::tie(undo->covers->first, undo->covers->last) = ReadSpan(&reader);
  }
  undo->fresh.clear();
  if (undo->first) {
    undo->stood = Columns();
  } else {
    ReadColumns(&reader, (flags & kStatusesFlag) != 0, &undo->stood);
    ReadOrdinals(&reader, &undo->fresh);
  }
  if (!reader.ok()) return Malformed();
  *bytes = reader.remaining();
  return absl::OkStatus();
}

std::string EncodeHead(const PackedHead& head) {
  std::string body = NewBody();
  body.push_back(static_cast<char>(head.frequency));
  AppendVarint(head.recent_count, &body);
  body.push_back(static_cast<char>((head.base ? kHeadBaseFlag : 0) |
                                   StatusesFlag(head.state)));
  if (head.base) {
    AppendTime(head.base->known_at, &body);
    AppendTime(head.base->recorded_at, &body);
    AppendVarint(static_cast<uint64_t>(head.base->vintages_since_full), &body);
  }
  AppendColumns(head.state, &body);
  absl::StrAppend(&body, head.recent);
  return Finish(std::move(body));
}

std::string EncodeHead(const Head& head) {
  std::string recent;
  for (const Undo& undo : head.recent) AppendUndo(undo, &recent);
  return EncodeHead(PackedHead{head.frequency, head.base, head.state,
                               head.recent.size(), recent});
}

absl::Status UnpackHead(absl::string_view bytes, PackedHead* head) {
  ASSIGN_OR_RETURN(absl::string_view body, CheckedBody(bytes));
  ByteReader reader(body);
  const uint8_t frequency = reader.ReadByte();
  if (!series::IsFrequency(frequency)) return Malformed();
  head->frequency = static_cast<series::Frequency>(frequency);
  const uint64_t count = reader.ReadVarint();
  const uint8_t flags = reader.ReadByte();
  const bool has_base = (flags & kHeadBaseFlag) != 0;
  // One or the other says since when the state is known.
  if ((flags & ~(kHeadBaseFlag | kStatusesFlag)) != 0 ||
      (!has_base && count == 0)) {
    return Malformed();
  }
  head->base.reset();
  if (has_base) {
    head->base.emplace();
    head->base->known_at = ReadTime(&reader);
    head->base->recorded_at = ReadTime(&reader);
    const uint64_t since_full = reader.ReadVarint();
    if (since_full > INT32_MAX) return Malformed();
    head->base->vintages_since_full = static_cast<int64_t>(since_full);
  }
  ReadColumns(&reader, (flags & kStatusesFlag) != 0, &head->state);
  // Each takes four bytes at least.
  if (!reader.ok() || count > reader.remaining().size() / 4) return Malformed();
  head->recent_count = count;
  head->recent = reader.remaining();
  return absl::OkStatus();
}

absl::StatusOr<Head> DecodeHead(absl::string_view bytes) {
  PackedHead packed;
  RETURN_IF_ERROR(UnpackHead(bytes, &packed));
  Head head{packed.frequency, packed.base, std::move(packed.state), {}};
  head.recent.resize(packed.recent_count);
  for (Undo& undo : head.recent) {
    RETURN_IF_ERROR(ReadUndo(&packed.recent, &undo));
  }
  if (!packed.recent.empty()) return Malformed();
  return head;
}

std::string EncodeCommit(const StoredCommit& commit) {
  std::string body = NewBody();
  AppendZigzag(commit.recorded_at, &body);
  const Provenance& from = commit.provenance;
  for (const std::string* text :
       {&from.source, &from.plugin, &from.plugin_version, &from.plugin_hash,
        &from.run}) {
    AppendText(*text, &body);
  }
  AppendVarint(commit.changed_series.size(), &body);
  SeriesId before = 0;
  for (SeriesId id : commit.changed_series) {
    AppendVarint(id - before, &body);
    before = id;
  }
  return Finish(std::move(body));
}

absl::StatusOr<StoredCommit> DecodeCommit(absl::string_view bytes) {
  ASSIGN_OR_RETURN(absl::string_view body, CheckedBody(bytes));
  ByteReader reader(body);
  StoredCommit commit;
  commit.recorded_at = reader.ReadZigzag();
  Provenance& from = commit.provenance;
  for (std::string* text : {&from.source, &from.plugin, &from.plugin_version,
                            &from.plugin_hash, &from.run}) {
    *text = std::string(reader.ReadText());
  }
  const uint64_t count = reader.ReadVarint();
  // Each takes a byte at least.
  if (count > reader.remaining().size()) return Malformed();
  SeriesId id = 0;
  for (uint64_t i = 0; i < count; ++i) {
    id += reader.ReadVarint();
    commit.changed_series.push_back(id);
  }
  if (!reader.AtEnd()) return Malformed();
  return commit;
}

std::string EncodeSeriesInfo(const series::SeriesInfo& info) {
  std::string body = NewBody();
  AppendText(info.key.metric, &body);
  body.push_back(static_cast<char>(info.key.frequency));
  AppendVarint(info.key.labels.pairs().size(), &body);
  for (const auto& [name, value] : info.key.labels.pairs()) {
    AppendText(name, &body);
    AppendText(value, &body);
  }
  AppendText(info.unit.ToString(), &body);
  AppendText(info.title, &body);
  AppendText(info.description, &body);
  body.push_back(static_cast<char>(info.vintage_kind));
  AppendZigzag(absl::ToInt64Nanoseconds(info.release_lag), &body);
  AppendText(info.source_name, &body);
  return Finish(std::move(body));
}

absl::StatusOr<series::SeriesInfo> DecodeSeriesInfo(absl::string_view bytes) {
  ASSIGN_OR_RETURN(absl::string_view body, CheckedBody(bytes));
  ByteReader reader(body);
  series::SeriesInfo info;
  info.key.metric = std::string(reader.ReadText());
  const uint8_t frequency = reader.ReadByte();
  if (!series::IsFrequency(frequency)) return Malformed();
  info.key.frequency = static_cast<series::Frequency>(frequency);
  const uint64_t count = reader.ReadVarint();
  if (count > reader.remaining().size()) return Malformed();
  std::vector<series::Labels::Pair> pairs;
  for (uint64_t i = 0; i < count; ++i) {
    std::string name(reader.ReadText());
    pairs.emplace_back(std::move(name), std::string(reader.ReadText()));
  }
  absl::StatusOr<series::Labels> labels =
      series::Labels::Create(std::move(pairs));
  absl::StatusOr<series::Unit> unit = series::Unit::Parse(reader.ReadText());
  if (!labels.ok() || !unit.ok()) return Malformed();
  info.key.labels = *std::move(labels);
  info.unit = *std::move(unit);
  info.title = std::string(reader.ReadText());
  info.description = std::string(reader.ReadText());
  const uint8_t kind = reader.ReadByte();
  if (!IsVintageKind(kind)) return Malformed();
  info.vintage_kind = static_cast<series::VintageKind>(kind);
  info.release_lag = absl::Nanoseconds(reader.ReadZigzag());
  info.source_name = std::string(reader.ReadText());
  if (!reader.AtEnd()) return Malformed();
  return info;
}

std::string EncodeStoredKey(const StoredKey& key) {
  std::string bytes = EncodeId(key.series);
  if (!key.owner) return bytes;
  bytes.push_back(static_cast<char>((key.contested ? kContestedFlag : 0) |
                                    (key.imported ? kImportedFlag : 0)));
  AppendText(*key.owner, &bytes);
  return bytes;
}

absl::StatusOr<StoredKey> DecodeStoredKey(absl::string_view bytes) {
  StoredKey key;
  ASSIGN_OR_RETURN(key.series, DecodeId(bytes.substr(0, kIdBytes)));
  if (bytes.size() == kIdBytes) return key;
  ByteReader reader(bytes.substr(kIdBytes));
  const uint8_t flags = reader.ReadByte();
  key.contested = (flags & kContestedFlag) != 0;
  key.imported = (flags & kImportedFlag) != 0;
  key.owner = std::string(reader.ReadText());
  if (!reader.AtEnd() || (flags & ~(kContestedFlag | kImportedFlag)) != 0) {
    return absl::DataLossError("what its key leads to is malformed");
  }
  return key;
}

std::string EncodeDescriptionKey(SeriesId series, Micros until) {
  std::string bytes = EncodeId(series);
  AppendBigEndian(~DescendingBits(until), &bytes);
  return bytes;
}

absl::StatusOr<Micros> DecodeDescriptionKey(absl::string_view bytes) {
  if (bytes.size() != 2 * kIdBytes) {
    return absl::DataLossError(
        absl::StrCat("the key of a former description has ", bytes.size(),
                     " bytes instead of ", 2 * kIdBytes));
  }
  return FromDescendingBits(~LoadBigEndian(bytes.substr(kIdBytes)));
}

std::string EncodeOrderedKey(const series::SeriesKey& key) {
  std::string bytes = key.metric;
  bytes.push_back('\0');
  for (const auto& [name, value] : key.labels.pairs()) {
    absl::StrAppend(&bytes, IndexPrefix(name, value));
  }
  bytes.push_back('\0');
  bytes.push_back(static_cast<char>(key.frequency));
  return bytes;
}

std::string IndexPrefix(absl::string_view name) {
  std::string prefix(name);
  prefix.push_back('\0');
  return prefix;
}

std::string IndexPrefix(absl::string_view name, absl::string_view value) {
  std::string prefix = IndexPrefix(name);
  absl::StrAppend(&prefix, value);
  prefix.push_back('\0');
  return prefix;
}

std::string CheckpointPrefix(absl::string_view source) {
  std::string prefix;
  AppendText(source, &prefix);
  return prefix;
}

std::string PrefixEnd(absl::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xFF) {
    end.pop_back();
  }
  if (!end.empty()) ++end.back();
  return end;
}

}  // namespace headway::store
