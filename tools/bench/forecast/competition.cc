#include "tools/bench/forecast/competition.h"

#include <fstream>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/input/series_table.h"

namespace headway::bench {
namespace {

constexpr CompetitionSet kSets[] = {
    {"m3_monthly", "m3", "Monthly", 18, 12},
    {"m3_quarterly", "m3", "Quarterly", 8, 4},
    {"m3_yearly", "m3", "Yearly", 6, 1},
    {"m3_other", "m3", "Other", 8, 1},
    {"m4_yearly", "m4", "Yearly", 6, 1},
    {"m4_weekly", "m4", "Weekly", 13, 1},
    {"m4_hourly", "m4", "Hourly", 48, 24},
};

// The least number of values before the held-out end.
int LeastPast(const CompetitionSet& set) { return 2 * set.season + 3; }

using Values = absl::flat_hash_map<std::string, std::vector<double>>;

absl::StatusOr<Values> LoadValues(const std::string& path) {
  ASSIGN_OR_RETURN(cli::SeriesTable table, cli::ReadSeriesTable(path));
  if (!table.bad_rows.empty()) return table.bad_rows[0];
  Values values;
  for (cli::SeriesRow& row : table.rows) {
    values.emplace(std::move(row.id), std::move(row.values));
  }
  return values;
}

absl::StatusOr<std::vector<std::string>> LoadOrder(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> ids;
  for (std::string id; file >> id;) ids.push_back(std::move(id));
  if (ids.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no ids in ", path,
                     "; point HEADWAY_SHARED_DATA or --data to the directory "
                     "that holds competitions/ and reference/"));
  }
  return ids;
}

// False if the rest is too short.
bool HoldBack(const CompetitionSet& set, CompetitionSeries& series) {
  const int rest = static_cast<int>(series.past.size()) - set.horizon;
  if (rest < LeastPast(set)) return false;
  series.actual.assign(series.past.begin() + rest, series.past.end());
  series.past.resize(rest);
  return true;
}

}  // namespace

absl::Span<const CompetitionSet> CompetitionSets() { return kSets; }

absl::StatusOr<LoadedSet> LoadCompetition(const std::string& directory,
                                          const CompetitionSet& set,
                                          const Selection& selection) {
  const std::string stem = absl::StrCat(directory, "/competitions/",
                                        set.competition, "/", set.frequency);
  ASSIGN_OR_RETURN(
      const std::vector<std::string> ids,
      LoadOrder(absl::StrCat(directory, "/reference/r/order_", set.competition,
                             "_", set.frequency, ".txt")));
  ASSIGN_OR_RETURN(Values past, LoadValues(stem + "-train.csv"));
  ASSIGN_OR_RETURN(Values actual, LoadValues(stem + "-test.csv"));
  LoadedSet loaded{.set = set};
  const size_t begin = std::min<size_t>(selection.skip, ids.size());
  const size_t end =
      selection.first ? std::min<size_t>(begin + *selection.first, ids.size())
                      : ids.size();
  for (size_t i = begin; i < end; ++i) {
    CompetitionSeries series{ids[i], std::move(past[ids[i]]),
                             std::move(actual[ids[i]])};
    if (series.past.empty() ||
        static_cast<int>(series.actual.size()) != set.horizon) {
      return absl::DataLossError(
          absl::StrCat("series ", series.id, " of ", stem, "-*.csv has ",
                       series.past.size(), " values and ", series.actual.size(),
                       " to forecast instead of ", set.horizon));
    }
    if (selection.holdout && !HoldBack(set, series)) {
      ++loaded.too_short;
      continue;
    }
    loaded.series.push_back(std::move(series));
  }
  return loaded;
}

}  // namespace headway::bench
