#include "daemon/pipeline/judging/difference_test.h"

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/claims/estimates.h"
#include "daemon/pipeline/judging/around_event.h"
#include "daemon/pipeline/judging/results.h"

namespace headway::pipeline {
namespace {

// The selectors of all that an expression reads, by way of indicators too.
void CollectSelectors(const query::Expression& expression,
                      const Definitions& definitions,
                      std::set<std::string>* seen,
                      std::vector<series::Selector>* selectors) {
  for (series::Selector& selector : expression.Selectors()) {
    const auto indicator = definitions.expressions.find(selector.metric);
    if (indicator == definitions.expressions.end()) {
      selectors->push_back(std::move(selector));
    } else if (seen->insert(selector.metric).second) {
      CollectSelectors(indicator->second.expression, definitions, seen,
                       selectors);
    }
  }
}

absl::Status CheckUnaffected(const query::Expression& controls,
                             const Event& event, const JudgeInputs& inputs) {
  std::set<std::string> seen;
  std::vector<series::Selector> selectors;
  CollectSelectors(controls, *inputs.definitions, &seen, &selectors);
  for (const series::Selector& selector : selectors) {
    ASSIGN_OR_RETURN(const std::vector<store::SeriesEntry> entries,
                     inputs.reader->SelectSeries(selector));
    for (const store::SeriesEntry& entry : entries) {
      for (const series::Selector& affected : event.affected) {
        if (!affected.Matches(entry.info.key)) continue;
        return absl::FailedPreconditionError(absl::StrCat(
            "the controls read ", series::FormatSeriesKey(entry.info.key),
            ", which the event ", event.definition.id(), " affects"));
      }
    }
  }
  return absl::OkStatus();
}

// The mean of the controls at the period; NaN where one has no value.
double MeanAt(const std::vector<TestedValues>& controls, int32_t ordinal) {
  double sum = 0;
  for (const TestedValues& control : controls) {
    if (ordinal < control.first || ordinal > control.last()) {
      return std::numeric_limits<double>::quiet_NaN();
    }
    sum += control.values[static_cast<size_t>(ordinal - control.first)];
  }
  return sum / static_cast<double>(controls.size());
}

absl::Status TakeLogarithms(TestedValues* values) {
  ASSIGN_OR_RETURN(UsedValues used,
                   UseValues(*values, "", /*relative=*/true, nullptr));
  values->values = std::move(used.values);
  return absl::OkStatus();
}

absl::StatusOr<TestedValues> DifferenceOf(TestedValues tested,
                                          std::vector<TestedValues> controls,
                                          bool relative) {
  for (TestedValues& control : controls) {
    if (control.frequency != tested.frequency) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the controls are ", series::FrequencyName(control.frequency),
          ", the values ", series::FrequencyName(tested.frequency)));
    }
    if (!relative && control.unit.ToString() != tested.unit.ToString()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the controls are in ", control.unit.ToString(), ", the values in ",
          tested.unit.ToString(), "; compare them relatively"));
    }
    if (relative) RETURN_IF_ERROR(TakeLogarithms(&control));
  }
  if (relative) RETURN_IF_ERROR(TakeLogarithms(&tested));
  bool is_any = false;
  for (size_t i = 0; i < tested.values.size(); ++i) {
    tested.values[i] -=
        MeanAt(controls, tested.first + static_cast<int32_t>(i));
    is_any = is_any || std::isfinite(tested.values[i]);
  }
  if (!is_any) {
    return absl::FailedPreconditionError(
        "values and controls have no period in common");
  }
  return tested;
}

// Whether the difference drifts before the event.
absl::Status CheckParallel(const UsedValues& used, v1::TestResult* result) {
  const int event = *used.options.event;
  evidence::TrendOptions before = used.options;
  before.event.reset();
  const absl::StatusOr<evidence::Estimate> slope = evidence::TrendSlope(
      absl::MakeConstSpan(used.values).subspan(0, static_cast<size_t>(event)),
      before);
  if (!slope.ok()) {
    result->add_notes(
        absl::StrCat("whether the two drifted before the event "
                     "cannot be told: ",
                     slope.status().message()));
    return absl::OkStatus();
  }
  if (slope->interval.low <= 0 && slope->interval.high >= 0) {
    return absl::OkStatus();
  }
  result->set_outcome(v1::TestResult::GATE_FAILED);
  result->clear_probability();
  return absl::FailedPreconditionError(absl::StrFormat(
      "before the event values and controls drifted apart, by %.3g to %.3g a "
      "year",
      slope->interval.low, slope->interval.high));
}

}  // namespace

absl::Status RunDifferenceTest(const ClaimTest& test,
                               const TestedValues& tested,
                               const JudgeInputs& inputs,
                               v1::TestResult* result) {
  const config::v1::DifferenceTest& difference = test.definition.difference();
  // There is one: the file was checked.
  const Event& event =
      inputs.definitions->evidence.events.at(difference.event());
  ASSIGN_OR_RETURN(const query::Expression controls,
                   query::Parse(difference.controls()));
  RETURN_IF_ERROR(CheckUnaffected(controls, event, inputs));
  ASSIGN_OR_RETURN(std::vector<TestedValues> columns,
                   ReadAllValues(difference.controls(), inputs));
  const size_t count = columns.size();
  ASSIGN_OR_RETURN(
      const TestedValues apart,
      DifferenceOf(tested, std::move(columns), difference.relative()));
  ASSIGN_OR_RETURN(
      const UsedValues used,
      UseValues(apart, difference.from(), /*relative=*/false, &event));
  ASSIGN_OR_RETURN(const evidence::Estimate step,
                   evidence::StepAtEvent(used.values, used.options));
  result->set_unit(difference.relative() ? "percent" : tested.unit.ToString());
  result->set_first_period(
      series::FormatPeriod({tested.frequency, used.first}));
  FillEstimate(step, test.definition, result);
  result->set_method(absl::StrCat(step.method, ", against ", count,
                                  count == 1 ? " control" : " controls"));
  if (absl::Status parallel = CheckParallel(used, result); !parallel.ok()) {
    result->set_reason(std::string(parallel.message()));
  }
  return absl::OkStatus();
}

}  // namespace headway::pipeline
