#include "daemon/evidence/nowcast/midas_weights.h"

#include <cmath>
#include <limits>

namespace headway::evidence {
namespace {

// Both families are exp(theta . features + offset), normalised.
struct Features {
  Eigen::MatrixXd columns;  // lags x 2
  Eigen::VectorXd offset;
};

Features FeaturesOf(MidasWeights weights, int lags) {
  Features features{Eigen::MatrixXd(lags, 2), Eigen::VectorXd::Zero(lags)};
  for (int i = 0; i < lags; ++i) {
    if (weights == MidasWeights::kNealmon) {
      const double place = i + 1;
      features.columns.row(i) << place, place * place;
      continue;
    }
    constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
    double x = static_cast<double>(i) / (lags - 1);
    if (i == 0) x = kEpsilon;
    if (i == lags - 1) x = 1 - kEpsilon;
    features.columns.row(i) << std::log(x), std::log1p(-x);
    features.offset[i] = -std::log(x) - std::log1p(-x);
  }
  return features;
}

}  // namespace

absl::string_view MidasWeightsName(MidasWeights weights) {
  switch (weights) {
    case MidasWeights::kUnrestricted:
      return "umidas";
    case MidasWeights::kEqual:
      return "mean";
    case MidasWeights::kNealmon:
      return "nealmon";
    case MidasWeights::kNbeta:
      return "nbeta";
  }
  return "umidas";
}

int ThetaCount(MidasWeights weights) {
  return weights == MidasWeights::kNealmon || weights == MidasWeights::kNbeta
             ? 2
             : 0;
}

WeightsAndSlopes WeightsAt(MidasWeights weights, int lags,
                           const Eigen::Vector2d& theta) {
  if (ThetaCount(weights) == 0) {
    return {Eigen::VectorXd::Constant(lags, 1.0 / lags),
            Eigen::MatrixXd::Zero(lags, 2)};
  }
  const Features features = FeaturesOf(weights, lags);
  Eigen::ArrayXd powers = (features.columns * theta + features.offset).array();
  powers -= powers.maxCoeff();
  WeightsAndSlopes result;
  result.weights = (powers.exp() / powers.exp().sum()).matrix();
  const Eigen::RowVectorXd mean = result.weights.transpose() * features.columns;
  result.slopes =
      result.weights.asDiagonal() * (features.columns.rowwise() - mean);
  return result;
}

ThetaSearch ThetaSearchOf(MidasWeights weights, int lags) {
  ThetaSearch search;
  if (weights == MidasWeights::kNealmon) {
    // Of i / lags and its square.
    search.low = {-80, -80};
    search.high = {80, 80};
    for (double linear : {-20.0, -5.0, 0.0, 5.0, 20.0}) {
      for (double square : {-20.0, -5.0, 0.0, 5.0}) {
        search.starts.push_back({linear, square});
      }
    }
    return search;
  }
  // Logarithms.
  search.low.setConstant(std::log(0.01));
  search.high.setConstant(std::log(300.0));
  for (double first : {0.7, 1.0, 1.5, 4.0, 15.0}) {
    for (double second : {0.7, 1.0, 3.0, 8.0, 25.0}) {
      search.starts.push_back({std::log(first), std::log(second)});
    }
  }
  static_cast<void>(lags);
  return search;
}

Eigen::Vector2d ThetaFromUnits(MidasWeights weights, int lags,
                               const Eigen::Vector2d& units) {
  if (weights == MidasWeights::kNealmon) {
    return units.cwiseProduct(ThetaSlope(weights, lags, units));
  }
  return units.array().exp();
}

Eigen::Vector2d ThetaSlope(MidasWeights weights, int lags,
                           const Eigen::Vector2d& units) {
  if (weights == MidasWeights::kNealmon) {
    const double count = lags;
    return {1 / count, 1 / (count * count)};
  }
  return units.array().exp();
}

}  // namespace headway::evidence
