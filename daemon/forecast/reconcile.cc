#include "daemon/forecast/reconcile.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/cholesky.h"

namespace headway::forecast {
namespace {

using Matrix = std::vector<std::vector<double>>;

bool AllFinite(absl::Span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value); });
}

absl::Status CheckRows(absl::Span<const std::vector<double>> rows, size_t count,
                       absl::string_view what) {
  if (rows.size() != count) {
    return absl::InvalidArgumentError(
        absl::StrCat("reconciliation needs ", what, " for each of the ", count,
                     " series of the hierarchy, and there are ", rows.size()));
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() != rows[0].size()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "reconciliation needs ", what, " of one length, and series ", i,
          " has ", rows[i].size(), " where the first has ", rows[0].size()));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckHierarchy(const Hierarchy& hierarchy,
                            absl::Span<const std::vector<double>> base) {
  if (hierarchy.bottom < 1) {
    return absl::InvalidArgumentError(
        "reconciliation needs at least one bottom series");
  }
  for (size_t i = 0; i < hierarchy.sums.size(); ++i) {
    if (hierarchy.sums[i].size() != static_cast<size_t>(hierarchy.bottom) ||
        !AllFinite(hierarchy.sums[i])) {
      return absl::InvalidArgumentError(absl::StrCat(
          "aggregate ", i, " of the hierarchy needs a finite weight for each ",
          "of the ", hierarchy.bottom, " bottom series"));
    }
  }
  RETURN_IF_ERROR(CheckRows(base, hierarchy.series(), "base forecasts"));
  for (size_t i = 0; i < base.size(); ++i) {
    if (!AllFinite(base[i])) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the base forecasts of series ", i, " are not all finite"));
    }
  }
  return absl::OkStatus();
}

// The excess of an aggregate over the sum of its bottom series.
double Excess(const std::vector<double>& weights, size_t aggregate,
              size_t aggregates, absl::Span<const double> values) {
  double sum = values[aggregate];
  for (size_t j = 0; j < weights.size(); ++j) {
    sum -= weights[j] * values[aggregates + j];
  }
  return sum;
}

// Minimises the trace over all forecasts that add up. With the constraints
// C y = 0, where a row of C takes the sum from its aggregate, MinT is
//   y - W C' (C W C')^-1 C y,
// which needs no inverse of the covariance W and only as many equations as
// there are aggregates (Wickramasuriya and others 2019, section 2.4).
class Projection {
 public:
  static absl::StatusOr<Projection> Create(const Hierarchy& hierarchy,
                                           const Matrix& covariance) {
    Projection projection(hierarchy, covariance);
    if (!FactoriseCholesky(projection.factor_)) {
      return absl::FailedPreconditionError(
          "reconciliation needs errors that vary: an aggregate and all that "
          "it sums have none, or one aggregate repeats another; leave it out, "
          "or give errors of a held-out part");
    }
    return projection;
  }

  void Apply(std::vector<double>& values) const {
    const size_t aggregates = hierarchy_.sums.size();
    std::vector<double> weights(aggregates);
    for (size_t i = 0; i < aggregates; ++i) {
      weights[i] = Excess(hierarchy_.sums[i], i, aggregates, values);
    }
    SolveCholesky(factor_, weights);
    for (size_t j = 0; j < values.size(); ++j) {
      for (size_t i = 0; i < aggregates; ++i) {
        values[j] -= products_[i][j] * weights[i];
      }
    }
  }

  // How much the reconciliation takes from the variance of series j.
  double Gain(size_t j) const {
    std::vector<double> column(products_.size());
    for (size_t i = 0; i < column.size(); ++i) column[i] = products_[i][j];
    std::vector<double> solved = column;
    SolveCholesky(factor_, solved);
    double sum = 0;
    for (size_t i = 0; i < column.size(); ++i) sum += column[i] * solved[i];
    return sum;
  }

 private:
  Projection(const Hierarchy& hierarchy, const Matrix& covariance)
      : hierarchy_(hierarchy) {
    const size_t aggregates = hierarchy.sums.size();
    for (size_t i = 0; i < aggregates; ++i) {
      std::vector<double>& row = products_.emplace_back();
      for (size_t j = 0; j < covariance.size(); ++j) {
        row.push_back(Excess(hierarchy.sums[i], i, aggregates, covariance[j]));
      }
    }
    for (size_t i = 0; i < aggregates; ++i) {
      std::vector<double>& row = factor_.emplace_back();
      for (size_t k = 0; k < aggregates; ++k) {
        row.push_back(Excess(hierarchy.sums[i], i, aggregates, products_[k]));
      }
    }
  }

