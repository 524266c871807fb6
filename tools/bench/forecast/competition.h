// The series of the forecasting competitions M3 and M4, with the values that
// followed each.
//
// The files are those of directory/competitions, with one series a row. The
// series of a set come in the order of directory/reference/r/order_*.txt, in
// which R and statsforecast were run on them: the first n are a random sample.
#ifndef HEADWAY_TOOLS_BENCH_FORECAST_COMPETITION_H_
#define HEADWAY_TOOLS_BENCH_FORECAST_COMPETITION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace headway::bench {

struct CompetitionSet {
  // "m3_monthly".
  absl::string_view name;
  // "m3" and "Monthly", as in the names of the files.
  absl::string_view competition;
  absl::string_view frequency;
  int horizon = 0;
  // Periods in a cycle, for the scale of errors and for the methods; also what
  // the references were given.
  int season = 1;
};

// m3_monthly, m3_quarterly, m3_yearly, m3_other, m4_yearly, m4_weekly and
// m4_hourly.
absl::Span<const CompetitionSet> CompetitionSets();

struct CompetitionSeries {
  std::string id;
  std::vector<double> past;
  // The values that followed. [horizon]
  std::vector<double> actual;
};

// Which series of a set are forecast, and which part of each. With `holdout` it
// is the end of the training part, so that choices can be made without seeing
// the test part.
struct Selection {
  int skip = 0;
  std::optional<int> first;
  bool holdout = false;
};

struct LoadedSet {
  CompetitionSet set;
  std::vector<CompetitionSeries> series;
  // The number of series left out with `holdout`, since the rest of the
  // training part is too short to forecast from.
  int too_short = 0;
};

// NOT_FOUND, naming the path, if a file is absent.
absl::StatusOr<LoadedSet> LoadCompetition(const std::string& directory,
                                          const CompetitionSet& set,
                                          const Selection& selection);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_FORECAST_COMPETITION_H_
