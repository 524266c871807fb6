// Difference in differences over time: how much values step at an event against
// controls.
#ifndef HEADWAY_DAEMON_PIPELINE_JUDGING_DIFFERENCE_TEST_H_
#define HEADWAY_DAEMON_PIPELINE_JUDGING_DIFFERENCE_TEST_H_

#include "absl/status/status.h"
#include "daemon/pipeline/definitions/evidence/evidence_files.h"
#include "daemon/pipeline/judging/tested_values.h"
#include "headway/v1/evidence.pb.h"

namespace headway::pipeline {

// The difference of the values and the controls' mean, where all have values;
// its step at the event. The outcome is GATE_FAILED where the difference drifts
// before the event: then a step would be found without any.
// FAILED_PRECONDITION: a control that the event affects, controls of another
// frequency or unit, no common periods, and what evidence::StepAtEvent has.
absl::Status RunDifferenceTest(const ClaimTest& test,
                               const TestedValues& tested,
                               const JudgeInputs& inputs,
                               v1::TestResult* result);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_JUDGING_DIFFERENCE_TEST_H_
