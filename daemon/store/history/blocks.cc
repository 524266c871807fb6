#include "daemon/store/history/blocks.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "daemon/base/status_macros.h"

namespace headway::store {
namespace {

std::string DescribeKey(const View& view, const VintageKey& key) {
  auto text = [](Micros micros) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ",
                            absl::FromUnixMicros(micros), absl::UTCTimeZone());
  };
  return absl::StrCat("store ", view.location(), ": block of series ",
                      key.series, ", known_at ", text(key.known_at),
                      ", recorded_at ", text(key.recorded_at),
                      " is damaged, restore it from a backup");
}

absl::StatusOr<Head> UnpackAll(const PackedHead& packed) {
  Head head{packed.frequency, packed.base, packed.state, {}};
  head.recent.resize(packed.recent_count);
  absl::string_view recent = packed.recent;
  for (Undo& undo : head.recent) RETURN_IF_ERROR(ReadUndo(&recent, &undo));
  return head;
}

}  // namespace

absl::StatusOr<std::vector<StoredVintage>> ReadBack(
    const View& view, SeriesId id, Micros as_of, Micros recorded_by,
    absl::FunctionRef<bool(const StoredVintage&)> is_last) {
  std::vector<StoredVintage> vintages;
  const std::unique_ptr<Cursor> it = view.NewCursor(Family::kVintages);
  for (it->Seek(EncodeVintageKey({id, as_of, kForever})); it->Valid();
       it->Next()) {
    ASSIGN_OR_RETURN(VintageKey key, DecodeVintageKey(it->key()));
    if (key.series != id) break;
    if (key.recorded_at > recorded_by) continue;
    // An older recording of a vintage that we have.
    if (!vintages.empty() && vintages.back().known_at == key.known_at) continue;
    absl::StatusOr<Block> block = DecodeBlock(it->value());
    if (!block.ok()) return Annotate(block.status(), DescribeKey(view, key));
    vintages.push_back({key.known_at, key.recorded_at, *std::move(block)});
    if (is_last(vintages.back())) break;
  }
  RETURN_IF_ERROR(it->status());
  return vintages;
}

absl::StatusOr<std::vector<StoredVintage>> ReadForward(const View& view,
                                                       SeriesId id,
                                                       Micros after,
                                                       size_t limit) {
  std::vector<StoredVintage> vintages;
  // Newer vintages have lesser keys.
  const std::unique_ptr<Cursor> it = view.NewCursor(
      Family::kVintages, {.lower = EncodeId(id),
                          .upper = EncodeVintageKey({id, after, kForever}),
                          .descending = true});
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    ASSIGN_OR_RETURN(const VintageKey key, DecodeVintageKey(it->key()));
    const bool is_again =
        !vintages.empty() && vintages.back().known_at == key.known_at;
    if (!is_again && vintages.size() == limit) break;
    absl::StatusOr<Block> block = DecodeBlock(it->value());
    if (!block.ok()) return Annotate(block.status(), DescribeKey(view, key));
    // A newer recording of the vintage comes behind the older one.
    if (is_again) vintages.pop_back();
    vintages.push_back({key.known_at, key.recorded_at, *std::move(block)});
  }
  RETURN_IF_ERROR(it->status());
  return vintages;
}

void WriteBlock(SeriesId id, const StoredVintage& vintage, WriteBatch* batch) {
  batch->Put(Family::kVintages,
             EncodeVintageKey({id, vintage.known_at, vintage.recorded_at}),
             EncodeBlock(vintage.block));
}

absl::StatusOr<std::vector<StoredVintage>> MoveToBlocks(SeriesId id,
                                                        int interval,
                                                        PackedHead* head,
                                                        WriteBatch* batch) {
  if (head->recent_count == 0) return std::vector<StoredVintage>();
  ASSIGN_OR_RETURN(Head unpacked, UnpackAll(*head));
  int64_t since_full = 0;
  std::vector<StoredVintage> blocks = ToBlocks(unpacked, interval, &since_full);
  for (const StoredVintage& block : blocks) WriteBlock(id, block, batch);
  head->base =
      Base{blocks.front().known_at, blocks.front().recorded_at, since_full};
  head->recent_count = 0;
  head->recent = absl::string_view();
  return blocks;
}

Cells SaidCells(const Block& block) {
  const Cells cells = ToCells(block.columns);
  return block.full ? Only(cells, block.said) : cells;
}

absl::StatusOr<BlockAnswer> ReadFromBlocks(const View& view, SeriesId id,
                                           Micros as_of, Micros recorded_by) {
  ASSIGN_OR_RETURN(
      std::vector<StoredVintage> newest_first,
      ReadBack(view, id, as_of, recorded_by,
               [](const StoredVintage& v) { return v.block.full; }));
  BlockAnswer answer;
  if (newest_first.empty()) return answer;
  answer.known_at = newest_first.front().known_at;
  answer.state = std::move(newest_first.back().block.columns);
  newest_first.pop_back();
  for (auto it = newest_first.rbegin(); it != newest_first.rend(); ++it) {
    OverlayOnto(it->block.columns, &answer.state);
  }
  return answer;
}

absl::StatusOr<std::vector<StoredVintage>> ReadAllVintages(const View& view,
                                                           SeriesId id) {
  return ReadVintagesBy(view, id, kForever, kForever);
}

absl::StatusOr<std::vector<StoredVintage>> ReadVintagesBy(const View& view,
                                                          SeriesId id,
                                                          Micros as_of,
                                                          Micros recorded_by) {
  PinnedValue bytes;
  ASSIGN_OR_RETURN(bool is_there, GetHead(view, id, &bytes));
  if (!is_there) return std::vector<StoredVintage>();
  absl::StatusOr<Head> head = DecodeHead(bytes.bytes);
  if (!head.ok()) return DescribeDamage(view, id, head.status());
  int64_t since_full = 0;
  std::vector<StoredVintage> newest_first =
      ToBlocks(*head, std::numeric_limits<int>::max(), &since_full);
  std::erase_if(newest_first, [&](const StoredVintage& v) {
    return v.known_at > as_of || v.recorded_at > recorded_by;
  });
  if (!head->base) return newest_first;
  ASSIGN_OR_RETURN(std::vector<StoredVintage> older,
                   ReadBack(view, id, as_of, recorded_by,
                            [](const StoredVintage&) { return false; }));
  std::move(older.begin(), older.end(), std::back_inserter(newest_first));
  return newest_first;
}

}  // namespace headway::store
