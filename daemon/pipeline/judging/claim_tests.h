// Runs the tests of claims: from the values to results, as messages of the API.
#ifndef HEADWAY_DAEMON_PIPELINE_JUDGING_CLAIM_TESTS_H_
#define HEADWAY_DAEMON_PIPELINE_JUDGING_CLAIM_TESTS_H_

#include <set>

#include "absl/status/statusor.h"
#include "daemon/pipeline/definitions/evidence/evidence_files.h"
#include "daemon/pipeline/judging/tested_values.h"
#include "headway/v1/evidence.pb.h"

namespace headway::pipeline {

struct RanTest {
  v1::TestResult result;
  std::set<series::VintageKind> vintage_kinds;
};

// A test that cannot be run has the outcome NO_DATA, with the reason; the
// errors are CANCELLED and DEADLINE_EXCEEDED of the options' check_alive alone.
absl::StatusOr<RanTest> RunClaimTest(const ClaimTest& test,
                                     const JudgeInputs& inputs);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_JUDGING_CLAIM_TESTS_H_
