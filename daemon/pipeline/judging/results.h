// Estimates as results of tests, as messages of the API. Pure functions.
#ifndef HEADWAY_DAEMON_PIPELINE_JUDGING_RESULTS_H_
#define HEADWAY_DAEMON_PIPELINE_JUDGING_RESULTS_H_

#include "daemon/evidence/claims/estimates.h"
#include "headway/config/v1/evidence.pb.h"
#include "headway/v1/evidence.pb.h"

namespace headway::pipeline {

// The numbers of the estimate, and the outcome that they have by the test's
// side, threshold and band.
void FillEstimate(const evidence::Estimate& estimate,
                  const config::v1::ClaimTest& definition,
                  v1::TestResult* result);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_JUDGING_RESULTS_H_
