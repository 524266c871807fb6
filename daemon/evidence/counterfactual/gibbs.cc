#include "daemon/evidence/counterfactual/gibbs.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/counterfactual/random.h"

namespace headway::evidence {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Numbers that draws may hold: 800 MB of them.
constexpr double kMostNumbers = 2e8;

struct Scale {
  double mean = 0;
  double deviation = 1;
};

// Of the values that are there, with n - 1.
Scale ScaleOf(const VectorXd& values) {
  double sum = 0;
  double count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  const double mean = sum / count;
  double squares = 0;
  for (const double value : values) {
    if (!std::isnan(value)) squares += (value - mean) * (value - mean);
  }
  return {mean, std::sqrt(squares / (count - 1))};
}

absl::Status CheckDeviation(absl::string_view name,
                            const DeviationPrior& prior) {
  if (prior.guess > 0 && prior.degrees > 0 && prior.most >= prior.guess) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the prior of the ", name, "'s standard deviation has guess ",
      prior.guess, " worth ", prior.degrees, " values, at most ", prior.most,
      "; guess and worth are above 0, and the guess is not above the most"));
}

absl::Status CheckOptions(const BayesianOptions& options, Index periods) {
  RETURN_IF_ERROR(CheckDeviation("level", options.level));
  RETURN_IF_ERROR(CheckDeviation("slope", options.slope));
  RETURN_IF_ERROR(CheckDeviation("season", options.season));
  if (options.draws < 100 || options.burn_in < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.draws, " draws after ", options.burn_in,
        "; at least 100 are needed to tell an interval, after 0 or more"));
  }
  const double size =
      static_cast<double>(options.draws) * static_cast<double>(periods);
  if (size <= kMostNumbers) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      options.draws, " draws of ", periods, " periods are more than ",
      kMostNumbers, " numbers; take fewer draws"));
}

class Sampler {
 public:
  Sampler(const CounterfactualInput& input, const BayesianOptions& options)
      : options_(options),
        form_(options.form),
        before_(input.before),
        periods_(input.periods()),
        scale_(ScaleOf(input.outcome.head(input.before))),
        filter_(options.form),
        random_(options.seed) {
    outcome_ =
        (input.outcome.head(before_).array() - scale_.mean) / scale_.deviation;
    Standardise(input.controls);
    for (Index t = 0; t < before_; ++t) {
      if (!std::isnan(outcome_[t])) known_.push_back(t);
    }
    regressors_ = design_(known_, Eigen::all);
    SetFirstState();
  }

  BayesianDraws Run() {
    RegressionDraw regression(regressors_, options_.regression);
    noise_ = {.irregular = regression.variance(),
              .level = Square(options_.level.guess),
              .slope = Square(options_.slope.guess),
              .season = Square(options_.season.guess)};
    BayesianDraws draws = Empty();
    for (int draw = -options_.burn_in; draw < options_.draws; ++draw) {
      const VectorXd explained = design_ * regression.coefficients();
      noise_.irregular = regression.variance();
      DrawStates(explained);
      DrawNoise();
      regression.Draw(Target(), random_);
      if (draw >= 0) Keep(draw, regression, draws);
    }
    Finish(draws);
    return draws;
  }

 private:
  static double Square(double value) { return value * value; }

  void Standardise(const MatrixXd& controls) {
    design_.resize(periods_, controls.cols() + 1);
    design_.col(0).setOnes();
    for (Index i = 0; i < controls.cols(); ++i) {
      const Scale scale = ScaleOf(controls.col(i).head(before_));
      design_.col(i + 1) =
          (controls.col(i).array() - scale.mean) / scale.deviation;
    }
  }

  // The level around the first value; slope and season around zero.
  void SetFirstState() {
    first_.mean = VectorXd::Zero(form_.states());
    first_.variance = VectorXd::Ones(form_.states());
    first_.mean[0] = outcome_[known_.front()];
    centred_ = first_;
    centred_.mean.setZero();
  }

  void AddStateNoise(Eigen::Ref<VectorXd> state) {
    state[0] += std::sqrt(noise_.level) * random_.Normal();
    if (form_.slope) state[1] += std::sqrt(noise_.slope) * random_.Normal();
    if (form_.season > 1) {
      state[form_.first_season()] +=
          std::sqrt(noise_.season) * random_.Normal();
    }
  }

  double Seen(const Eigen::Ref<const VectorXd>& state) const {
    return form_.season > 1 ? state[0] + state[form_.first_season()] : state[0];
  }

