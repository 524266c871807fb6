#include "daemon/evidence/counterfactual/input.h"

#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::evidence {
namespace {

bool Varies(const Eigen::VectorXd& values) {
  double low = INFINITY;
  double high = -INFINITY;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    low = std::fmin(low, value);
    high = std::fmax(high, value);
  }
  return high - low > 1e-12 * std::fmax(std::fabs(low), std::fabs(high));
}

Eigen::Index CountValues(const Eigen::VectorXd& values) {
  return values.array()
      .isNaN()
      .select(0, Eigen::ArrayXd::Ones(values.size()))
      .cast<Eigen::Index>()
      .sum();
}

absl::Status CheckShapes(const CounterfactualInput& input) {
  if (input.controls.rows() != input.periods() ||
      input.controls.cols() !=
          static_cast<Eigen::Index>(input.control_names.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("controls are ", input.controls.rows(), " x ",
                     input.controls.cols(), " for ", input.periods(),
                     " periods and ", input.control_names.size(), " names"));
  }
  if (input.before < 1 || input.after() < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the event leaves ", input.before, " periods before and ",
                     input.after(), " from it on; both need one at least"));
  }
  if (input.outcome.array().isInf().any()) {
    return absl::InvalidArgumentError(
        "the outcome has an infinite value; leave it out as missing");
  }
  return absl::OkStatus();
}

absl::Status CheckControl(const CounterfactualInput& input, Eigen::Index i) {
  const auto column = input.controls.col(i);
  const std::string& name = input.control_names[static_cast<size_t>(i)];
  for (Eigen::Index t = 0; t < column.size(); ++t) {
    if (std::isfinite(column[t])) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "control \"", name, "\" is missing in period ", t + 1, " of ",
        column.size(),
        "; fill it, leave the control out, or end the periods before"));
  }
  if (Varies(column.head(input.before))) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "control \"", name, "\" does not vary before the event; leave it out"));
}

}  // namespace

absl::Status CheckInput(const CounterfactualInput& input,
                        const StructuralForm& form) {
  RETURN_IF_ERROR(CheckShapes(input));
  for (Eigen::Index i = 0; i < input.controls.cols(); ++i) {
    RETURN_IF_ERROR(CheckControl(input, i));
  }
  const Eigen::Index known = CountValues(input.outcome.head(input.before));
  const Eigen::Index need = form.states() + 3;
  if (known < need) {
    return absl::FailedPreconditionError(absl::StrCat(
        "before the event the outcome has ", known, " values; a model with ",
        form.states(), " states needs ", need,
        "; begin earlier, or leave the season or the slope out"));
  }
  if (CountValues(input.outcome.tail(input.after())) == 0) {
    return absl::FailedPreconditionError(
        "the outcome has no value from the event on; there is no effect to "
        "estimate");
  }
  if (Varies(input.outcome.head(input.before))) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the outcome does not vary before the event; no model can be fitted");
}

CounterfactualInput Part(const CounterfactualInput& input, Eigen::Index before,
                         Eigen::Index periods) {
  return {.outcome = input.outcome.head(periods),
          .controls = input.controls.topRows(periods),
          .control_names = input.control_names,
          .before = before};
}

}  // namespace headway::evidence
