// The values that a test of a claim is about.
#ifndef HEADWAY_DAEMON_PIPELINE_JUDGING_TESTED_VALUES_H_
#define HEADWAY_DAEMON_PIPELINE_JUDGING_TESTED_VALUES_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/pipeline/definitions/evidence/evidence_files.h"
#include "daemon/pipeline/derivation.h"
#include "daemon/pipeline/manager.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"
#include "daemon/series/unit.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

struct TestedValues {
  series::Labels labels;
  series::Unit unit;
  series::Frequency frequency = series::Frequency::kMonthly;
  // The period of the first value.
  int32_t first = 0;
  // From the first to the last, NaN where there is none. Partial values are
  // left out.
  std::vector<double> values;
  std::set<series::VintageKind> vintage_kinds;
  std::vector<std::string> notes;

  int32_t last() const {
    return first + static_cast<int32_t>(values.size()) - 1;
  }
};

// What the claims are judged with. Borrowed.
struct JudgeInputs {
  const PipelineManager* pipelines = nullptr;
  const Definitions* definitions = nullptr;
  const store::Reader* reader = nullptr;
  EvaluateOptions options;
  // The instant of the verdict; finite. It seeds what is forecast, so that a
  // verdict asked for as of it later is the same.
  absl::Time instant;
};

// Whether the series is one that the test names.
bool HasLabels(const series::Labels& labels,
               const google::protobuf::Map<std::string, std::string>& wanted);

// The one series of the test's values that has its labels.
// FAILED_PRECONDITION, with what is missing: there is none, or more than one.
// Else the errors of the evaluation.
absl::StatusOr<TestedValues> ReadTestedValues(const ClaimTest& test,
                                              const JudgeInputs& inputs);

// All series of an expression, at least one. Errors as above.
absl::StatusOr<std::vector<TestedValues>> ReadAllValues(
    const std::string& text, const JudgeInputs& inputs);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_JUDGING_TESTED_VALUES_H_
