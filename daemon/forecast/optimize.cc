#include "daemon/forecast/optimize.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headway::forecast {
namespace {

// The share of the promised gain that a step must deliver.
constexpr double kSufficientGain = 1e-4;
// The first step, before anything is known of the curvature, moves no variable
// further than this.
constexpr double kFirstStep = 0.1;

class BoxMinimizer {
 public:
  BoxMinimizer(Objective objective, std::vector<double> start, const Box& box,
               const MinimizeOptions& options)
      : objective_(objective),
        box_(box),
        options_(options),
        n_(start.size()),
        x_(std::move(start)),
        gradient_(n_),
        inverse_(n_ * n_),
        direction_(n_),
        trial_(n_),
        trial_gradient_(n_),
        step_(n_),
        change_(n_),
        product_(n_),
        free_(n_) {}

  Minimum Run() {
    value_ = Evaluate(x_, gradient_);
    ResetCurvature();
    int small_gains = 0;
    while (evaluations_ < options_.max_evaluations && small_gains < 2) {
      FindFreeVariables();
      double slope = SetDirection();
      if (!(slope < 0)) {
        ResetCurvature();
        slope = SetDirection();
        if (!(slope < 0)) break;
      }
      const double before = value_;
      if (!SearchAlongDirection()) {
        if (fresh_) break;
        ResetCurvature();
        continue;
      }
      small_gains = before - value_ < options_.tolerance ? small_gains + 1 : 0;
    }
    return {std::move(x_), value_, evaluations_};
  }

 private:
  double Evaluate(const std::vector<double>& x, std::vector<double>& gradient) {
    ++evaluations_;
    return objective_(x, absl::MakeSpan(gradient));
  }

  void ResetCurvature() {
    double largest = 0;
    for (double slope : gradient_) largest = std::max(largest, std::abs(slope));
    const double scale = largest > 0 ? kFirstStep / largest : 1;
    std::fill(inverse_.begin(), inverse_.end(), 0.0);
    for (size_t i = 0; i < n_; ++i) inverse_[i * n_ + i] = scale;
    fresh_ = true;
  }

  // A variable on its bound is held there while the function falls outwards.
  void FindFreeVariables() {
    for (size_t i = 0; i < n_; ++i) {
      free_[i] = !(x_[i] <= box_.lower[i] && gradient_[i] > 0) &&
                 !(x_[i] >= box_.upper[i] && gradient_[i] < 0);
    }
  }

  // The quasi-Newton direction; returns the slope along it.
  double SetDirection() {
    double slope = 0;
    for (size_t i = 0; i < n_; ++i) {
      direction_[i] = 0;
      if (!free_[i]) continue;
      double sum = 0;
      for (size_t j = 0; j < n_; ++j) {
        if (free_[j]) sum -= inverse_[i * n_ + j] * gradient_[j];
      }
      direction_[i] = sum;
      slope += sum * gradient_[i];
    }
    return slope;
  }

  bool SearchAlongDirection() {
    double length = 1;
    constexpr int kTries = 30;
    for (int attempt = 0; attempt < kTries; ++attempt) {
      double promised = 0;
      for (size_t i = 0; i < n_; ++i) {
        trial_[i] = std::clamp(x_[i] + length * direction_[i], box_.lower[i],
                               box_.upper[i]);
        promised += (trial_[i] - x_[i]) * gradient_[i];
      }
      const double value = Evaluate(trial_, trial_gradient_);
      if (promised < 0 && value <= value_ + kSufficientGain * promised) {
        Accept(value);
        return true;
      }
      length *= Shrinkage(value, promised);
    }
    return false;
  }

  // Where the parabola through both values and the slope has its minimum.
  double Shrinkage(double value, double promised) const {
    const double curvature = value - value_ - promised;
    if (!std::isfinite(curvature) || curvature <= 0) return 0.25;
    return std::clamp(-promised / (2 * curvature), 0.1, 0.5);
  }

  void Accept(double value) {
    double along = 0;
    double squares = 0;
    for (size_t i = 0; i < n_; ++i) {
      step_[i] = trial_[i] - x_[i];
      change_[i] = trial_gradient_[i] - gradient_[i];
      along += step_[i] * change_[i];
      squares += change_[i] * change_[i];
    }
    x_.swap(trial_);
    gradient_.swap(trial_gradient_);
    value_ = value;
    // Without positive curvature the update would lose descent.
    if (!(along > 1e-12 * squares) || !std::isfinite(squares)) return;
    if (fresh_) {
      for (size_t i = 0; i < n_; ++i) inverse_[i * n_ + i] = along / squares;
      fresh_ = false;
    }
    UpdateInverse(along);
  }

  // The BFGS formula for the inverse of the Hessian.
  void UpdateInverse(double along) {
    double bend = 0;
    for (size_t i = 0; i < n_; ++i) {
      double sum = 0;
      for (size_t j = 0; j < n_; ++j) sum += inverse_[i * n_ + j] * change_[j];
      product_[i] = sum;
      bend += sum * change_[i];
    }
    const double weight = (1 + bend / along) / along;
    for (size_t i = 0; i < n_; ++i) {
      for (size_t j = 0; j < n_; ++j) {
        inverse_[i * n_ + j] +=
            weight * step_[i] * step_[j] -
            (product_[i] * step_[j] + step_[i] * product_[j]) / along;
      }
    }
  }

  Objective objective_;
  const Box& box_;
  const MinimizeOptions& options_;
  const size_t n_;
  std::vector<double> x_;
  std::vector<double> gradient_;
  std::vector<double> inverse_;
  std::vector<double> direction_;
  std::vector<double> trial_;
  std::vector<double> trial_gradient_;
  std::vector<double> step_;
  std::vector<double> change_;
  std::vector<double> product_;
  std::vector<char> free_;
  double value_ = 0;
  int evaluations_ = 0;
  bool fresh_ = true;
};

}  // namespace

Minimum MinimizeInBox(Objective objective, std::vector<double> start,
                      const Box& box, const MinimizeOptions& options) {
  return BoxMinimizer(objective, std::move(start), box, options).Run();
}

double MinimizeOnInterval(absl::FunctionRef<double(double)> function,
                          double low, double high, int grid) {
  const double width = (high - low) / grid;
  double best = low;
  double least = function(low);
  const auto keep = [&best, &least](double x, double value) {
    if (!(value < least)) return;
    best = x;
    least = value;
  };
  for (int i = 1; i <= grid; ++i) {
    const double x = low + i * width;
    keep(x, function(x));
  }
  low = std::max(low, best - width);
  high = std::min(high, best + width);
  constexpr double kGolden = 0.6180339887498949;
  constexpr double kTolerance = 1e-6;
  double left = high - kGolden * (high - low);
  double right = low + kGolden * (high - low);
  double left_value = function(left);
  double right_value = function(right);
  while (high - low > kTolerance) {
    if (left_value < right_value) {
      high = right;
      right = left;
      right_value = left_value;
      left = high - kGolden * (high - low);
      left_value = function(left);
    } else {
      low = left;
      left = right;
      left_value = right_value;
      right = low + kGolden * (high - low);
      right_value = function(right);
    }
  }
  keep(left, left_value);
  keep(right, right_value);
  return best;
}

}  // namespace headway::forecast