  // States drawn freely, moved by what the values say of the difference.
  void DrawStates(const VectorXd& explained) {
    const Index count = form_.states();
    states_.resize(count, before_);
    MatrixXd rest(before_, 1);
    VectorXd state(count);
    for (Index i = 0; i < count; ++i) {
      state[i] =
          first_.mean[i] + std::sqrt(first_.variance[i]) * random_.Normal();
    }
    for (Index t = 0; t < before_; ++t) {
      states_.col(t) = state;
      rest(t, 0) = outcome_[t] - explained[t] - Seen(state) -
                   std::sqrt(noise_.irregular) * random_.Normal();
      MoveStates(form_, state);
      AddStateNoise(state);
    }
    filter_.Run(rest, noise_, centred_);
    states_ += filter_.SmoothedStates(VectorXd());
  }

  double DrawVariance(const DeviationPrior& prior, double squares) {
    const double degrees = prior.degrees + static_cast<double>(before_ - 1);
    const double sum = prior.degrees * Square(prior.guess) + squares;
    return 1 / random_.GammaAbove(degrees / 2, sum / 2, 1 / Square(prior.most));
  }

  void DrawNoise() {
    const int season = form_.first_season();
    double level = 0;
    double slope = 0;
    double seasonal = 0;
    for (Index t = 0; t + 1 < before_; ++t) {
      VectorXd moved = states_.col(t);
      MoveStates(form_, moved);
      level += Square(states_(0, t + 1) - moved[0]);
      if (form_.slope) slope += Square(states_(1, t + 1) - moved[1]);
      if (form_.season > 1) {
        seasonal += Square(states_(season, t + 1) - moved[season]);
      }
    }
    noise_.level = DrawVariance(options_.level, level);
    if (form_.slope) noise_.slope = DrawVariance(options_.slope, slope);
    if (form_.season > 1) {
      noise_.season = DrawVariance(options_.season, seasonal);
    }
  }

  VectorXd Target() const {
    VectorXd target(static_cast<Index>(known_.size()));
    for (size_t i = 0; i < known_.size(); ++i) {
      target[static_cast<Index>(i)] =
          outcome_[known_[i]] - Seen(states_.col(known_[i]));
    }
    return target;
  }

  BayesianDraws Empty() const {
    BayesianDraws draws;
    const Index count = options_.draws;
    draws.counterfactual.resize(count, periods_);
    draws.expected = VectorXd::Zero(periods_);
    draws.coefficients.resize(count, design_.cols());
    draws.inclusion = VectorXd::Zero(design_.cols() - 1);
    for (VectorXd* deviations :
         {&draws.irregular, &draws.level, &draws.slope, &draws.season}) {
      deviations->setZero(count);
    }
    return draws;
  }

  void Keep(Index draw, const RegressionDraw& regression,
            BayesianDraws& draws) {
    const VectorXd explained = design_ * regression.coefficients();
    const double deviation = std::sqrt(regression.variance());
    VectorXd state = states_.col(0);
    for (Index t = 0; t < periods_; ++t) {
      if (t < before_) {
        state = states_.col(t);
      } else {
        MoveStates(form_, state);
        AddStateNoise(state);
      }
      const double expected = explained[t] + Seen(state);
      draws.expected[t] += expected;
      draws.counterfactual(draw, t) = static_cast<float>(
          scale_.mean +
          scale_.deviation * (expected + deviation * random_.Normal()));
    }
    draws.coefficients.row(draw) = regression.coefficients();
    for (Index i = 0; i < draws.inclusion.size(); ++i) {
      draws.inclusion[i] += regression.is_in(i + 1) ? 1 : 0;
    }
    draws.irregular[draw] = deviation * scale_.deviation;
    draws.level[draw] = std::sqrt(noise_.level) * scale_.deviation;
    if (form_.slope) {
      draws.slope[draw] = std::sqrt(noise_.slope) * scale_.deviation;
    }
    if (form_.season > 1) {
      draws.season[draw] = std::sqrt(noise_.season) * scale_.deviation;
    }
  }

  void Finish(BayesianDraws& draws) const {
    draws.expected =
        (draws.expected / options_.draws * scale_.deviation).array() +
        scale_.mean;
    draws.inclusion /= options_.draws;
  }

  const BayesianOptions& options_;
  const StructuralForm form_;
  const Index before_;
  const Index periods_;
  const Scale scale_;
  StateFilter filter_;
  RandomStream random_;
  VectorXd outcome_;
  MatrixXd design_;
  std::vector<Index> known_;
  MatrixXd regressors_;
  FirstState first_;
  // The same around zero, for differences.
  FirstState centred_;
  StructuralVariances noise_;
  MatrixXd states_;
};

}  // namespace

absl::StatusOr<BayesianDraws> DrawCounterfactual(
    const CounterfactualInput& input, const BayesianOptions& options) {
  RETURN_IF_ERROR(CheckInput(input, options.form));
  RETURN_IF_ERROR(CheckOptions(options, input.periods()));
  return Sampler(input, options).Run();
}

}  // namespace headway::evidence
