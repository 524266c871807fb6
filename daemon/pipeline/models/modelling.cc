#include "daemon/pipeline/models/modelling.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/forecast/batch.h"
#include "daemon/pipeline/models/external_model.h"
#include "daemon/pipeline/models/weights.h"
#include "daemon/scores/scores.h"

namespace headway::pipeline {
namespace {

using Answers = std::vector<absl::StatusOr<forecast::Forecast>>;

constexpr size_t kMostOrigins = 20;
// Values before an origin, and two seasons besides.
constexpr size_t kLeastTraining = 8;

Answers ForecastByLibrary(absl::Span<const Cut> cuts, const std::string& method,
                          bool backtest, const ModelContext& context) {
  std::vector<forecast::Options> options;
  options.reserve(cuts.size());
  std::vector<forecast::Job> jobs;
  for (const Cut& cut : cuts) {
    forecast::Options& of_cut = options.emplace_back(cut.work->options);
    of_cut.method = method;
    of_cut.backtest &= backtest;
    of_cut.regressors = forecast::RegressorsUpTo(cut.work->options.regressors,
                                                 cut.work->values.size(),
                                                 cut.length, of_cut.horizon);
    if (!forecast::TakesRegressors(method)) of_cut.regressors.clear();
    jobs.push_back({cut.values(), &of_cut});
  }
  return forecast::MakeForecasts(jobs, context.pool, context.threads);
}

Answers ForecastByPlugin(absl::Span<const Cut> cuts, const std::string& plugin,
                         const ForecastDefinition& definition,
                         const ModelContext& context) {
  const auto model = definition.plugins.find(plugin);
  if (context.plugins == nullptr || model == definition.plugins.end()) {
    return Answers(cuts.size(),
                   absl::FailedPreconditionError(absl::StrCat(
                       "there is no plugin ", plugin, " to forecast with")));
  }
  return ExternalModel(context.plugins, &model->second, context.seed,
                       context.stopped)
      .Forecast(cuts);
}

Answers ForecastBy(absl::Span<const Cut> cuts, const std::string& method,
                   bool backtest, const ForecastDefinition& definition,
                   const ModelContext& context) {
  if (const auto plugin = PluginOfMethod(method)) {
    return ForecastByPlugin(cuts, *plugin, definition, context);
  }
  return ForecastByLibrary(cuts, method, backtest, context);
}

std::vector<Cut> WholeSeries(absl::Span<const SeriesWork> works) {
  std::vector<Cut> cuts;
  for (const SeriesWork& work : works) {
    cuts.push_back({&work, work.values.size()});
  }
  return cuts;
}

// A forecast that was stopped is not to be made in another way.
bool IsFailureOfModel(const absl::Status& status) {
  return !status.ok() && !absl::IsCancelled(status);
}

// --- one method ---

// Puts the fallback in the place of what a plugin could not forecast.
void FallBack(absl::Span<const SeriesWork> works, const std::string& method,
              const ModelContext& context,
              std::vector<ModelledForecast>& forecasts) {
  std::vector<size_t> places;
  std::vector<Cut> cuts;
  for (size_t i = 0; i < works.size(); ++i) {
    if (!IsFailureOfModel(forecasts[i].forecast.status())) continue;
    places.push_back(i);
    cuts.push_back({&works[i], works[i].values.size()});
  }
  Answers answers = ForecastByLibrary(cuts, kFallbackMethod, true, context);
  for (size_t i = 0; i < places.size(); ++i) {
    ModelledForecast& of_series = forecasts[places[i]];
    of_series.model_failure = of_series.forecast.status();
    of_series.method = kFallbackMethod;
    of_series.forecast = std::move(answers[i]);
    if (!of_series.forecast.ok()) continue;
    of_series.forecast->notes.push_back(
        absl::StrCat(method, " failed (", of_series.model_failure.message(),
                     "); ", kFallbackMethod, " was used instead"));
  }
}

std::vector<ModelledForecast> ForecastByMethod(
    absl::Span<const SeriesWork> works, const ForecastDefinition& definition,
    const ModelContext& context) {
  const std::vector<Cut> cuts = WholeSeries(works);
  Answers answers =
      ForecastBy(cuts, definition.method, true, definition, context);
  std::vector<ModelledForecast> forecasts(works.size());
  for (size_t i = 0; i < works.size(); ++i) {
    forecasts[i].method = definition.method;
    forecasts[i].forecast = std::move(answers[i]);
  }
  if (PluginOfMethod(definition.method).has_value()) {
    FallBack(works, definition.method, context, forecasts);
  }
  return forecasts;
}

// --- a pool ---

// The whole series first, then its origins from the latest back.
std::vector<Cut> CutsOf(const SeriesWork& work) {
  std::vector<Cut> cuts = {{&work, work.values.size()}};
  const size_t season = static_cast<size_t>(work.options.season);
  const size_t least = std::max(kLeastTraining, 2 * season + 1);
  for (size_t length = work.values.size(); length > least;) {
    --length;
    if (cuts.size() > kMostOrigins) break;
    // What follows an origin is compared; what is missing cannot be.
    if (!std::isnan(work.values[length])) cuts.push_back({&work, length});
  }
  return cuts;
}

// The ranked probability score of a forecast from an origin, over the scale of
// the series there. NaN without a forecast.
double LossOf(const absl::StatusOr<forecast::Forecast>& forecast,
              const Cut& origin) {
  if (!forecast.ok()) return std::numeric_limits<double>::quiet_NaN();
  const absl::Span<const double> actuals =
      absl::MakeConstSpan(origin.work->values).subspan(origin.length);
  const size_t steps = std::min(actuals.size(), forecast->quantiles.size());
  const double score = scores::RankedProbabilityScore(
      actuals.first(steps),
      absl::MakeConstSpan(forecast->quantiles).first(steps),
      forecast->probabilities);
  const double scale =
      scores::SeasonalNaiveError(origin.values(), origin.work->options.season)
          .value_or(1);
  return score / scale;
}

// Adds a member's part to the average.
void AddPart(const forecast::Forecast& part, double weight,
             forecast::Forecast& sum) {
  const size_t horizon = part.point.size();
  sum.point.resize(horizon);
  sum.mean.resize(horizon);
  sum.quantiles.resize(horizon,
                       std::vector<double>(part.probabilities.size(), 0));
  sum.probabilities = part.probabilities;
  for (size_t h = 0; h < horizon; ++h) {
    sum.point[h] += weight * part.point[h];
    sum.mean[h] += weight * part.mean[h];
    for (size_t q = 0; q < part.probabilities.size(); ++q) {
      sum.quantiles[h][q] += weight * part.quantiles[h][q];
    }
  }
}

// Adds what a member found: anomalies each once, effects by its name.
void AddFindings(const forecast::Forecast& part, const std::string& method,
                 forecast::Forecast& sum) {
  for (const forecast::Anomaly& anomaly : part.anomalies) {
    const bool is_known =
        std::any_of(sum.anomalies.begin(), sum.anomalies.end(),
                    [&](const forecast::Anomaly& other) {
                      return other.position == anomaly.position;
                    });
    if (!is_known) sum.anomalies.push_back(anomaly);
  }
  for (forecast::RegressorEffect effect : part.effects) {
    effect.name = absl::StrCat(effect.name, " by ", method);
    sum.effects.push_back(std::move(effect));
  }
}

// Rounding in the sums may carry them past what each part keeps to.
void KeepInOrder(const std::vector<const forecast::Forecast*>& parts,
                 forecast::Forecast& sum) {
  for (size_t h = 0; h < sum.point.size(); ++h) {
    for (size_t q = 0; q < sum.probabilities.size(); ++q) {
      double least = parts[0]->quantiles[h][q];
      double most = least;
      for (const forecast::Forecast* part : parts) {
        least = std::min(least, part->quantiles[h][q]);
        most = std::max(most, part->quantiles[h][q]);
      }
      double& quantile = sum.quantiles[h][q];
      quantile = std::clamp(quantile, least, most);
      if (q > 0) quantile = std::max(quantile, sum.quantiles[h][q - 1]);
    }
  }
}

// One series of a pool: what its members forecast, from its end and from its
// origins.
class PooledSeries {
 public:
  PooledSeries(const ForecastDefinition* definition, std::vector<Cut> cuts)
      : definition_(*definition), cuts_(std::move(cuts)) {}

