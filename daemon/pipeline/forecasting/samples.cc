#include "daemon/pipeline/forecasting/samples.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/path_functions.h"
#include "daemon/forecast/paths.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"

namespace headway::pipeline {
namespace {

// [step][path]
using StepSamples = std::vector<std::vector<double>>;

bool AnyIsThere(const query::PathBlock& block) {
  return std::any_of(block.values.begin(), block.values.end(),
                     [](double value) { return !std::isnan(value); });
}

// For the steps after the last value of the series. FAILED_PRECONDITION: it
// does not go on there; else the status of `ahead`.
absl::StatusOr<StepSamples> SamplesAhead(const SeriesWork& work,
                                         const Ahead* ahead) {
  if (ahead == nullptr) {
    return absl::FailedPreconditionError("nothing is known of its inputs");
  }
  RETURN_IF_ERROR(ahead->status);
  const int32_t last =
      work.first_step + static_cast<int32_t>(work.values.size()) - 1;
  const int32_t last_ordinal = work.axis.OrdinalOf(last);
  const auto found = std::find_if(
      ahead->columns.begin(), ahead->columns.end(),
      [&](const query::LabelledColumn& x) { return x.labels == work.labels; });
  if (found == ahead->columns.end() || !AnyIsThere(*found->paths)) {
    return absl::FailedPreconditionError(
        absl::StrCat("no path has a value after ",
                     series::FormatPeriod({work.frequency, last_ordinal})));
  }
  const query::PathBlock& block = *found->paths;
  std::vector<double> latest(block.paths, work.values.back());
  StepSamples samples;
  int32_t ordinal = std::min(block.first, last_ordinal + 1);
  for (int h = 1; h <= work.options.horizon; ++h) {
    for (; ordinal <= work.axis.OrdinalOf(last + h); ++ordinal) {
      if (ordinal < block.first || ordinal >= block.end()) continue;
      const double* row = block.Row(static_cast<size_t>(ordinal - block.first));
      for (size_t p = 0; p < block.paths; ++p) {
        if (!std::isnan(row[p])) latest[p] = row[p];
      }
    }
    samples.push_back(latest);
  }
  return samples;
}

// Within the bounds; says in a note how many samples were not.
StepSamples Bounded(StepSamples samples, forecast::Bounds bounds,
                    std::vector<std::string>& notes) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const ValueBounds range = ToValueBounds(bounds);
  size_t moved = 0;
  size_t all = 0;
  for (std::vector<double>& step : samples) {
    for (double& value : step) {
      const double within = std::clamp(value, range.lower.value_or(-kInfinity),
                                       range.upper.value_or(kInfinity));
      moved += within != value ? 1 : 0;
      ++all;
      value = within;
    }
  }
  if (moved > 0) {
    notes.push_back(absl::StrCat(
        std::max<int64_t>(1, std::lround(100.0 * static_cast<double>(moved) /
                                         static_cast<double>(all))),
        " % of the values of its paths lay outside the bounds and count as at "
        "them"));
  }
  return samples;
}

forecast::Forecast FromSamples(const StepSamples& samples, const Ahead& ahead,
                               const forecast::Options& options) {
  forecast::Forecast made;
  made.model = ahead.model;
  made.notes = ahead.notes;
  made.probabilities = options.probabilities;
  for (const std::vector<double>& step :
       Bounded(samples, options.bounds, made.notes)) {
    made.point.push_back(forecast::SampleQuantile(step, 0.5));
    made.mean.push_back(std::accumulate(step.begin(), step.end(), 0.0) /
                        static_cast<double>(step.size()));
    std::vector<double>& quantiles = made.quantiles.emplace_back();
    for (double probability : options.probabilities) {
      quantiles.push_back(forecast::SampleQuantile(step, probability));
    }
  }
  return made;
}

// The half of a mixture that is forecast directly, with quantiles that samples
// can be drawn from.
SeriesWork DirectHalf(const SeriesWork& work) {
  SeriesWork half = work;
  half.options.probabilities =
      forecast::PathProbabilities(work.options.probabilities);
  half.options.backtest = false;
  return half;
}

absl::StatusOr<forecast::Forecast> Mixed(const StepSamples& samples,
                                         const Ahead& ahead,
                                         const forecast::Forecast& direct,
                                         const SeriesWork& work,
                                         const ModelContext& context) {
  ASSIGN_OR_RETURN(
      const forecast::PathLaw law,
      forecast::MakePathLaw(work.values, direct, work.options.bounds));
  const forecast::PathJob job = {&law, work.options.seed};
  ASSIGN_OR_RETURN(
      const std::vector<forecast::PathRows> drawn,
      forecast::DrawPaths({job}, {}, static_cast<int>(samples[0].size()),
                          context.stopped));
  StepSamples both = samples;
  for (size_t h = 0; h < both.size(); ++h) {
    both[h].insert(both[h].end(), drawn[0][h].begin(), drawn[0][h].end());
  }
  forecast::Forecast mixed = FromSamples(both, ahead, work.options);
  mixed.model =
      absl::StrCat("half ", ahead.model, ", half direct: ", direct.model);
  mixed.members = {{ahead.model, 0.5}, {direct.model, 0.5}};
  mixed.notes.insert(mixed.notes.end(), direct.notes.begin(),
                     direct.notes.end());
  mixed.anomalies = direct.anomalies;
  return mixed;
}

// A direct forecast as what it stands for: the half of a mixture, or all of
// what the inputs could not give.
ModelledForecast Completed(ModelledForecast direct,
                           const absl::StatusOr<StepSamples>& samples,
                           const Ahead* ahead, const SeriesWork& work,
                           const ModelContext& context) {
  if (!direct.forecast.ok()) return direct;
  if (samples.ok()) {
    direct.forecast = Mixed(*samples, *ahead, *direct.forecast, work, context);
    direct.members.clear();
  } else {
    direct.forecast->notes.push_back(absl::StrCat(
        "made directly, not through its inputs: ", samples.status().message()));
  }
  return direct;
}

}  // namespace

std::vector<ModelledForecast> ForecastThrough(
    absl::Span<const SeriesWork> works, const Ahead* ahead,
    const ForecastDefinition& definition, const ModelContext& context) {
  const bool mixes = definition.through == Through::kMixture;
  std::vector<absl::StatusOr<StepSamples>> samples;
  std::vector<ModelledForecast> made(works.size());
  std::vector<size_t> places;
  std::vector<SeriesWork> direct;
  for (size_t i = 0; i < works.size(); ++i) {
    samples.push_back(SamplesAhead(works[i], ahead));
    made[i].method =
        definition.models.empty() ? definition.method : kPoolMethod;
    if (absl::IsCancelled(samples[i].status())) {
      made[i].forecast = samples[i].status();
    } else if (samples[i].ok() && !mixes) {
      made[i].forecast = FromSamples(*samples[i], *ahead, works[i].options);
    } else {
      places.push_back(i);
      direct.push_back(samples[i].ok() ? DirectHalf(works[i]) : works[i]);
    }
  }
  std::vector<ModelledForecast> by_models =
      ForecastByModels(direct, definition, context);
  for (size_t i = 0; i < places.size(); ++i) {
    const size_t place = places[i];
    made[place] = Completed(std::move(by_models[i]), samples[place], ahead,
                            works[place], context);
  }
  return made;
}

}  // namespace headway::pipeline
