#include "daemon/store/format.h"

#include <zlib.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/codec.h"

namespace headway::store {
namespace {

constexpr uint8_t kFullFlag = 1;
constexpr uint8_t kSnapshotFlag = 2;

constexpr size_t kChecksumBytes = 4;

uint32_t Checksum(absl::string_view bytes) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
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

constexpr uint64_t kSignBit = uint64_t{1} << 63;

uint64_t DescendingBits(Micros time) {
  return ~(static_cast<uint64_t>(time) ^ kSignBit);
}

Micros FromDescendingBits(uint64_t bits) {
  return static_cast<Micros>(~bits ^ kSignBit);
}

void AppendColumns(const Columns& columns, std::string* out) {
  AppendOrdinals(columns.ordinals, out);
  AppendValues(columns.values, out);
  AppendOrdinals(columns.withdrawn, out);
}

Columns ReadColumns(ByteReader* reader) {
  Columns columns;
  ReadOrdinals(reader, &columns.ordinals);
  ReadValues(columns.ordinals.size(), reader, &columns.values);
  ReadOrdinals(reader, &columns.withdrawn);
  return columns;
}

bool IsFrequency(uint8_t byte) { return byte >= 1 && byte <= 5; }
bool IsVintageKind(uint8_t byte) { return byte >= 1 && byte <= 3; }

}  // namespace

std::string WithChecksum(absl::string_view body) {
  std::string bytes;
  bytes.reserve(kChecksumBytes + body.size());
  AppendFixed32(Checksum(body), &bytes);
  bytes.append(body.data(), body.size());
  return bytes;
}

absl::StatusOr<absl::string_view> CheckedBody(absl::string_view bytes) {
  ByteReader reader(bytes);
  const uint32_t expected = reader.ReadFixed32();
  if (!reader.ok()) return absl::DataLossError("it is cut short");
  if (Checksum(reader.rest()) != expected) {
    return absl::DataLossError("its checksum does not hold");
  }
  return reader.rest();
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
  std::string body;
  body.push_back(static_cast<char>((block.full ? kFullFlag : 0) |
                                   (block.snapshot ? kSnapshotFlag : 0)));
  AppendVarint(block.commit, &body);
  AppendZigzag(block.first_covered, &body);
  AppendVarint(
      static_cast<uint64_t>(int64_t{block.last_covered} - block.first_covered),
      &body);
  AppendColumns(block.said, &body);
  if (block.full) AppendColumns(block.inherited, &body);
  return WithChecksum(body);
}

absl::StatusOr<Block> DecodeBlock(absl::string_view bytes) {
  ASSIGN_OR_RETURN(absl::string_view body, CheckedBody(bytes));
  ByteReader reader(body);
  Block block;
  const uint8_t flags = reader.ReadByte();
  if ((flags & ~(kFullFlag | kSnapshotFlag)) != 0) return Malformed();
  block.full = flags & kFullFlag;
  block.snapshot = flags & kSnapshotFlag;
  block.commit = reader.ReadVarint();
  const int64_t first = reader.ReadZigzag();
  const uint64_t span = reader.ReadVarint();
  if (first < INT32_MIN || first > INT32_MAX ||
      span > static_cast<uint64_t>(INT32_MAX - first)) {
    return Malformed();
  }
  block.first_covered = static_cast<int32_t>(first);
  block.last_covered = static_cast<int32_t>(first + static_cast<int64_t>(span));
  block.said = ReadColumns(&reader);
  if (block.full) block.inherited = ReadColumns(&reader);
  if (!reader.AtEnd()) return Malformed();
  return block;
}

std::string EncodeCurrentState(const CurrentState& state) {
  std::string body;
  body.push_back(static_cast<char>(state.frequency));
  AppendZigzag(state.known_at, &body);
  AppendZigzag(state.recorded_at, &body);
  AppendVarint(static_cast<uint64_t>(state.vintages_since_full), &body);
  AppendColumns(state.columns, &body);
  return WithChecksum(body);
}

absl::StatusOr<CurrentState> DecodeCurrentState(absl::string_view bytes) {
  ASSIGN_OR_RETURN(absl::string_view body, CheckedBody(bytes));
  ByteReader reader(body);
  CurrentState state;
  const uint8_t frequency = reader.ReadByte();
  if (!IsFrequency(frequency)) return Malformed();
  state.frequency = static_cast<series::Frequency>(frequency);
  state.known_at = reader.ReadZigzag();
  state.recorded_at = reader.ReadZigzag();
  const uint64_t since_full = reader.ReadVarint();
  if (since_full > INT32_MAX) return Malformed();
  state.vintages_since_full = static_cast<int64_t>(since_full);
  state.columns = ReadColumns(&reader);
  if (!reader.AtEnd()) return Malformed();
  return state;
}

std::string EncodeCommit(const StoredCommit& commit) {
  std::string body;
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
  return WithChecksum(body);
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
  if (count > reader.rest().size()) return Malformed();
  SeriesId id = 0;
  for (uint64_t i = 0; i < count; ++i) {
    id += reader.ReadVarint();
    commit.changed_series.push_back(id);
  }
  if (!reader.AtEnd()) return Malformed();
  return commit;
}

std::string EncodeSeriesInfo(const series::SeriesInfo& info) {
  std::string body;
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
  return WithChecksum(body);
}

absl::StatusOr<series::SeriesInfo> DecodeSeriesInfo(absl::string_view bytes) {
  ASSIGN_OR_RETURN(absl::string_view body, CheckedBody(bytes));
  ByteReader reader(body);
  series::SeriesInfo info;
  info.key.metric = std::string(reader.ReadText());
  const uint8_t frequency = reader.ReadByte();
  if (!IsFrequency(frequency)) return Malformed();
  info.key.frequency = static_cast<series::Frequency>(frequency);
  const uint64_t count = reader.ReadVarint();
  if (count > reader.rest().size()) return Malformed();
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
