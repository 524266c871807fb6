#include "daemon/pipeline/judging/claim_tests.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/claims/estimates.h"
#include "daemon/evidence/claims/verdict.h"
#include "daemon/pipeline/judging/forecast_test.h"

namespace headway::pipeline {
namespace {

using evidence::Estimate;

constexpr int kLeastLevelPeriods = 4;
constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

evidence::Side SideOf(const config::v1::ClaimTest& test) {
  return test.side() == config::v1::BELOW ? evidence::Side::kBelow
                                          : evidence::Side::kAbove;
}

v1::TestResult::Outcome ToProto(evidence::Outcome outcome) {
  switch (outcome) {
    case evidence::Outcome::kSupports:
      return v1::TestResult::SUPPORTS;
    case evidence::Outcome::kContradicts:
      return v1::TestResult::CONTRADICTS;
    case evidence::Outcome::kNoEffect:
      return v1::TestResult::NO_EFFECT;
    case evidence::Outcome::kUnclear:
      return v1::TestResult::UNCLEAR;
    case evidence::Outcome::kNoData:
      return v1::TestResult::NO_DATA;
    case evidence::Outcome::kGateFailed:
      return v1::TestResult::GATE_FAILED;
  }
  return v1::TestResult::OUTCOME_UNSPECIFIED;
}

void FillEstimate(const Estimate& estimate,
                  const config::v1::ClaimTest& definition,
                  v1::TestResult* result) {
  const evidence::Side side = SideOf(definition);
  result->set_estimate(estimate.interval.estimate);
  result->set_low(estimate.interval.low);
  result->set_high(estimate.interval.high);
  result->set_observations(estimate.observations);
  result->set_method(estimate.method);
  result->set_probability(
      evidence::ProbabilityOf(estimate, side, definition.threshold()));
  result->set_smallest_detectable(evidence::SmallestDetectable(estimate));
  result->set_outcome(ToProto(evidence::OutcomeOf(
      estimate.interval, side, definition.threshold(), definition.band())));
}

std::vector<double> Present(const std::vector<double>& values) {
  std::vector<double> present;
  for (const double value : values) {
    if (std::isfinite(value)) present.push_back(value);
  }
  return present;
}

absl::StatusOr<Estimate> EstimateLevel(const config::v1::LevelTest& level,
                                       const TestedValues& tested,
                                       v1::TestResult* result) {
  const int periods = level.periods() > 0
                          ? level.periods()
                          : std::max(kLeastLevelPeriods,
                                     series::PeriodsPerYear(tested.frequency));
  result->set_unit(tested.unit.ToString());
  return evidence::MeanLevel(Present(tested.values), periods);
}

// Values up to the first period that begins on the day or later are of before;
// what was announced and did not bind yet belongs to neither side.
struct Sides {
  // The first place of the periods of neither side, and the first after them.
  int neither = 0;
  int after = 0;
};
Sides SidesOf(const Event& event, const TestedValues& tested) {
  const auto place_of = [&](absl::CivilDay day, bool whole) {
    const series::Period period =
        series::PeriodContaining(tested.frequency, day);
    const bool is_cut = whole && series::FirstDay(period) < day;
    return period.ordinal + (is_cut ? 1 : 0) - tested.first;
  };
  Sides sides;
  sides.neither = place_of(event.known, /*whole=*/false);
  sides.after =
      place_of(event.effective.value_or(event.announced), /*whole=*/true);
  return sides;
}

absl::Status TakeLogarithms(std::vector<double>* values) {
  for (double& value : *values) {
    if (std::isnan(value)) continue;
    if (value <= 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("a value is ", value,
                       ", which has no logarithm; test the values themselves"));
    }
    value = 100 * std::log(value);
  }
  return absl::OkStatus();
}

// The place of the first value that is used.
absl::StatusOr<int> FirstPlace(const config::v1::TrendTest& trend,
                               const TestedValues& tested) {
  if (trend.from().empty()) return 0;
  ASSIGN_OR_RETURN(const series::Period from,
                   series::ParsePeriod(trend.from()));
  const series::Period first =
      series::PeriodContaining(tested.frequency, series::FirstDay(from));
  const int place = first.ordinal - tested.first;
  if (place >= static_cast<int>(tested.values.size())) {
    return absl::FailedPreconditionError(
        absl::StrCat("the values end before ", trend.from()));
  }
  return std::max(place, 0);
}

absl::StatusOr<Estimate> EstimateTrend(const config::v1::TrendTest& trend,
                                       const EvidenceDefinitions& evidence,
                                       const TestedValues& tested,
                                       v1::TestResult* result) {
  std::vector<double> values = tested.values;
  if (trend.relative()) RETURN_IF_ERROR(TakeLogarithms(&values));
  evidence::TrendOptions options;
  options.by_year = series::PeriodsPerYear(tested.frequency);
  options.season = series::SeasonLength(tested.frequency);
  ASSIGN_OR_RETURN(const int first, FirstPlace(trend, tested));
  if (!trend.event().empty()) {
    // There is one: the file was checked.
    const Event& event = evidence.events.at(trend.event());
    const Sides sides = SidesOf(event, tested);
    for (int i = std::max(sides.neither, 0);
         i < std::min<int>(sides.after, static_cast<int>(values.size())); ++i) {
      values[i] = kNoValue;
    }
    options.event = sides.after - first;
  }
  result->set_unit(trend.relative()
                       ? "percent/year"
                       : absl::StrCat(tested.unit.ToString(), "/year"));
  values.erase(values.begin(), values.begin() + first);
  result->set_first_period(
      series::FormatPeriod({tested.frequency, tested.first + first}));
  return evidence::TrendSlope(values, options);
}

void SetNoData(const absl::Status& why, v1::TestResult* result) {
  result->set_outcome(v1::TestResult::NO_DATA);
  result->set_reason(std::string(why.message()));
}

absl::Status FillByKind(const ClaimTest& test, const TestedValues& tested,
                        const JudgeInputs& inputs, v1::TestResult* result) {
  const config::v1::ClaimTest& definition = test.definition;
  switch (definition.kind_case()) {
    case config::v1::ClaimTest::kLevel: {
      ASSIGN_OR_RETURN(const Estimate estimate,
                       EstimateLevel(definition.level(), tested, result));
      FillEstimate(estimate, definition, result);
      return absl::OkStatus();
    }
    case config::v1::ClaimTest::kTrend: {
      ASSIGN_OR_RETURN(
          const Estimate estimate,
          EstimateTrend(definition.trend(), inputs.definitions->evidence,
                        tested, result));
      FillEstimate(estimate, definition, result);
      return absl::OkStatus();
    }
    case config::v1::ClaimTest::kForecast:
      return RunForecastTest(test, tested, inputs, result);
    case config::v1::ClaimTest::KIND_NOT_SET:
      break;
  }
  return absl::InternalError("a test without a kind was loaded");
}

absl::Status RunOn(const ClaimTest& test, const TestedValues& tested,
                   const JudgeInputs& inputs, v1::TestResult* result) {
  result->set_first_period(
      series::FormatPeriod({tested.frequency, tested.first}));
  result->set_last_period(
      series::FormatPeriod({tested.frequency, tested.last()}));
  for (const std::string& note : tested.notes) result->add_notes(note);
  return FillByKind(test, tested, inputs, result);
}

bool IsGivenUp(const absl::Status& status) {
  return absl::IsCancelled(status) || absl::IsDeadlineExceeded(status);
}

}  // namespace

absl::StatusOr<RanTest> RunClaimTest(const ClaimTest& test,
                                     const JudgeInputs& inputs) {
  RanTest ran;
  v1::TestResult& result = ran.result;
  result.set_id(test.definition.id());
  result.set_statement(test.definition.statement());
  result.set_weight(test.definition.weight());
  result.set_threshold(test.definition.threshold());
  result.set_band(test.definition.band());
  result.set_values(test.definition.values());
  absl::StatusOr<TestedValues> tested = ReadTestedValues(test, inputs);
  absl::Status status = tested.status();
  if (tested.ok()) {
    ran.vintage_kinds = tested->vintage_kinds;
    status = RunOn(test, *tested, inputs, &result);
  }
  if (IsGivenUp(status)) return status;
  if (!status.ok()) SetNoData(status, &result);
  return ran;
}

}  // namespace headway::pipeline
