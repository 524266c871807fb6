// The series of the forecasting competitions, with what came after each.
//
// The files are those of directory/competitions: M3 and M4, a row a series. Of
// a set, series come in the order of directory/reference/r/order_*.txt, in
// which R and statsforecast were measured: the first n are a random sample.
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
  // "m3" and "Monthly", in the names of the files.
  absl::string_view competition;
  absl::string_view frequency;
  int horizon = 0;
  // Of the scale of errors, and what the references were given.
  int season = 1;
};

// m3_monthly, m3_quarterly, m3_yearly, m3_other, m4_yearly, m4_weekly and
// m4_hourly.
absl::Span<const CompetitionSet> CompetitionSets();

struct CompetitionSeries {
  std::string id;
  std::vector<double> past;
  // What came next. [horizon]
  std::vector<double> actual;
};

// Which of a set's series, and whether what is to be forecast is the end of the
// training part: choices made on that never see the competition's answer.
struct Selection {
  int skip = 0;
  std::optional<int> first;
  bool holdout = false;
};

struct LoadedSet {
  CompetitionSet set;
  std::vector<CompetitionSeries> series;
  // Too short to hold their end back and to forecast from the rest.
  int too_short = 0;
};

// NOT_FOUND, naming the path: a file is absent.
absl::StatusOr<LoadedSet> LoadCompetition(const std::string& directory,
                                          const CompetitionSet& set,
                                          const Selection& selection);

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_FORECAST_COMPETITION_H_
