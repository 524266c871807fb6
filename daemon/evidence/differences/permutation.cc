#include "daemon/evidence/differences/permutation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/forecast/math/normal.h"

namespace headway::evidence {
namespace {

// More than `most` is `most` + 1.
int64_t WaysToChoose(int n, int k, int64_t most) {
  double ways = 1;
  for (int i = 1; i <= k; ++i) {
    ways = ways * (n - k + i) / i;
    if (ways > static_cast<double>(most)) return most + 1;
  }
  return std::llround(ways);
}

double Difference(const Eigen::VectorXd& change,
                  const std::vector<bool>& treated) {
  double sum = 0;
  double count = 0;
  for (size_t i = 0; i < treated.size(); ++i) {
    if (!treated[i]) continue;
    sum += change[static_cast<Eigen::Index>(i)];
    ++count;
  }
  return sum / count -
         (change.sum() - sum) / (static_cast<double>(treated.size()) - count);
}

void Shuffle(std::vector<bool>& treated, uint64_t seed, uint64_t& counter) {
  for (size_t i = treated.size() - 1; i > 0; --i) {
    const double u = forecast::UniformAt(seed, ++counter);
    const auto j = static_cast<size_t>(u * static_cast<double>(i + 1));
    const bool kept = treated[i];
    treated[i] = treated[j];
    treated[j] = kept;
  }
}

}  // namespace

absl::StatusOr<RandomisationTest> TestRandomisation(
    const Eigen::VectorXd& change, const std::vector<bool>& treated, int draws,
    uint64_t seed) {
  const auto n = static_cast<int>(treated.size());
  const auto k =
      static_cast<int>(std::count(treated.begin(), treated.end(), true));
  if (n != change.size() || k == 0 || k == n) {
    return absl::InvalidArgumentError(
        absl::StrCat("of ", n, " units ", k,
                     " are treated; lots need some of each, and a change of "
                     "every unit"));
  }
  RandomisationTest test{.difference = Difference(change, treated),
                         .seed = seed};
  const int64_t ways = WaysToChoose(n, k, draws);
  test.enumerated = ways <= draws;
  test.assignments = test.enumerated ? static_cast<int>(ways) : draws;
  const double bound = std::abs(test.difference) * (1 - 1e-10);
  int extreme = 0;
  uint64_t counter = 0;
  std::vector<bool> drawn = treated;
  if (test.enumerated) std::sort(drawn.begin(), drawn.end());
  for (int draw = 0; draw < test.assignments; ++draw) {
    if (!test.enumerated) Shuffle(drawn, seed, counter);
    extreme += std::abs(Difference(change, drawn)) >= bound;
    if (test.enumerated) std::next_permutation(drawn.begin(), drawn.end());
  }
  const double all = test.assignments + (test.enumerated ? 0 : 1);
  test.p = (extreme + (test.enumerated ? 0 : 1)) / all;
  test.least_p = 1 / all;
  return test;
}

TwoWayWeights WeightsOf(const LinearFit& fit,
                        const std::vector<bool>& treated) {
  TwoWayWeights weights;
  double total = 0;
  for (int i = 0; i < fit.rows(); ++i) {
    if (!treated[static_cast<size_t>(i)]) continue;
    const double weight = fit.x(i, 0);
    total += weight;
    ++weights.rows;
    if (weight >= 0) continue;
    ++weights.negative;
    weights.negative_sum += weight;
  }
  weights.negative_sum /= total;
  return weights;
}

}  // namespace headway::evidence