  const std::vector<Cut>& cuts() const { return cuts_; }

  // Takes what the next member forecast from each cut.
  void Take(absl::Span<absl::StatusOr<forecast::Forecast>> answers) {
    parts_.push_back(std::move(answers[0]));
    std::vector<double>& losses = losses_.emplace_back();
    for (size_t i = 1; i < cuts_.size(); ++i) {
      losses.push_back(LossOf(answers[i], cuts_[i]));
    }
  }

  ModelledForecast Pool() const {
    ModelledForecast pooled;
    pooled.method = kPoolMethod;
    pooled.members = Records();
    std::vector<const forecast::Forecast*> parts;
    forecast::Forecast sum;
    std::vector<std::string> names;
    std::vector<std::string> notes;
    for (size_t i = 0; i < parts_.size(); ++i) {
      const MemberRecord& member = pooled.members[i];
      if (absl::IsCancelled(parts_[i].status())) {
        pooled.forecast = parts_[i].status();
        return pooled;
      }
      if (!parts_[i].ok()) {
        notes.push_back(absl::StrCat(member.method, " failed (",
                                     parts_[i].status().message(),
                                     "); the other models stand in for it"));
        if (PluginOfMethod(member.method).has_value()) {
          pooled.model_failure.Update(parts_[i].status());
        }
        continue;
      }
      parts.push_back(&*parts_[i]);
      names.push_back(absl::StrCat(member.method, " (", parts_[i]->model, ")"));
      AddPart(*parts_[i], member.weight, sum);
      for (const std::string& note : parts_[i]->notes) {
        if (std::find(notes.begin(), notes.end(), note) == notes.end()) {
          notes.push_back(note);
        }
      }
      AddFindings(*parts_[i], member.method, sum);
    }
    if (parts.empty()) {
      pooled.forecast = parts_[0].status();
      return pooled;
    }
    KeepInOrder(parts, sum);
    sum.model = absl::StrJoin(names, " + ");
    sum.notes = std::move(notes);
    if (cuts_.size() == 1) {
      sum.notes.push_back(
          "the series is too short to weigh the models by their record; they "
          "count alike");
    }
    pooled.forecast = std::move(sum);
    return pooled;
  }

