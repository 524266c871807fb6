#include "tools/headway/render/strata_rows.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

// Levels are decimal fractions.
int ToPermille(double level) {
  return static_cast<int>(std::lround(1000 * level));
}

std::string LevelName(int permille) {
  return absl::StrCat("cover", permille / 10.0);
}

std::string StepsOf(const v1::TrackStratum& stratum) {
  if (stratum.last_step() == 0) return "all";
  if (stratum.first_step() == stratum.last_step()) {
    return absl::StrCat(stratum.first_step());
  }
  return absl::StrCat(stratum.first_step(), "-", stratum.last_step());
}

Cell RatioCell(bool is_there, double value) {
  return is_there ? Cell(absl::StrFormat("%.3f", value), absl::StrCat(value))
                  : MissingCell();
}

// "83 % (71-91)".
Cell CoverageCell(const v1::TrackStratum& stratum, int permille) {
  for (const v1::IntervalCoverage& interval : stratum.coverage()) {
    if (ToPermille(interval.level()) != permille) continue;
    return {absl::StrFormat("%.0f %% (%.0f-%.0f)", 100 * interval.share(),
                            100 * interval.low(), 100 * interval.high()),
            absl::StrCat(interval.share())};
  }
  return MissingCell();
}

// Eight heights would show hardly anything of shares that are all near a tenth:
// the highest is the tallest block.
Cell PitCell(const v1::TrackStratum& stratum) {
  std::vector<double> shares = {0};
  shares.insert(shares.end(), stratum.pit().begin(), stratum.pit().end());
  const std::string blocks = Sparkline(shares, static_cast<int>(shares.size()));
  // Without the zero that fixes the lowest height: a block has three bytes.
  constexpr size_t kBlockBytes = 3;
  return {blocks.size() > kBlockBytes ? blocks.substr(kBlockBytes) : "",
          absl::StrJoin(stratum.pit(), " ")};
}

}  // namespace

Table StrataTable(
    const google::protobuf::RepeatedPtrField<v1::TrackStratum>& strata,
    const std::string& unit) {
  std::set<int> levels;
  for (const v1::TrackStratum& stratum : strata) {
    for (const v1::IntervalCoverage& interval : stratum.coverage()) {
      levels.insert(ToPermille(interval.level()));
    }
  }
  const bool has_unit = !unit.empty();
  std::vector<Column> columns = {
      {.name = "method", .shrinkable = true},
      {.name = "steps"},
      {.name = "actuals"},
      {.name = "issues", .align = Align::kRight},
      {.name = "outcomes", .align = Align::kRight},
      {.name = "mae", .align = Align::kRight, .csv_only = !has_unit},
      {.name = "mase", .align = Align::kRight},
      {.name = "wis", .align = Align::kRight, .csv_only = !has_unit},
      {.name = "swis", .align = Align::kRight},
      {.name = "skill", .align = Align::kRight}};
  for (int level : levels) {
    columns.push_back({.name = LevelName(level), .align = Align::kRight});
  }
  columns.push_back({.name = "pit"});
  Table table(columns);
  for (const v1::TrackStratum& stratum : strata) {
    std::vector<Cell> cells = {
        stratum.method().empty() ? "all" : stratum.method(),
        StepsOf(stratum),
        stratum.actuals() == v1::FIRST_RELEASE ? "first" : "latest",
        CountCell(stratum.issues()),
        CountCell(stratum.outcomes()),
        ValueCell(stratum.mean_absolute_error(), unit),
        RatioCell(stratum.has_mean_scaled_error(), stratum.mean_scaled_error()),
        ValueCell(stratum.mean_weighted_interval_score(), unit),
        RatioCell(stratum.has_mean_scaled_interval_score(),
                  stratum.mean_scaled_interval_score()),
        RatioCell(stratum.has_skill(), stratum.skill())};
    for (int level : levels) cells.push_back(CoverageCell(stratum, level));
    cells.push_back(PitCell(stratum));
    table.AddRow(std::move(cells));
  }
  return table;
}

}  // namespace headway::cli
