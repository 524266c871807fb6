#include "daemon/ingest/protocol/forecast_answer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/protocol/redaction.h"

namespace headway::ingest {
namespace {

// The extreme quantiles of fewer paths are hardly more than the two ends.
constexpr int kLeastPaths = 100;
constexpr int kMostNotes = 10;
constexpr size_t kMostNoteBytes = 1024;
constexpr size_t kMostModelBytes = 256;

template <typename... Args>
absl::Status Wrong(const Args&... args) {
  return absl::InternalError(absl::StrCat(args...));
}

// "series "0" (partner="CHN"), step 3 (2024-03)": what an error is about.
class Place {
 public:
  explicit Place(const plugin::v1::SeriesToForecast& series)
      : series_(series) {}

  std::string OfSeries() const {
    std::vector<std::string> labels;
    for (const auto& [name, value] : series_.labels()) {
      labels.push_back(absl::StrCat(name, "=", Quote(value)));
    }
    // The map of the message has no order of its own.
    std::sort(labels.begin(), labels.end());
    std::string text = absl::StrCat("series ", Quote(series_.id()));
    for (size_t i = 0; i < labels.size(); ++i) {
      absl::StrAppend(&text, i == 0 ? " (" : ", ", labels[i]);
    }
    return labels.empty() ? text : absl::StrCat(text, ")");
  }
  std::string OfStep(int step) const {
    return absl::StrCat(OfSeries(), ", step ", step + 1,
                        step < series_.ahead_size()
                            ? absl::StrCat(" (", series_.ahead(step), ")")
                            : "");
  }

