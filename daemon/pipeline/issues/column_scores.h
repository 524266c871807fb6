// What the issued forecasts of one series scored.
//
// Not thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_ISSUES_COLUMN_SCORES_H_
#define HEADWAY_DAEMON_PIPELINE_ISSUES_COLUMN_SCORES_H_

#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/pipeline/issues/first_releases.h"
#include "daemon/scores/stratum.h"
#include "daemon/scores/track_record.h"
#include "daemon/series/observations.h"
#include "daemon/series/step_axis.h"
#include "headway/v1/forecast.pb.h"

namespace headway::pipeline {

struct StratumKey {
  // Empty: all.
  std::string method;
  scores::StepRange steps;
  v1::ActualKind actuals = v1::LATEST;

  auto operator<=>(const StratumKey&) const = default;
};

struct StratumScores {
  int issues = 0;
  scores::StratumBuilder builder;
};

using Strata = std::map<StratumKey, StratumScores>;

v1::TrackStratum ToProto(const StratumKey& key, const StratumScores& scores);

// Is given every issue twice: to Note, newest first, and then to Add. Forecasts
// are of this series, in its unit and frequency; INVALID_ARGUMENT for one that
// is malformed.
class ColumnScores {
 public:
  // `actuals` must outlive this.
  ColumnScores(const series::Observations* actuals, bool with_strata);

  absl::Status Note(const v1::Forecast& forecast);
  absl::Status Add(const v1::Forecast& forecast);

  // After the last issue. Without labels and unit.
  absl::StatusOr<v1::TrackRecord> Record();
  // After Record, which gives them their scale.
  const Strata& strata() const { return strata_; }

 private:
  absl::Status AddToStrata(const v1::Forecast& forecast,
                           const v1::ForecastStep& step, int32_t origin,
                           int32_t ordinal, double actual);
  std::optional<double> NaiveAt(int32_t origin, int distance) const;
  std::optional<double> Scale() const;

  const series::Observations& actuals_;
  const bool with_strata_;
  const series::StepAxis axis_;
  // From the first step of the axis to the last, NaN where there is none.
  const std::vector<double> values_;
  FirstReleases first_releases_;
  scores::TrackRecordBuilder builder_;
  int32_t issues_ = 0;
  int32_t rescaled_ = 0;
  // The last observation of the scored forecast that knew the least.
  int32_t first_origin_ = std::numeric_limits<int32_t>::max();
  Strata strata_;
  // Those that the issue at work was counted in.
  std::set<StratumKey> counted_in_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_ISSUES_COLUMN_SCORES_H_
