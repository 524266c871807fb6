#include "daemon/pipeline/issues/adjustment.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/forecast.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/issues/forecast_archive.h"

namespace headway::pipeline {
namespace {

constexpr size_t kMostWords = 1000;
// Probabilities are decimal fractions.
constexpr double kProbabilityTolerance = 1e-9;

template <typename... Args>
absl::Status Wrong(const Args&... args) {
  return absl::InvalidArgumentError(absl::StrCat(args...));
}

absl::Status CheckWords(absl::string_view field, const std::string& text) {
  if (absl::StripAsciiWhitespace(text).empty()) {
    return Wrong(field, ": is empty; a change by hand says who made it and ",
                 "why");
  }
  if (text.size() > kMostWords) {
    return Wrong(field, ": has ", text.size(), " bytes; give at most ",
                 kMostWords);
  }
  return absl::OkStatus();
}

// One step of a request, checked against the step that it changes.
class StepChange {
 public:
  StepChange(const v1::AdjustedStep* change, const ValueBounds* bounds)
      : change_(*change), bounds_(*bounds) {}

  absl::Status ApplyTo(v1::ForecastStep& step) const {
    if (!change_.has_point() && change_.quantiles().empty()) {
      return Wrong(Place(), " has neither a point nor quantiles; give one of ",
                   "the two");
    }
    RETURN_IF_ERROR(change_.quantiles().empty() ? Move(step) : Replace(step));
    const auto& quantiles = step.quantiles();
    if (quantiles.size() > 1 && (step.point() < quantiles.begin()->value() ||
                                 step.point() > quantiles.rbegin()->value())) {
      return Wrong(Place(), ": the point ", step.point(),
                   " is not between the first quantile, ",
                   quantiles.begin()->value(), ", and the last, ",
                   quantiles.rbegin()->value(),
                   "; give quantiles that go with it");
    }
    return absl::OkStatus();
  }

 private:
  std::string Place() const {
    return absl::StrCat("the step ", change_.period());
  }

  absl::Status CheckNumber(absl::string_view what, double value) const {
    if (!std::isfinite(value)) {
      return Wrong(Place(), ": ", what, " is ", value,
                   "; give a finite number");
    }
    if (bounds_.lower.has_value() && value < *bounds_.lower) {
      return Wrong(Place(), ": ", what, " is ", value, ", below the bound ",
                   *bounds_.lower, " of the indicator");
    }
    if (bounds_.upper.has_value() && value > *bounds_.upper) {
      return Wrong(Place(), ": ", what, " is ", value, ", above the bound ",
                   *bounds_.upper, " of the indicator");
    }
    return absl::OkStatus();
  }

  double Clamp(double value) const {
    if (bounds_.lower.has_value()) value = std::max(value, *bounds_.lower);
    return bounds_.upper.has_value() ? std::min(value, *bounds_.upper) : value;
  }

  // The whole distribution moves with the point.
  absl::Status Move(v1::ForecastStep& step) const {
    RETURN_IF_ERROR(CheckNumber("the point", change_.point()));
    const double by = change_.point() - step.point();
    step.set_point(change_.point());
    step.set_mean(Clamp(step.mean() + by));
    for (v1::Quantile& quantile : *step.mutable_quantiles()) {
      quantile.set_value(Clamp(quantile.value() + by));
    }
    return absl::OkStatus();
  }

  absl::Status Replace(v1::ForecastStep& step) const {
    if (change_.quantiles_size() != step.quantiles_size()) {
      return Wrong(Place(), " has ", change_.quantiles_size(),
                   " quantiles; give all ", step.quantiles_size(),
                   " that the forecast has, or the point alone");
    }
    for (int i = 0; i < step.quantiles_size(); ++i) {
      const v1::Quantile& to = change_.quantiles(i);
      const double probability = step.quantiles(i).probability();
      if (!(std::abs(to.probability() - probability) < kProbabilityTolerance)) {
        return Wrong(Place(), ": quantile ", i + 1, " is of the probability ",
                     to.probability(), "; the forecast has ", probability,
                     " there");
      }
      RETURN_IF_ERROR(
          CheckNumber(absl::StrCat("the quantile ", probability), to.value()));
      if (i > 0 && to.value() < change_.quantiles(i - 1).value()) {
        return Wrong(Place(), ": the quantile ", probability, " is ",
                     to.value(), ", less than ",
                     change_.quantiles(i - 1).value(),
                     " before it; quantiles do not fall");
      }
    }
    const double before = step.point();
    for (int i = 0; i < step.quantiles_size(); ++i) {
      step.mutable_quantiles(i)->set_value(change_.quantiles(i).value());
    }
    if (change_.has_point()) {
      RETURN_IF_ERROR(CheckNumber("the point", change_.point()));
      step.set_point(change_.point());
    } else if (const auto median = messages::QuantileAt(step, 0.5)) {
      step.set_point(*median);
    }
    step.set_mean(Clamp(step.mean() + step.point() - before));
    return absl::OkStatus();
  }

