#include "daemon/evidence/counterfactual/state_filter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/evidence/examples.h"

namespace headway::evidence {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// The smoothed states by the joint distribution of states and values: first
// states of a very large variance stand for diffuse ones.
MatrixXd ByRegression(const VectorXd& values, const StructuralForm& form,
                      const StructuralVariances& noise) {
  const int states = form.states();
  const Eigen::Index periods = values.size();
  // Columns are the sources of randomness: first states, then noise.
  const Eigen::Index sources = states * periods;
  MatrixXd loadings = MatrixXd::Zero(states * periods, sources);
  VectorXd variance = VectorXd::Zero(sources);
  for (int i = 0; i < states; ++i) {
    variance[i] = 1e7;
    loadings(i, i) = 1;
  }
  for (Eigen::Index t = 1; t < periods; ++t) {
    for (Eigen::Index c = 0; c < sources; ++c) {
      VectorXd state = loadings.block((t - 1) * states, c, states, 1);
      MoveStates(form, state);
      loadings.block(t * states, c, states, 1) = state;
    }
    for (int i = 0; i < states; ++i)
      loadings(t * states + i, t * states + i) = 1;
    variance[t * states] = noise.level;
    if (form.slope) variance[t * states + 1] = noise.slope;
    if (form.season > 1) {
      variance[t * states + form.first_season()] = noise.season;
    }
  }
  std::vector<Eigen::Index> known;
  for (Eigen::Index t = 0; t < periods; ++t) {
    if (!std::isnan(values[t])) known.push_back(t);
  }
  MatrixXd seen(known.size(), sources);
  VectorXd y(known.size());
  for (size_t i = 0; i < known.size(); ++i) {
    const Eigen::Index t = known[i];
    seen.row(i) = loadings.row(t * states);
    if (form.season > 1) {
      seen.row(i) += loadings.row(t * states + form.first_season());
    }
    y[i] = values[t];
  }
  MatrixXd covariance = seen * variance.asDiagonal() * seen.transpose();
  covariance.diagonal().array() += noise.irregular;
  const VectorXd all = loadings * variance.asDiagonal() * seen.transpose() *
                       covariance.ldlt().solve(y);
  return all.reshaped(states, periods);
}

void ExpectSmoothed(const StructuralForm& form,
                    const StructuralVariances& noise) {
  VectorXd values = Walks(24, 1, 3).col(0);
  values[7] = kNone;
  values[8] = kNone;
  StateFilter filter(form);
  filter.Run(values, noise, FirstState::Diffuse(form));
  EXPECT_LT(Distance(filter.SmoothedStates(VectorXd()),
                     ByRegression(values, form, noise)),
            2e-5);
}

TEST(StateFilter, SmoothsALevel) {
  ExpectSmoothed({}, {.irregular = 0.7, .level = 0.3});
}

TEST(StateFilter, SmoothsALevelWithASlope) {
  ExpectSmoothed({.slope = true},
                 {.irregular = 0.7, .level = 0.3, .slope = 0.1});
}

TEST(StateFilter, SmoothsASeasonThatChanges) {
  ExpectSmoothed({.slope = false, .season = 4},
                 {.irregular = 0.7, .level = 0.3, .season = 0.2});
}

TEST(StateFilter, KnowsWhenASeasonIsNotDetermined) {
  const StructuralForm form = {.season = 12};
  StateFilter filter(form);
  filter.Run(VectorXd(Walks(10, 1, 3).col(0)), {.irregular = 1},
             FirstState::Diffuse(form));
  EXPECT_FALSE(filter.is_determined());
}

}  // namespace
}  // namespace headway::evidence