 private:
  // Those without a forecast have no weight, and the others share it.
  std::vector<MemberRecord> Records() const {
    const std::vector<WeightedRecord> weighed = Weigh(losses_);
    double sum = 0;
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (parts_[i].ok()) sum += weighed[i].weight;
    }
    std::vector<MemberRecord> records;
    for (size_t i = 0; i < parts_.size(); ++i) {
      MemberRecord& record = records.emplace_back();
      record.method = definition_.models[i];
      record.origins = weighed[i].origins;
      record.score = weighed[i].score;
      record.status = parts_[i].status();
      if (parts_[i].ok()) record.weight = weighed[i].weight / sum;
    }
    return records;
  }

  const ForecastDefinition& definition_;
  const std::vector<Cut> cuts_;
  // [member]; of losses_ [member][origin].
  Answers parts_;
  std::vector<std::vector<double>> losses_;
};

std::vector<ModelledForecast> ForecastByPool(
    absl::Span<const SeriesWork> works, const ForecastDefinition& definition,
    const ModelContext& context) {
  std::vector<PooledSeries> pooled;
  std::vector<Cut> cuts;
  for (const SeriesWork& work : works) {
    pooled.emplace_back(&definition, CutsOf(work));
    cuts.insert(cuts.end(), pooled.back().cuts().begin(),
                pooled.back().cuts().end());
  }
  for (const std::string& method : definition.models) {
    Answers answers = ForecastBy(cuts, method, false, definition, context);
    size_t first = 0;
    for (PooledSeries& series : pooled) {
      series.Take(absl::MakeSpan(answers).subspan(first, series.cuts().size()));
      first += series.cuts().size();
    }
  }
  std::vector<ModelledForecast> forecasts;
  for (const PooledSeries& series : pooled) forecasts.push_back(series.Pool());
  FallBack(works, "every model", context, forecasts);
  return forecasts;
}

}  // namespace

std::function<bool()> AskUntilYes(const std::function<bool()>& stopped) {
  if (!stopped) return stopped;
  return [stopped, is_stopped = std::make_shared<std::atomic<bool>>(false)] {
    if (is_stopped->load()) return true;
    if (!stopped()) return false;
    is_stopped->store(true);
    return true;
  };
}

std::vector<ModelledForecast> ForecastByModels(
    absl::Span<const SeriesWork> works, const ForecastDefinition& definition,
    const ModelContext& context) {
  if (works.empty()) return {};
  return definition.models.empty()
             ? ForecastByMethod(works, definition, context)
             : ForecastByPool(works, definition, context);
}

}  // namespace headway::pipeline
