// Reader::ReadTriangle and Reader::CompareReleases.
#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/base/status_macros.h"
#include "daemon/store/format/cells.h"
#include "daemon/store/history/blocks.h"
#include "daemon/store/history/catalogue.h"
#include "daemon/store/reader.h"

namespace headway::store {
namespace {

// What one vintage says within a range.
struct RangeVintage {
  Micros known_at = 0;
  Cells said;
};

absl::StatusOr<std::vector<RangeVintage>> ReadRange(
    const View& view, SeriesId id, const ReadOptions& options) {
  ASSIGN_OR_RETURN(std::vector<StoredVintage> newest_first,
                   ReadVintagesBy(view, id, absl::ToUnixMicros(options.as_of),
                                  absl::ToUnixMicros(options.recorded_by)));
  std::vector<RangeVintage> vintages;
  for (auto it = newest_first.rbegin(); it != newest_first.rend(); ++it) {
    RangeVintage vintage{it->known_at, SaidCells(it->block)};
    std::erase_if(vintage.said, [&](const Cell& cell) {
      return cell.ordinal < options.first || cell.ordinal > options.last;
    });
    vintages.push_back(std::move(vintage));
  }
  return vintages;
}

bool Changes(const Cells& said, const Cells& state) {
  return std::any_of(said.begin(), said.end(), [&](const Cell& cell) {
    const Cell* before = FindCell(state, cell.ordinal);
    return before == nullptr ? !cell.withdrawn : !Same(*before, cell);
  });
}

void Revise(const Cell& cell, absl::Time known_at, Release* release) {
  if (cell.value == release->latest) return;
  release->latest = cell.value;
  release->latest_known_at = known_at;
  ++release->revisions;
}

}  // namespace

absl::StatusOr<std::vector<series::Observations>> Reader::ReadTriangle(
    SeriesId id, const ReadOptions& options) const {
  ASSIGN_OR_RETURN(SeriesEntry entry, store::GetSeries(*view_, id));
  ASSIGN_OR_RETURN(std::vector<RangeVintage> vintages,
                   ReadRange(*view_, id, options));
  std::vector<series::Observations> triangle;
  Cells state;
  for (const RangeVintage& vintage : vintages) {
    if (!Changes(vintage.said, state)) continue;
    OverlayOnto(vintage.said, &state);
    Columns columns = ToColumns(state);
    triangle.push_back({entry.info.key.frequency, std::move(columns.ordinals),
                        std::move(columns.values),
                        absl::FromUnixMicros(vintage.known_at),
                        std::move(columns.statuses)});
  }
  return triangle;
}

absl::StatusOr<std::vector<Release>> Reader::CompareReleases(
    SeriesId id, const ReadOptions& options) const {
  RETURN_IF_ERROR(store::GetSeries(*view_, id).status());
  ASSIGN_OR_RETURN(std::vector<RangeVintage> vintages,
                   ReadRange(*view_, id, options));
  struct Story {
    Release release;
    bool is_withdrawn = false;
  };
  std::map<int32_t, Story> stories;
  for (const RangeVintage& vintage : vintages) {
    const absl::Time known_at = absl::FromUnixMicros(vintage.known_at);
    for (const Cell& cell : vintage.said) {
      auto story = stories.find(cell.ordinal);
      if (story != stories.end()) {
        story->second.is_withdrawn = cell.withdrawn;
        if (!cell.withdrawn) Revise(cell, known_at, &story->second.release);
      } else if (!cell.withdrawn) {
        stories[cell.ordinal].release = {cell.ordinal, cell.value, known_at,
                                         cell.value,   known_at,   0};
      }
    }
  }
  std::vector<Release> releases;
  for (const auto& [ordinal, story] : stories) {
    if (!story.is_withdrawn) releases.push_back(story.release);
  }
  return releases;
}

}  // namespace headway::store
