// Synthetic control: the weighted mean of donors that is most like a treated
// unit before its treatment, as its counterfactual after it.
//
// Abadie, Gardeazabal 2003, "The Economic Costs of Conflict", American Economic
// Review 93; Abadie, Diamond, Hainmueller 2010, "Synthetic Control Methods for
// Comparative Case Studies", Journal of the American Statistical Association
// 105. Pure functions, thread-safe, deterministic.
#ifndef HEADWAY_DAEMON_EVIDENCE_SYNTHETIC_CONTROL_H_
#define HEADWAY_DAEMON_EVIDENCE_SYNTHETIC_CONTROL_H_

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace headway::evidence {

// The mean of a variable over some periods.
struct Predictor {
  std::string name;
  // [unit, period]; NaN where missing: the mean is over what is there.
  Eigen::MatrixXd values;
  std::vector<int> periods;
};

struct ControlData {
  // For messages; as many as there are rows of `outcomes`.
  std::vector<std::string> units;
  std::vector<std::string> periods;
  // [unit, period], without missing values.
  Eigen::MatrixXd outcomes;
  std::vector<Predictor> predictors;
  // How many periods come before the treatment.
  int before = 0;
  // The periods [fit_begin, fit_end) before the treatment whose gaps decide.
  int fit_begin = 0;
  int fit_end = 0;
};

// How much each predictor counts.
enum class VMethod {
  // What the caller gives.
  kFixed,
  kEqual,
  // Squared coefficients of regressions of the outcomes of the fit periods on
  // the predictors, as R's Synth begins with.
  kRegression,
  // That V whose weights leave the least mean squared gap in the fit periods.
  kNested,
  // No predictors: the outcomes of the fit periods themselves, unscaled.
  kOutcomes,
};

struct ControlOptions {
  VMethod v_method = VMethod::kNested;
  // For kFixed: not negative, one for each predictor. Only ratios matter.
  std::vector<double> v;
};

// A start of the nested search, and the mean squared gap that it led to.
struct SearchStart {
  std::string name;
  double initial = 0;
  double reached = 0;
};

struct ControlFit {
  int treated = 0;
  // Rows of the data, and the weight of each: not negative, sum one.
  std::vector<int> donors;
  Eigen::VectorXd weights;
  // Of the scaled predictors, sum one; empty for kOutcomes. V is not
  // identified: very different V lead to the same weights, and it says nothing
  // of how important a predictor is.
  std::vector<double> v;
  // [predictor]: of the treated unit, of its synthetic one, and the mean of all
  // donors; in the predictors' own units.
  Eigen::VectorXd predictors_treated;
  Eigen::VectorXd predictors_synthetic;
  Eigen::VectorXd predictors_donors;
  // [period]: outcome of the synthetic unit; observed minus synthetic.
  Eigen::VectorXd synthetic;
  Eigen::VectorXd gaps;
  // Mean squared gaps: in the fit periods, all before, all after.
  double fit_mspe = 0;
  double pre_mspe = 0;
  double post_mspe = 0;
  // post / pre; infinite where the fit before is perfect.
  double ratio = 0;
  // The mean gap after.
  double effect = 0;
  // Of the weights given V (simplex_qp.h), and the value that it belongs to.
  double inner_value = 0;
  double duality_gap = 0;
  // kNested alone, in the order in which they were tried.
  std::vector<SearchStart> starts;
  // Whether all starts reached the best value but for one part in a hundred.
  bool starts_agree = true;
};

// INVALID_ARGUMENT: shapes, a missing outcome, fewer than two periods before or
// none after, a predictor without variation, without a value for a unit, or
// with periods of the treatment, a V that does not fit; the message names it
// and says what to do.
absl::Status CheckControlData(const ControlData& data);

// The unit of row `treated` against the rows `donors`, at least one of them.
// `data` was checked. Predictors are divided by their standard deviations over
// these units. INVALID_ARGUMENT as above.
absl::StatusOr<ControlFit> FitControl(const ControlData& data, int treated,
                                      const std::vector<int>& donors,
                                      const ControlOptions& options);

}  // namespace headway::evidence

#endif  // HEADWAY_DAEMON_EVIDENCE_SYNTHETIC_CONTROL_H_
