// How many lags a vector autoregression should have.
#ifndef HEADWAY_DAEMON_EVIDENCE_VAR_LAG_CHOICE_H_
#define HEADWAY_DAEMON_EVIDENCE_VAR_LAG_CHOICE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/evidence/var/system.h"

namespace headway::evidence {

enum class LagCriterion { kAic, kHannanQuinn, kBic, kFpe };
// "aic", "hq", "bic", "fpe".
absl::string_view LagCriterionName(LagCriterion criterion);

struct LagScores {
  int lags = 0;
  double aic = 0;
  double hannan_quinn = 0;
  double bic = 0;
  double fpe = 0;
};

struct LagChoice {
  // 1 to the most lags, all over the same observations, which begin after the
  // most lags.
  std::vector<LagScores> scores;
  int observations = 0;
  int aic = 0;
  int hannan_quinn = 0;
  int bic = 0;
  int fpe = 0;

  int Lags(LagCriterion criterion) const;
};

// Lütkepohl 2005, 4.3, as vars::VARselect computes it. INVALID_ARGUMENT: a bad
// system, `most` below 1, too few periods. Pure.
absl::StatusOr<LagChoice> ChooseLags(const System& system, int most,
                                     Deterministic deterministic);

// The most lags that leave a system with twice as many observations as
// coefficients, between 1 and `wanted`.
int AffordableLags(const System& system, int wanted,
                   Deterministic deterministic);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_VAR_LAG_CHOICE_H_
