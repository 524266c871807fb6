#include "daemon/evidence/synthetic/control.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/synthetic/v_search.h"

namespace headway::evidence {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

absl::Status Refuse(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

absl::Status CheckShapes(const ControlData& data) {
  const auto units = static_cast<Index>(data.units.size());
  const auto periods = static_cast<Index>(data.periods.size());
  if (data.outcomes.rows() != units || data.outcomes.cols() != periods) {
    return Refuse(absl::StrCat("synthetic control: the outcomes are ",
                               data.outcomes.rows(), " by ",
                               data.outcomes.cols(), ", the names say ", units,
                               " units and ", periods, " periods"));
  }
  if (data.before < 2) {
    return Refuse(absl::StrCat(
        "synthetic control: there are ", data.before,
        " periods before the treatment; at least two are needed, and ten say "
        "more"));
  }
  if (data.before >= periods) {
    return Refuse(
        "synthetic control: no period is left after the treatment begins");
  }
  if (data.fit_begin < 0 || data.fit_begin >= data.fit_end ||
      data.fit_end > data.before) {
    return Refuse(absl::StrCat("synthetic control: the fit periods ",
                               data.fit_begin, " to ", data.fit_end,
                               " are not within the ", data.before,
                               " periods before the treatment"));
  }
  return absl::OkStatus();
}

absl::Status CheckOutcomes(const ControlData& data) {
  for (Index unit = 0; unit < data.outcomes.rows(); ++unit) {
    for (Index period = 0; period < data.outcomes.cols(); ++period) {
      if (std::isfinite(data.outcomes(unit, period))) continue;
      return Refuse(absl::StrCat(
          "synthetic control: \"", data.units[static_cast<size_t>(unit)],
          "\" has no outcome in ", data.periods[static_cast<size_t>(period)],
          "; fill it or leave the unit out"));
    }
  }
  return absl::OkStatus();
}

double MeanOverPeriods(const Predictor& predictor, Index unit) {
  double sum = 0;
  int count = 0;
  for (const int period : predictor.periods) {
    const double value = predictor.values(unit, period);
    if (!std::isfinite(value)) continue;
    sum += value;
    ++count;
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

absl::Status CheckPredictor(const ControlData& data,
                            const Predictor& predictor) {
  if (predictor.values.rows() != data.outcomes.rows() ||
      predictor.values.cols() != data.outcomes.cols() ||
      predictor.periods.empty()) {
    return Refuse(absl::StrCat("predictor ", predictor.name,
                               ": it must have a value for every unit and "
                               "period, and at least one period"));
  }
  for (const int period : predictor.periods) {
    if (period >= 0 && period < data.before) continue;
    return Refuse(absl::StrCat(
        "predictor ", predictor.name, ": ",
        period >= 0 && period < data.outcomes.cols()
            ? data.periods[static_cast<size_t>(period)]
            : absl::StrCat("period ", period),
        " is not before the treatment; predictors must not know its effect"));
  }
  for (Index unit = 0; unit < data.outcomes.rows(); ++unit) {
    if (std::isfinite(MeanOverPeriods(predictor, unit))) continue;
    return Refuse(absl::StrCat(
        "predictor ", predictor.name, ": \"",
        data.units[static_cast<size_t>(unit)],
        "\" has no value in its periods; choose others or leave the unit out"));
  }
  return absl::OkStatus();
}

// [predictor, unit]: the treated unit, then the donors.
MatrixXd PredictorMeans(const ControlData& data, int treated,
                        const std::vector<int>& donors) {
  MatrixXd means(static_cast<Index>(data.predictors.size()),
                 static_cast<Index>(donors.size()) + 1);
  for (Index k = 0; k < means.rows(); ++k) {
    const Predictor& predictor = data.predictors[static_cast<size_t>(k)];
    means(k, 0) = MeanOverPeriods(predictor, treated);
    for (Index j = 1; j < means.cols(); ++j) {
      means(k, j) =
          MeanOverPeriods(predictor, donors[static_cast<size_t>(j - 1)]);
    }
  }
  return means;
}

absl::StatusOr<VectorXd> Scales(const ControlData& data,
                                const MatrixXd& means) {
  VectorXd scales(means.rows());
  for (Index k = 0; k < means.rows(); ++k) {
    const VectorXd row = means.row(k);
    const double mean = row.mean();
    scales[k] = std::sqrt((row.array() - mean).square().sum() /
                          static_cast<double>(row.size() - 1));
    if (scales[k] > 1e-12 * std::abs(mean)) continue;
    return Refuse(absl::StrCat(
        "predictor ", data.predictors[static_cast<size_t>(k)].name,
        ": it is the same for all units and tells none from another; leave it "
        "out"));
  }
  return scales;
}

MatrixXd DonorRows(const MatrixXd& outcomes, const std::vector<int>& donors) {
  MatrixXd rows(static_cast<Index>(donors.size()), outcomes.cols());
  for (size_t j = 0; j < donors.size(); ++j) {
    rows.row(static_cast<Index>(j)) = outcomes.row(donors[j]);
  }
  return rows;
}

absl::StatusOr<VectorXd> FixedV(const ControlData& data,
                                const std::vector<double>& given) {
  if (given.size() != data.predictors.size()) {
    return Refuse(absl::StrCat("V has ", given.size(), " weights, there are ",
                               data.predictors.size(),
                               " predictors; give one for each, in their "
                               "order"));
  }
  const VectorXd v = Eigen::Map<const VectorXd>(
      given.data(), static_cast<Index>(given.size()));
  if (v.allFinite() && v.minCoeff() >= 0 && v.sum() > 0) return v / v.sum();
  return Refuse(
      "V must be finite and not negative, and not zero throughout; give one "
      "weight for each predictor");
}

absl::StatusOr<VectorXd> ChooseV(const ControlData& data,
                                 const VProblem& problem,
                                 const ControlOptions& options,
                                 ControlFit& fit) {
  const Index count = problem.treated.size();
  switch (options.v_method) {
    case VMethod::kFixed:
      return FixedV(data, options.v);
    case VMethod::kRegression:
      return RegressionV(problem);
    case VMethod::kNested: {
      std::vector<std::string> names;
      for (const Predictor& predictor : data.predictors) {
        names.push_back(predictor.name);
      }
      ASSIGN_OR_RETURN(VChoice choice, NestedV(problem, names));
      fit.starts = std::move(choice.starts);
      fit.starts_agree = choice.starts_agree;
      return choice.v;
    }
    case VMethod::kEqual:
    case VMethod::kOutcomes:
      break;
  }
  return VectorXd::Constant(count, 1.0 / static_cast<double>(count));
}

absl::Status FitByPredictors(const ControlData& data,
                             const ControlOptions& options, VProblem problem,
                             ControlFit& fit) {
  if (data.predictors.empty()) {
    return Refuse(
        "synthetic control: there are no predictors; name some, or choose the "
        "outcomes themselves");
  }
  const MatrixXd means = PredictorMeans(data, fit.treated, fit.donors);
  ASSIGN_OR_RETURN(const VectorXd scales, Scales(data, means));
  const MatrixXd scaled = scales.cwiseInverse().asDiagonal() * means;
  problem.treated = scaled.col(0);
  problem.donors = scaled.rightCols(scaled.cols() - 1);
  ASSIGN_OR_RETURN(const VectorXd v, ChooseV(data, problem, options, fit));
  ASSIGN_OR_RETURN(const SimplexFit inner, WeightsForV(problem, v));
  fit.v.assign(v.data(), v.data() + v.size());
  fit.weights = inner.weights;
  fit.inner_value = inner.value;
  fit.duality_gap = inner.duality_gap;
  fit.predictors_treated = means.col(0);
  fit.predictors_synthetic = means.rightCols(means.cols() - 1) * fit.weights;
  fit.predictors_donors = means.rightCols(means.cols() - 1).rowwise().mean();
  return absl::OkStatus();
}

absl::Status FitByOutcomes(const VProblem& problem, ControlFit& fit) {
  ASSIGN_OR_RETURN(
      const SimplexFit inner,
      FitSimplex({.a = problem.donor_outcomes, .b = problem.outcome}));
  fit.weights = inner.weights;
  fit.inner_value = inner.value;
  fit.duality_gap = inner.duality_gap;
  return absl::OkStatus();
}

void FillGaps(const ControlData& data, const MatrixXd& donor_outcomes,
              ControlFit& fit) {
  fit.synthetic = donor_outcomes.transpose() * fit.weights;
  fit.gaps = data.outcomes.row(fit.treated).transpose() - fit.synthetic;
  const Index after = fit.gaps.size() - data.before;
  const auto mean_square = [](const auto& gaps) {
    return gaps.squaredNorm() / static_cast<double>(gaps.size());
  };
  fit.fit_mspe = mean_square(
      fit.gaps.segment(data.fit_begin, data.fit_end - data.fit_begin));
  fit.pre_mspe = mean_square(fit.gaps.head(data.before));
  fit.post_mspe = mean_square(fit.gaps.tail(after));
  fit.ratio = fit.post_mspe / fit.pre_mspe;
  fit.effect = fit.gaps.tail(after).mean();
}

}  // namespace

absl::Status CheckControlData(const ControlData& data) {
  RETURN_IF_ERROR(CheckShapes(data));
  RETURN_IF_ERROR(CheckOutcomes(data));
  for (const Predictor& predictor : data.predictors) {
    RETURN_IF_ERROR(CheckPredictor(data, predictor));
  }
  return absl::OkStatus();
}

absl::StatusOr<ControlFit> FitControl(const ControlData& data, int treated,
                                      const std::vector<int>& donors,
                                      const ControlOptions& options) {
  if (donors.empty()) {
    return Refuse(absl::StrCat("synthetic control: no donor is left for \"",
                               data.units[static_cast<size_t>(treated)],
                               "\"; give at least two"));
  }
  ControlFit fit;
  fit.treated = treated;
  fit.donors = donors;
  const MatrixXd donor_outcomes = DonorRows(data.outcomes, donors);
  const Index begin = data.fit_begin;
  const Index length = data.fit_end - data.fit_begin;
  VProblem problem;
  problem.outcome =
      data.outcomes.row(treated).segment(begin, length).transpose();
  problem.donor_outcomes = donor_outcomes.middleCols(begin, length).transpose();
  RETURN_IF_ERROR(options.v_method == VMethod::kOutcomes
                      ? FitByOutcomes(problem, fit)
                      : FitByPredictors(data, options, problem, fit));
  FillGaps(data, donor_outcomes, fit);
  return fit;
}

}  // namespace headway::evidence