  const Hierarchy& hierarchy_;
  Matrix products_;  // C W: [aggregate][series]
  Matrix factor_;    // of C W C'
};

// The aggregates are summed again, so that they add up to the last digit.
void SumUp(const Hierarchy& hierarchy, NegativeForecasts negative,
           std::vector<double>& values) {
  const size_t aggregates = hierarchy.sums.size();
  if (negative == NegativeForecasts::kSetToZero) {
    for (size_t j = aggregates; j < values.size(); ++j) {
      values[j] = std::max(values[j], 0.0);
    }
  }
  for (size_t i = 0; i < aggregates; ++i) {
    double sum = 0;
    for (int j = 0; j < hierarchy.bottom; ++j) {
      sum += hierarchy.sums[i][j] * values[aggregates + j];
    }
    values[i] = sum;
  }
}

}  // namespace

absl::StatusOr<ShrunkCovariance> EstimateCovariance(
    absl::Span<const std::vector<double>> errors) {
  RETURN_IF_ERROR(CheckRows(errors, errors.size(), "errors"));
  const size_t series = errors.size();
  std::vector<size_t> periods;
  for (size_t t = 0; series > 0 && t < errors[0].size(); ++t) {
    if (std::all_of(errors.begin(), errors.end(),
                    [t](const auto& row) { return std::isfinite(row[t]); })) {
      periods.push_back(t);
    }
  }
  if (periods.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "reconciliation needs two periods in which every series has an error, ",
        "and there are ", periods.size()));
  }
  const double n = static_cast<double>(periods.size());
  ShrunkCovariance estimate;
  Matrix& covariance = estimate.covariance;
  covariance.assign(series, std::vector<double>(series));
  std::vector<double> deviations(series);
  double variances_of_correlations = 0;
  double squared_correlations = 0;
  for (size_t i = 0; i < series; ++i) {
    double own = 0;
    for (size_t t : periods) own += errors[i][t] * errors[i][t];
    covariance[i][i] = own / n;
    deviations[i] = std::sqrt(own / n);
    for (size_t j = 0; j < i; ++j) {
      double sum = 0;
      double squares = 0;
      for (size_t t : periods) {
        const double product = errors[i][t] * errors[j][t];
        sum += product;
        squares += product * product;
      }
      covariance[i][j] = covariance[j][i] = sum / n;
      if (!(deviations[i] > 0) || !(deviations[j] > 0)) continue;
      // The sums of the standardised errors.
      const double scale = deviations[i] * deviations[j];
      const double r = sum / scale;
      variances_of_correlations +=
          (squares / (scale * scale) - r * r / n) / (n * (n - 1));
      squared_correlations += (r / n) * (r / n);
    }
  }
  if (squared_correlations > 0) {
    estimate.shrinkage =
        std::clamp(variances_of_correlations / squared_correlations, 0.0, 1.0);
  }
  for (size_t i = 0; i < series; ++i) {
    for (size_t j = 0; j < series; ++j) {
      if (i != j) covariance[i][j] *= 1 - estimate.shrinkage;
    }
  }
  return estimate;
}

absl::StatusOr<Reconciled> Reconcile(
    const Hierarchy& hierarchy, absl::Span<const std::vector<double>> base,
    absl::Span<const std::vector<double>> errors, NegativeForecasts negative) {
  RETURN_IF_ERROR(CheckHierarchy(hierarchy, base));
  RETURN_IF_ERROR(CheckRows(errors, hierarchy.series(), "errors"));
  ASSIGN_OR_RETURN(const ShrunkCovariance estimate, EstimateCovariance(errors));
  ASSIGN_OR_RETURN(const Projection projection,
                   Projection::Create(hierarchy, estimate.covariance));
  Reconciled reconciled;
  reconciled.shrinkage = estimate.shrinkage;
  reconciled.forecasts.assign(base.size(), std::vector<double>(base[0].size()));
  std::vector<double> values(base.size());
  for (size_t h = 0; h < base[0].size(); ++h) {
    for (size_t j = 0; j < base.size(); ++j) values[j] = base[j][h];
    projection.Apply(values);
    SumUp(hierarchy, negative, values);
    for (size_t j = 0; j < base.size(); ++j) {
      reconciled.forecasts[j][h] = values[j];
    }
  }
  for (size_t j = 0; j < base.size(); ++j) {
    reconciled.variance.push_back(
        std::max(0.0, estimate.covariance[j][j] - projection.Gain(j)));
  }
  return reconciled;
}

}  // namespace headway::forecast