  const v1::AdjustedStep& change_;
  const ValueBounds& bounds_;
};

v1::ForecastStep* FindStep(const std::string& period, v1::Forecast& forecast) {
  for (v1::ForecastStep& step : *forecast.mutable_steps()) {
    if (step.period() == period) return &step;
  }
  return nullptr;
}

std::map<std::string, std::string> LabelsOf(
    const google::protobuf::Map<std::string, std::string>& labels) {
  return {labels.begin(), labels.end()};
}

absl::StatusOr<std::vector<v1::Forecast>> NewestIssue(
    const store::Reader& reader, absl::string_view indicator) {
  ASSIGN_OR_RETURN(const ForecastPage page, LatestIssue(reader, indicator, {}));
  if (page.forecasts.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no forecast of ", indicator,
                     " was issued; run its pipeline, and change it then"));
  }
  return ParseForecasts(page);
}

}  // namespace

absl::StatusOr<v1::Forecast> Adjust(const v1::Forecast& forecast,
                                    const v1::AdjustForecastRequest& request,
                                    const ValueBounds& bounds) {
  RETURN_IF_ERROR(CheckWords("author", request.author()));
  RETURN_IF_ERROR(CheckWords("reason", request.reason()));
  if (request.steps().empty()) {
    return Wrong("steps: are empty; give a step to change");
  }
  if (forecast.steps().empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the series has no forecast to change: ", forecast.error()));
  }
  v1::Forecast adjusted = forecast;
  std::set<std::string> seen;
  for (const v1::AdjustedStep& change : request.steps()) {
    v1::ForecastStep* step = FindStep(change.period(), adjusted);
    if (step == nullptr) {
      return Wrong("the forecast has no step \"", change.period(),
                   "\"; it has ", forecast.steps().begin()->period(), " to ",
                   forecast.steps().rbegin()->period());
    }
    if (!seen.insert(change.period()).second) {
      return Wrong("the step ", change.period(),
                   " is given twice; give it once");
    }
    RETURN_IF_ERROR(StepChange(&change, &bounds).ApplyTo(*step));
  }
  v1::ForecastAdjustment& note = *adjusted.mutable_adjustment();
  note.set_adjusted(forecast.name());
  note.set_author(request.author());
  note.set_reason(request.reason());
  adjusted.set_method(kByHandMethod);
  adjusted.clear_carried_from();
  // They are the record of the method that it came from.
  adjusted.clear_backtest();
  adjusted.clear_members();
  adjusted.clear_run();
  return adjusted;
}

absl::StatusOr<AdjustedIssue> AdjustNewestIssue(
    const store::Reader& reader, absl::string_view indicator,
    const v1::AdjustForecastRequest& request, const ValueBounds& bounds,
    absl::Time now) {
  ASSIGN_OR_RETURN(std::vector<v1::Forecast> issue,
                   NewestIssue(reader, indicator));
  const absl::Time before = messages::FromTimestamp(issue[0].issue_time());
  const absl::Time time =
      std::max(absl::FromUnixMicros(absl::ToUnixMicros(now)),
               before + absl::Microseconds(1));
  AdjustedIssue adjusted;
  bool found = false;
  for (v1::Forecast& forecast : issue) {
    if (LabelsOf(forecast.labels()) == LabelsOf(request.labels())) {
      if (!request.adjusted().empty() &&
          request.adjusted() != forecast.name()) {
        return absl::AbortedError(absl::StrCat(
            request.adjusted(), " is not the newest forecast any more, ",
            forecast.name(), " is; look at it and try again"));
      }
      ASSIGN_OR_RETURN(forecast, Adjust(forecast, request, bounds));
      found = true;
    } else if (forecast.carried_from().empty()) {
      forecast.set_carried_from(forecast.name());
    }
    *forecast.mutable_issue_time() = messages::ToTimestamp(time);
    adjusted.records.push_back(
        ArchiveForecast(indicator, adjusted.records.size(), forecast));
    if (forecast.carried_from().empty()) adjusted.forecast = forecast;
  }
  if (found) return adjusted;
  return absl::NotFoundError(absl::StrCat(
      "the newest issue of ", indicator, " has no series with the labels {",
      messages::FormatLabelValues(request.labels()),
      "}; name all labels of one that it has"));
}

}  // namespace headway::pipeline
