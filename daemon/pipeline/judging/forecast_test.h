// The probability that values are on a side of a threshold in a period to come.
#ifndef HEADWAY_DAEMON_PIPELINE_JUDGING_FORECAST_TEST_H_
#define HEADWAY_DAEMON_PIPELINE_JUDGING_FORECAST_TEST_H_

#include "absl/status/status.h"
#include "daemon/pipeline/definitions/evidence/evidence_files.h"
#include "daemon/pipeline/judging/tested_values.h"
#include "headway/v1/evidence.pb.h"

namespace headway::pipeline {

// Forecasts the values that were tested up to the last period that is over by
// the day, and fills the result: the median, the 90 % interval, and the
// probability as the quantiles have it. It supports the claim above the
// definition's probability, and contradicts it below one minus that.
// FAILED_PRECONDITION: that period has passed, is more than 1,000 steps ahead,
// or the values cannot be forecast.
absl::Status RunForecastTest(const ClaimTest& test, const TestedValues& tested,
                             const JudgeInputs& inputs, v1::TestResult* result);

// The probability of a value above the threshold, by quantiles that do not fall
// and the rising probabilities that they are of; at least that of the outermost
// ones, which say nothing of what lies beyond. Pure.
double ProbabilityAbove(const std::vector<double>& probabilities,
                        const std::vector<double>& quantiles, double threshold);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_JUDGING_FORECAST_TEST_H_
