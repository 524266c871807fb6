#include "daemon/forecast/arima/design.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/seasonality.h"

namespace headway::forecast {
namespace {

// Each side column takes as long to filter as the series itself. A convention.
constexpr int kMostMissing = 20;

// Gathers columns that do not depend on those before them (Gram and Schmidt).
class Independence {
 public:
  bool Add(const std::vector<double>& column) {
    std::vector<double> rest = column;
    const double before = Norm(rest);
    // Twice, because once leaves the rounding of nearly dependent columns.
    for (int pass = 0; pass < 2; ++pass) {
      for (const std::vector<double>& direction : directions_) {
        double product = 0;
        for (size_t t = 0; t < rest.size(); ++t) {
          product += rest[t] * direction[t];
        }
        for (size_t t = 0; t < rest.size(); ++t) {
          rest[t] -= product * direction[t];
        }
      }
    }
    const double after = Norm(rest);
    if (!(after > 1e-8 * before)) return false;
    for (double& value : rest) value /= after;
    directions_.push_back(std::move(rest));
    return true;
  }

 private:
  static double Norm(const std::vector<double>& column) {
    double sum = 0;
    for (double value : column) sum += value * value;
    return std::sqrt(sum);
  }

  std::vector<std::vector<double>> directions_;
};

void AddSide(std::vector<double> column, ArimaDesign& design) {
  design.sides.push_back(Difference(column, design.form));
  design.side_levels.push_back(std::move(column));
}

// Missing values that no difference tells apart from others are left at their
// bridges.
void AddMissing(absl::Span<const double> values, Independence& independence,
                ArimaDesign& design) {
  const int absent = static_cast<int>(values.size()) - CountPresent(values);
  if (absent > kMostMissing) {
    design.bridged = absent;
    return;
  }
  for (size_t t = 0; t < values.size(); ++t) {
    if (!std::isnan(values[t])) continue;
    std::vector<double> column(values.size());
    column[t] = 1;
    if (!independence.Add(Difference(column, design.form))) continue;
    AddSide(std::move(column), design);
    ++design.missing;
  }
}

void AddConstant(size_t size, Independence& independence, ArimaDesign& design) {
  const int order = design.form.differences + design.form.seasonal_differences;
  if (order > 1) return;
  std::vector<double> column(size, 1.0);
  if (order == 1) {
    for (size_t t = 0; t < size; ++t) column[t] = static_cast<double>(t + 1);
  }
  if (!independence.Add(Difference(column, design.form))) return;
  AddSide(std::move(column), design);
  design.allows_constant = true;
}

absl::Status AddRegressors(const Regressors& regressors, size_t size,
                           Independence& independence, ArimaDesign& design) {
  for (size_t i = 0; i < regressors.size(); ++i) {
    const std::vector<double>& column = regressors[i];
    if (column.size() != size) {
      return absl::InvalidArgumentError(
          absl::StrCat("regressor ", i + 1, " has ", column.size(),
                       " values, and the series ", size));
    }
    for (size_t t = 0; t < size; ++t) {
      if (std::isfinite(column[t])) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "regressor ", i + 1, " is ", column[t], " at position ", t + 1,
          "; every value of a regressor must be a finite number"));
    }
    if (!independence.Add(Difference(column, design.form))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "regressor ", i + 1,
          " depends on those before it or on the constant once differenced; "
          "leave it out"));
    }
    AddSide(column, design);
  }
  return absl::OkStatus();
}

}  // namespace

bool IsNearlyConstant(absl::Span<const double> values) {
  if (values.empty()) return true;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double scale = std::max(std::abs(*least), std::abs(*most));
  return *most - *least <= 1e-12 * scale;
}

std::vector<size_t> UsableRegressors(absl::Span<const double> values,
                                     const ArimaForm& form,
                                     const Regressors& regressors) {
  if (static_cast<int>(values.size()) <= form.lost()) return {};
  ArimaDesign design;
  design.form = form;
  Independence independence;
  AddMissing(values, independence, design);
  AddConstant(values.size(), independence, design);
  std::vector<size_t> usable;
  for (size_t i = 0; i < regressors.size(); ++i) {
    if (independence.Add(Difference(regressors[i], form))) usable.push_back(i);
  }
  return usable;
}

absl::StatusOr<ArimaDesign> MakeArimaDesign(absl::Span<const double> values,
                                            const ArimaForm& form,
                                            const Regressors& regressors,
                                            StopRequest stop) {
  ArimaDesign design;
  design.form.differences = form.differences;
  design.form.seasonal_differences = form.seasonal_differences;
  design.form.season = form.season;
  const int lost = form.lost();
  const int present = CountPresent(values);
  if (present <= lost) {
    return absl::FailedPreconditionError(
        absl::StrCat("an ARIMA model with these differences needs at least ",
                     lost + 1, " values, and there are ", present));
  }
  design.levels = FillGaps(values, form.season, stop);
  design.values = Difference(design.levels, design.form);
  Independence independence;
  AddMissing(values, independence, design);
  AddConstant(values.size(), independence, design);
  RETURN_IF_ERROR(
      AddRegressors(regressors, values.size(), independence, design));
  design.observations = static_cast<int>(design.values.size()) - design.missing;
  return design;
}

}  // namespace headway::forecast
