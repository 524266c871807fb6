#include "tests/evidence/synthetic/panels.h"

#include <numeric>

#include "absl/strings/str_cat.h"
#include "daemon/forecast/math/normal.h"

namespace headway::evidence {

ControlData MadePanel(int units, double effect, uint64_t seed) {
  constexpr int kPeriods = 20;
  constexpr int kBefore = 14;
  forecast::NormalGenerator normal(seed);
  Eigen::MatrixXd factors(2, kPeriods);
  for (double& value : factors.reshaped()) value = normal.Next();
  for (int t = 1; t < kPeriods; ++t) factors.col(t) += factors.col(t - 1);
  ControlData data;
  data.outcomes.resize(units, kPeriods);
  for (int unit = 0; unit < units; ++unit) {
    data.units.push_back(absl::StrCat("unit ", unit));
    const Eigen::RowVector2d loads(2 + normal.Next(), 1 + normal.Next());
    data.outcomes.row(unit) = loads * factors;
    data.outcomes.row(unit).array() += 20 + 3 * normal.Next();
    for (int t = 0; t < kPeriods; ++t) {
      data.outcomes(unit, t) += 0.3 * normal.Next();
    }
  }
  data.outcomes.row(0) =
      0.6 * data.outcomes.row(1) + 0.4 * data.outcomes.row(2);
  for (int t = 0; t < kPeriods; ++t) {
    data.periods.push_back(absl::StrCat(2000 + t));
    data.outcomes(0, t) += 0.01 * normal.Next() + (t >= kBefore ? effect : 0);
  }
  data.before = kBefore;
  data.fit_end = kBefore;
  data.predictors = {
      {"level", data.outcomes, {0, 1, 2, 3, 4, 5, 6}},
      {"end", data.outcomes, {kBefore - 1}},
  };
  return data;
}

std::vector<int> DonorsTo(int count) {
  std::vector<int> donors(static_cast<size_t>(count));
  std::iota(donors.begin(), donors.end(), 1);
  return donors;
}

}  // namespace headway::evidence
