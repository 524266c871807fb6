#include "daemon/pipeline/judging/claim_tests.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/claims/estimates.h"
#include "daemon/pipeline/judging/around_event.h"
#include "daemon/pipeline/judging/difference_test.h"
#include "daemon/pipeline/judging/forecast_test.h"
#include "daemon/pipeline/judging/results.h"

namespace headway::pipeline {
namespace {

using evidence::Estimate;

constexpr int kLeastLevelPeriods = 4;

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

absl::StatusOr<Estimate> EstimateTrend(const config::v1::TrendTest& trend,
                                       const EvidenceDefinitions& evidence,
                                       const TestedValues& tested,
                                       v1::TestResult* result) {
  // There is one: the file was checked.
  const Event* event =
      trend.event().empty() ? nullptr : &evidence.events.at(trend.event());
  ASSIGN_OR_RETURN(const UsedValues used,
                   UseValues(tested, trend.from(), trend.relative(), event));
  result->set_unit(trend.relative()
                       ? "percent/year"
                       : absl::StrCat(tested.unit.ToString(), "/year"));
  result->set_first_period(
      series::FormatPeriod({tested.frequency, used.first}));
  return evidence::TrendSlope(used.values, used.options);
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
    case config::v1::ClaimTest::kDifference:
      return RunDifferenceTest(test, tested, inputs, result);
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