 private:
  const plugin::v1::SeriesToForecast& series_;
};

absl::Status CheckNumber(const plugin::v1::SeriesToForecast& series, int step,
                         absl::string_view what, double value) {
  const auto wrong = [&](absl::string_view why) {
    return Wrong(Place(series).OfStep(step), ": ", what, " is ", value, why);
  };
  if (!std::isfinite(value)) return wrong("; answer with finite numbers");
  if (series.has_lower() && value < series.lower()) {
    return wrong(absl::StrCat(", below the bound ", series.lower(),
                              "; keep the forecast within lower and upper"));
  }
  if (series.has_upper() && value > series.upper()) {
    return wrong(absl::StrCat(", above the bound ", series.upper(),
                              "; keep the forecast within lower and upper"));
  }
  return absl::OkStatus();
}

// Between the quantiles next to it.
double Median(absl::Span<const double> probabilities,
              absl::Span<const double> quantiles) {
  const auto above =
      std::lower_bound(probabilities.begin(), probabilities.end(), 0.5);
  if (above == probabilities.begin()) return quantiles.front();
  if (above == probabilities.end()) return quantiles.back();
  const size_t i = above - probabilities.begin();
  const double part =
      (0.5 - probabilities[i - 1]) / (probabilities[i] - probabilities[i - 1]);
  return quantiles[i - 1] + part * (quantiles[i] - quantiles[i - 1]);
}

absl::Status TakeStep(const plugin::v1::ForecastStep& step, int h,
                      const plugin::v1::SeriesToForecast& series,
                      const plugin::v1::ForecastTable& table,
                      ModelForecast& to) {
  const Place place(series);
  if (step.quantiles_size() != table.probabilities_size()) {
    return Wrong(place.OfStep(h), " has ", step.quantiles_size(),
                 " quantiles; give one for each of the ",
                 table.probabilities_size(), " probabilities");
  }
  for (int q = 0; q < step.quantiles_size(); ++q) {
    const std::string what =
        absl::StrCat("the quantile ", table.probabilities(q));
    RETURN_IF_ERROR(CheckNumber(series, h, what, step.quantiles(q)));
    if (q > 0 && step.quantiles(q) < step.quantiles(q - 1)) {
      return Wrong(place.OfStep(h), ": ", what, " is ", step.quantiles(q),
                   ", less than ", step.quantiles(q - 1), " at ",
                   table.probabilities(q - 1),
                   "; quantiles do not fall as the probability rises");
    }
  }
  const std::vector<double> quantiles(step.quantiles().begin(),
                                      step.quantiles().end());
  const double point = step.has_point()
                           ? step.point()
                           : Median(table.probabilities(), quantiles);
  RETURN_IF_ERROR(CheckNumber(series, h, "the point", point));
  if (quantiles.size() > 1 &&
      (point < quantiles.front() || point > quantiles.back())) {
    return Wrong(place.OfStep(h), ": the point ", point,
                 " is not between the first quantile, ", quantiles.front(),
                 ", and the last, ", quantiles.back(),
                 "; correct it, or leave it out for the median");
  }
  const double mean = step.has_mean() ? step.mean() : point;
  RETURN_IF_ERROR(CheckNumber(series, h, "the mean", mean));
  to.point.push_back(point);
  to.mean.push_back(mean);
  to.quantiles.push_back(quantiles);
  return absl::OkStatus();
}

absl::Status CheckPaths(const plugin::v1::SeriesForecast& answer,
                        const plugin::v1::SeriesToForecast& series,
                        const plugin::v1::ForecastTable& table) {
  if (answer.paths_size() < kLeastPaths) {
    return Wrong(Place(series).OfSeries(), " has ", answer.paths_size(),
                 " paths; give at least ", kLeastPaths, ", or steps");
  }
  for (int i = 0; i < answer.paths_size(); ++i) {
    const auto& values = answer.paths(i).values();
    if (values.size() != table.horizon()) {
      return Wrong(Place(series).OfSeries(), ": path ", i + 1, " has ",
                   values.size(), " values; give one for each of the ",
                   table.horizon(), " periods ahead");
    }
    for (int h = 0; h < values.size(); ++h) {
      RETURN_IF_ERROR(
          CheckNumber(series, h, absl::StrCat("path ", i + 1), values[h]));
    }
  }
  return absl::OkStatus();
}

// Between the two values next to it: the seventh definition of Hyndman, Fan
// 1996, "Sample quantiles in statistical packages", The American Statistician
// 50(4). `sorted` is not empty.
double EmpiricalQuantile(absl::Span<const double> sorted, double probability) {
  const double at = probability * static_cast<double>(sorted.size() - 1);
  const size_t below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] +
         (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

void TakePaths(const plugin::v1::SeriesForecast& answer,
               const plugin::v1::ForecastTable& table, ModelForecast& to) {
  std::vector<double> values(answer.paths_size());
  for (int h = 0; h < table.horizon(); ++h) {
    for (int i = 0; i < answer.paths_size(); ++i) {
      values[i] = answer.paths(i).values(h);
    }
    std::sort(values.begin(), values.end());
    std::vector<double>& quantiles = to.quantiles.emplace_back();
    for (double probability : table.probabilities()) {
      quantiles.push_back(EmpiricalQuantile(values, probability));
    }
    // From the same quantiles as a step without a point has it.
    to.point.push_back(Median(table.probabilities(), quantiles));
    double mean = 0;
    for (double value : values) {
      mean += value / static_cast<double>(values.size());
    }
    to.mean.push_back(mean);
  }
}

absl::Status TakeWords(const plugin::v1::SeriesForecast& answer,
                       const plugin::v1::SeriesToForecast& series,
                       ModelForecast& to) {
  if (answer.model().size() > kMostModelBytes) {
    return Wrong(Place(series).OfSeries(), ": model has ",
                 answer.model().size(), " bytes; give at most ",
                 kMostModelBytes);
  }
  if (answer.notes_size() > kMostNotes) {
    return Wrong(Place(series).OfSeries(), " has ", answer.notes_size(),
                 " notes; give at most ", kMostNotes);
  }
  for (const std::string& note : answer.notes()) {
    if (note.size() > kMostNoteBytes) {
      return Wrong(Place(series).OfSeries(), ": a note has ", note.size(),
                   " bytes; give at most ", kMostNoteBytes);
    }
    to.notes.push_back(note);
  }
  to.model = answer.model();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ModelForecast> CheckSeriesForecast(
    const plugin::v1::SeriesForecast& answer,
    const plugin::v1::SeriesToForecast& series,
    const plugin::v1::ForecastTable& table) {
  const Place place(series);
  if (!answer.error().empty()) {
    return absl::OutOfRangeError(
        absl::StrCat(place.OfSeries(), ": ", answer.error()));
  }
  ModelForecast forecast;
  RETURN_IF_ERROR(TakeWords(answer, series, forecast));
  if (answer.steps_size() > 0 && answer.paths_size() > 0) {
    return Wrong(place.OfSeries(),
                 " has both steps and paths; give one of "
                 "the two");
  }
  if (answer.paths_size() > 0) {
    RETURN_IF_ERROR(CheckPaths(answer, series, table));
    TakePaths(answer, table, forecast);
    return forecast;
  }
  if (answer.steps_size() != table.horizon()) {
    return Wrong(place.OfSeries(), " has ", answer.steps_size(),
                 " steps; give one for each of the ", table.horizon(),
                 " periods ahead");
  }
  for (int h = 0; h < table.horizon(); ++h) {
    RETURN_IF_ERROR(TakeStep(answer.steps(h), h, series, table, forecast));
  }
  return forecast;
}

}  // namespace headway::ingest
