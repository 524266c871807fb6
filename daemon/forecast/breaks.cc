#include "daemon/forecast/breaks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/arima/design.h"
#include "daemon/forecast/arima/predict.h"
#include "daemon/forecast/arima/search.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/stop.h"
#include "daemon/forecast/math/transform.h"

namespace headway::forecast {
namespace {

// A step of the level on the scale of the transform.
struct Step {
  int position = 0;
  double size = 0;
  std::optional<double> variance;
};

absl::Status CheckBreaks(absl::Span<const double> values,
                         const std::vector<Break>& breaks) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isinf(values[i])) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("value ", values[i], " at position ", i + 1,
                     " is infinite; correct it, or leave it missing"));
  }
  int before = -1;
  for (const Break& one : breaks) {
    if (one.position < 0 || one.position >= static_cast<int>(values.size())) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a break at position ", one.position, " lies outside the ",
          values.size(), " values; give one from 0 to ", values.size() - 1));
    }
    if (one.position == before) {
      return absl::InvalidArgumentError(absl::StrCat(
          "two breaks at position ", one.position, "; give one of them"));
    }
    before = one.position;
  }
  return absl::OkStatus();
}

Curve CurveFor(const BreakOptions& options) {
  const bool grows_by_factors = options.quantity == Quantity::kIndex ||
                                options.quantity == Quantity::kGrowth;
  return options.bounds != Bounds::kNone || grows_by_factors
             ? Curve::kExponential
             : Curve::kStraight;
}

// The position of the last value before `position` that is there; -1 if none.
int LastBefore(absl::Span<const double> values, int position) {
  do {
    --position;
  } while (position >= 0 && std::isnan(values[position]));
  return position;
}

// The positions of the level's breaks that change anything.
std::vector<int> PositionsOfSteps(absl::Span<const double> values,
                                  const std::vector<Break>& breaks, int start) {
  std::vector<int> positions;
  for (const Break& one : breaks) {
    const int position = one.position - start;
    if (one.kind != BreakKind::kLevel || position < 0) continue;
    const int last = LastBefore(values, position);
    if (last < 0) continue;
    if (CountPresent(values.subspan(position)) == 0) continue;
    if (!positions.empty() && last < positions.back()) positions.pop_back();
    positions.push_back(position);
  }
  return positions;
}

// The change at each break, for want of a model.
std::vector<Step> ChangesAt(const std::vector<int>& positions,
                            absl::Span<const double> scaled) {
  std::vector<Step> steps;
  for (int position : positions) {
    int next = position;
    while (std::isnan(scaled[next])) ++next;
    steps.push_back(
        {position, scaled[next] - scaled[LastBefore(scaled, position)], {}});
  }
  return steps;
}

Regressors StepColumns(const std::vector<int>& positions, size_t size) {
  Regressors columns;
  for (int position : positions) {
    std::vector<double>& column = columns.emplace_back(size, 0.0);
    std::fill(column.begin() + position, column.end(), 1.0);
  }
  return columns;
}

// FAILED_PRECONDITION: too few values for a model, or a break so close to an
// end that the model sees nothing of it.
absl::StatusOr<std::vector<Step>> EstimateSteps(
    const std::vector<int>& positions, absl::Span<const double> scaled,
    int season, StopRequest stop) {
  const Trimmed trimmed = TrimMissing(scaled);
  const int leading = static_cast<int>(scaled.size() - trimmed.values.size()) -
                      trimmed.trailing;
  std::vector<int> within;
  for (int position : positions) within.push_back(position - leading);
  const Regressors columns = StepColumns(within, trimmed.values.size());
  ASSIGN_OR_RETURN(const ArimaForm form,
                   FindDifferences(trimmed.values, season, columns, stop));
  if (UsableRegressors(trimmed.values, form, columns).size() !=
      columns.size()) {
    return absl::FailedPreconditionError("a break is lost in the differences");
  }
  ASSIGN_OR_RETURN(const ArimaSearch search,
                   SearchArima(trimmed.values, form, columns, stop));
  if (!std::isfinite(search.best.aicc)) {
    return absl::FailedPreconditionError("too few values for a model");
  }
  ASSIGN_OR_RETURN(const ArimaPath path,
                   PredictArima(search.design, search.best, 1,
                                Regressors(columns.size(), {1.0}), stop));
  std::vector<Step> steps;
  const size_t first = search.best.form.has_constant ? 1 : 0;
  for (size_t i = 0; i < positions.size(); ++i) {
    steps.push_back({positions[i], search.best.regression[first + i],
                     path.effect_variance[i]});
  }
  return steps;
}

// The steps of values on the scale of a transform.
absl::StatusOr<std::vector<Step>> FindSteps(const std::vector<int>& positions,
                                            std::vector<double> scaled,
                                            int season, StopRequest stop) {
  if (positions.empty()) return std::vector<Step>();
  // A power of two brings the largest value to size one.
  double largest = 0;
  for (double value : scaled) {
    if (!std::isnan(value)) largest = std::max(largest, std::abs(value));
  }
  int exponent = 0;
  std::frexp(largest, &exponent);
  for (double& value : scaled) value = std::ldexp(value, -exponent);
  absl::StatusOr<std::vector<Step>> steps =
      EstimateSteps(positions, scaled, season, stop);
  if (stop.requested()) return GivenUp();
  if (!steps.ok()) steps = ChangesAt(positions, scaled);
  for (Step& step : *steps) {
    step.size = std::ldexp(step.size, exponent);
    if (step.variance) step.variance = std::ldexp(*step.variance, 2 * exponent);
  }
  return steps;
}

