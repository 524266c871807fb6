// The verdict on a claim, as of an instant: its tests are run, and vote.
//
// The same definitions, store and instant give the same verdict, bit by bit.
#ifndef HEADWAY_DAEMON_PIPELINE_JUDGING_JUDGE_H_
#define HEADWAY_DAEMON_PIPELINE_JUDGING_JUDGE_H_

#include "absl/status/statusor.h"
#include "daemon/pipeline/definitions/evidence/evidence_files.h"
#include "daemon/pipeline/judging/tested_values.h"
#include "headway/v1/evidence.pb.h"

namespace headway::pipeline {

// Without the instant of the verdict, which the caller knows. Errors are those
// of the options' check_alive; whatever else is wrong the verdict says.
absl::StatusOr<v1::Claim> JudgeClaim(const Claim& claim,
                                     const JudgeInputs& inputs);

v1::Event ToProto(const Event& event);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_JUDGING_JUDGE_H_
