#include "daemon/forecast/anomalies.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/seasonality.h"
#include "daemon/forecast/math/stl.h"
#include "daemon/forecast/math/stop.h"
#include "daemon/forecast/models/structural/fit.h"

namespace headway::forecast {
namespace {

constexpr int kLeastValues = 8;
// The seasonal window of STL, in cycles: that of R's `mstl` for one season.
constexpr int kSeasonalWindow = 11;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// Without gaps at either end, which cannot be filled.
struct Present {
  int first = 0;
  absl::Span<const double> values;
};

Present Trim(absl::Span<const double> values) {
  Present present{0, values};
  while (std::isnan(present.values.front())) {
    present.values.remove_prefix(1);
    ++present.first;
  }
  while (std::isnan(present.values.back())) present.values.remove_suffix(1);
  return present;
}

void RemoveSeason(int season, StopRequest stop, std::vector<double>& values) {
  const std::vector<double> filled = FillGaps(values, season, stop);
  if (!IsSeasonal(filled, season, stop)) return;
  const StlDecomposition decomposition = DecomposeStl(
      filled, DefaultStlOptions(season, kSeasonalWindow, /*robust=*/true),
      stop);
  for (size_t t = 0; t < values.size(); ++t) {
    values[t] -= decomposition.seasonal[t];
  }
}

// The median change over a quarter of the series: few of these hold any one
// spike, and a third of them any one step.
void RemoveMedianSlope(std::vector<double>& values) {
  const size_t lag = std::max<size_t>(1, values.size() / 4);
  std::vector<double> changes;
  for (size_t t = lag; t < values.size(); ++t) {
    const double change = values[t] - values[t - lag];
    if (!std::isnan(change)) changes.push_back(change);
  }
  if (changes.empty()) return;
  const auto middle = changes.begin() + changes.size() / 2;
  std::nth_element(changes.begin(), middle, changes.end());
  const double slope = *middle / static_cast<double>(lag);
  for (size_t t = 0; t < values.size(); ++t) {
    values[t] -= slope * static_cast<double>(t);
  }
}

// The filter of a local level, and its disturbance smoother (Durbin and
// Koopman 2012, 4.5).
class AuxiliaryResiduals {
 public:
  AuxiliaryResiduals(absl::Span<const double> values, double irregular,
                     double level)
      : values_(values), steps_(values.size()) {
    double state = 0;
    double variance = 0;
    bool started = false;
    for (size_t t = 0; t < values.size(); ++t) {
      Step& step = steps_[t];
      if (!std::isnan(values[t])) {
        if (started) {
          step.share = 1 / (variance + irregular);
          step.error = values[t] - state;
          step.gain = variance * step.share;
        } else {
          // A diffuse level: its variance is beyond all bounds.
          step.gain = 1;
          step.error = values[t] - state;
          variance = irregular;
          started = true;
        }
        state += step.gain * step.error;
        if (step.share > 0) variance *= 1 - step.gain;
      }
      variance += level;
    }
  }

  // The anomaly of the greatest score; an outlier if a step scores the same.
  Anomaly Greatest() const {
    Anomaly greatest;
    double pull = 0;       // of the values after t on the level
    double precision = 0;  // of that
    const auto consider = [&greatest](size_t t, AnomalyKind kind, double sum,
                                      double weight) {
      if (!(weight > 0)) return;
      const double score = sum / std::sqrt(weight);
      // A hair's breadth decides between two that are the same.
      if (!(std::abs(score) > std::abs(greatest.score) * (1 + 1e-9))) return;
      greatest.position = static_cast<int>(t);
      greatest.kind = kind;
      greatest.size = sum / weight;
      greatest.score = score;
    };
    for (size_t t = steps_.size(); t-- > 0;) {
      const Step& step = steps_[t];
      if (std::isnan(values_[t])) continue;
      const double scaled = step.error * step.share;
      consider(t, AnomalyKind::kOutlier, scaled - step.gain * pull,
               step.share + step.gain * step.gain * precision);
      const double kept = 1 - step.gain;
      pull = scaled + kept * pull;
      precision = step.share + kept * kept * precision;
      // Before the first value there is no level to step from.
      if (step.share > 0) {
        consider(t, AnomalyKind::kLevelShift, pull, precision);
      }
    }
    return greatest;
  }