// What a step does to the value before it, in the unit of the values.
MendedBreak Describe(const Step& step, const Transform& transform,
                     absl::Span<const double> values) {
  const double before = values[LastBefore(values, step.position)];
  const double moved = transform.Inverse(transform.Forward(before) + step.size);
  MendedBreak mended;
  mended.position = step.position;
  mended.step = moved - before;
  if (step.variance) {
    mended.standard_error =
        std::sqrt(*step.variance) * std::exp(-transform.LogSlope(moved));
  }
  return mended;
}

// What lies between each value and the level after the last step. [position]
std::vector<double> OffsetsOf(const std::vector<Step>& steps, size_t size) {
  std::vector<double> offsets(size, 0.0);
  for (const Step& step : steps) {
    for (int t = 0; t < step.position; ++t) offsets[t] += step.size;
  }
  return offsets;
}

}  // namespace

absl::StatusOr<MendedSeries> MendBreaks(absl::Span<const double> values,
                                        absl::Span<const Break> breaks,
                                        const BreakOptions& options) {
  std::vector<Break> sorted(breaks.begin(), breaks.end());
  std::sort(sorted.begin(), sorted.end(), [](const Break& a, const Break& b) {
    return a.position < b.position;
  });
  RETURN_IF_ERROR(CheckBreaks(values, sorted));
  StopLatch latch(options.stopped);
  const StopRequest stop(latch);
  if (stop.Ask()) return GivenUp();
  MendedSeries mended;
  for (const Break& one : sorted) {
    if (one.kind == BreakKind::kStart) mended.start = one.position;
  }
  mended.values.assign(values.begin() + mended.start, values.end());
  ASSIGN_OR_RETURN(
      const Transform transform,
      Transform::Create(options.bounds, CurveFor(options), mended.values));
  std::vector<double> scaled;
  for (double value : mended.values) {
    scaled.push_back(transform.Forward(value));
  }
  ASSIGN_OR_RETURN(
      const std::vector<Step> steps,
      FindSteps(PositionsOfSteps(mended.values, sorted, mended.start), scaled,
                options.season, stop));
  if (mended.start > 0 ||
      (!sorted.empty() && sorted.front().kind == BreakKind::kStart)) {
    mended.breaks.push_back(
        {.position = mended.start, .kind = BreakKind::kStart});
  }
  for (const Step& step : steps) {
    mended.breaks.push_back(Describe(step, transform, mended.values));
    mended.breaks.back().position += mended.start;
  }
  for (MendedBreak& one : mended.breaks) {
    one.values_after = CountPresent(values.subspan(one.position));
  }
  const std::vector<double> offsets = OffsetsOf(steps, scaled.size());
  const auto moved_by = [transform, scaled, offsets, steps,
                         raw = mended.values](double errors) {
    std::vector<double> moved = raw;
    for (size_t t = 0; t < scaled.size(); ++t) {
      if (offsets[t] == 0 || std::isnan(scaled[t])) continue;
      const double more =
          errors == 0 || static_cast<int>(t) >= steps.back().position
              ? 0
              : errors * std::sqrt(*steps.back().variance);
      moved[t] = transform.Inverse(scaled[t] + offsets[t] + more);
    }
    return moved;
  };
  mended.values = moved_by(0);
  for (size_t t = 0; t < scaled.size(); ++t) {
    if (!std::isinf(mended.values[t])) continue;
    return absl::OutOfRangeError(absl::StrCat(
        "moved to the level after the breaks, the value ",
        values[static_cast<size_t>(mended.start) + t],
        " leaves the range of a double; let the series start at the break"));
  }
  if (!steps.empty() && steps.back().variance) {
    mended.if_step_were_off = moved_by;
  }
  mended.on_own_level = [transform, offsets](int position, double value) {
    if (offsets[position] == 0) return value;
    return transform.Inverse(transform.Forward(value) - offsets[position]);
  };
  return mended;
}

void AddNormalError(absl::Span<const double> deviations, Bounds bounds,
                    Forecast& forecast) {
  const double least =
      bounds == Bounds::kNone ? -std::numeric_limits<double>::infinity() : 0;
  for (size_t h = 0; h < forecast.quantiles.size(); ++h) {
    const double point = forecast.point[h];
    for (size_t q = 0; q < forecast.probabilities.size(); ++q) {
      double& quantile = forecast.quantiles[h][q];
      const double score = NormalQuantile(forecast.probabilities[q]);
      const double distance =
          std::hypot(quantile - point, score * deviations[h]);
      const bool is_below = quantile < point || score < 0;
      quantile = std::clamp(is_below ? point - distance : point + distance,
                            least, UpperBound(bounds));
    }
  }
}

}  // namespace headway::forecast