 private:
  struct Step {
    double error = 0;
    double share = 0;  // one over the error's variance
    double gain = 0;
  };

  absl::Span<const double> values_;
  std::vector<Step> steps_;
};

void TakeOut(const Anomaly& anomaly, std::vector<double>& values) {
  if (anomaly.kind == AnomalyKind::kOutlier) {
    values[anomaly.position] = kMissing;
    return;
  }
  for (size_t t = anomaly.position; t < values.size(); ++t) {
    values[t] -= anomaly.size;
  }
}

// One by one, as each hides others, until none scores more than `limit`. The
// variances are too large as long as any is left, so that what they let through
// does not belong.
void TakeOutAll(const StructuralVariances& variances, double limit, size_t most,
                StopRequest stop, std::vector<double>& values,
                std::vector<Anomaly>& anomalies) {
  while (anomalies.size() < most && !stop.RequestedAfter(4 * values.size())) {
    const Anomaly anomaly =
        AuxiliaryResiduals(values, variances.irregular, variances.level)
            .Greatest();
    if (!(std::abs(anomaly.score) > limit)) return;
    TakeOut(anomaly, values);
    anomalies.push_back(anomaly);
  }
}

absl::Status Check(absl::Span<const double> values, int season) {
  if (season < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("a season has at least 1 period, not ", season));
  }
  for (size_t t = 0; t < values.size(); ++t) {
    if (std::isinf(values[t])) {
      return absl::InvalidArgumentError(absl::StrCat(
          "value ", t, " is infinite; give NaN where a value is missing"));
    }
  }
  const int present = CountPresent(values);
  if (present < kLeastValues) {
    return absl::FailedPreconditionError(
        absl::StrCat("anomalies are looked for among at least ", kLeastValues,
                     " values, and there are ", present));
  }
  return absl::OkStatus();
}

// Of values of at most size one: what is left to differ are errors of rounding.
bool IsFlat(absl::Span<const double> values) {
  constexpr double kRounding = 1e-13;
  double least = 1, greatest = -1;
  for (double value : values) {
    if (std::isnan(value)) continue;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  return greatest - least <= kRounding;
}

}  // namespace

absl::StatusOr<std::vector<Anomaly>> FindAnomalies(
    absl::Span<const double> values, int season,
    const std::function<bool()>& stopped) {
  RETURN_IF_ERROR(Check(values, season));
  StopLatch latch(stopped);
  const StopRequest stop(latch);
  if (stop.Ask()) return GivenUp();
  const Present present = Trim(values);
  // A power of two brings the largest value to size one.
  double largest = 0;
  for (double value : present.values) {
    if (!std::isnan(value)) largest = std::max(largest, std::abs(value));
  }
  int exponent = 0;
  std::frexp(largest, &exponent);
  std::vector<double> adjusted;
  for (double value : present.values) {
    adjusted.push_back(std::ldexp(value, -exponent));
  }
  RemoveSeason(season, stop, adjusted);
  RemoveMedianSlope(adjusted);
  const int count = CountPresent(adjusted);
  // Two kinds and two signs.
  const double limit = -NormalQuantile(kFalseAlarm / (4.0 * count));
  std::vector<Anomaly> anomalies;
  const size_t most = count / kValuesPerAnomaly + 1;
  bool found = true;
  while (found && anomalies.size() < most && !IsFlat(adjusted)) {
    const size_t before = anomalies.size();
    const absl::StatusOr<StructuralFit> fit =
        FitStructural(adjusted, StructuralForm{}, 1, stop);
    // Too few are left.
    if (!fit.ok()) break;
    TakeOutAll(fit->variances, limit, most, stop, adjusted, anomalies);
    found = anomalies.size() > before;
  }
  if (stop.Ask()) return GivenUp();
  for (Anomaly& anomaly : anomalies) {
    anomaly.observed = present.values[anomaly.position];
    anomaly.position += present.first;
    anomaly.size = std::ldexp(anomaly.size, exponent);
  }
  std::sort(anomalies.begin(), anomalies.end(),
            [](const Anomaly& a, const Anomaly& b) {
              return a.position < b.position;
            });
  return anomalies;
}

}  // namespace headway::forecast
