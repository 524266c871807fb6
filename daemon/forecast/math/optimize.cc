#include "daemon/forecast/math/optimize.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace headway::forecast {
namespace {

// The share of the promised gain that a step must deliver.
constexpr double kSufficientGain = 1e-4;
// The first step, before anything is known of the curvature, moves no variable
// further than this.
constexpr double kFirstStep = 0.1;
// Steps tried along one direction.
constexpr int kTries = 30;

}  // namespace

BoxSearch::BoxSearch(std::vector<double> start, const Box& box,
                     const MinimizeOptions& options)
    : box_(box),
      options_(options),
      n_(start.size()),
      x_(start),
      gradient_(n_),
      prior_(n_, 1.0),
      inverse_(n_ * n_),
      direction_(n_),
      trial_(std::move(start)),
      trial_gradient_(n_),
      step_(n_),
      change_(n_),
      product_(n_),
      free_(n_) {
  for (size_t i = 0; i < options_.curvature.size(); ++i) {
    prior_[i] = 1 / options_.curvature[i];
  }
}

void BoxSearch::Tell(double value) {
  ++evaluations_;
  if (evaluations_ == 1) {
    value_ = value;
    gradient_.swap(trial_gradient_);
    ResetCurvature();
    BeginLine();
    return;
  }
  if (promised_ < 0 && value <= value_ + kSufficientGain * promised_) {
    small_gains_ = value_ - value < options_.tolerance ? small_gains_ + 1 : 0;
    Accept(value);
    BeginLine();
    return;
  }
  if (++attempt_ < kTries) {
    length_ *= Shrinkage(value);
    SetTrial();
    return;
  }
  if (fresh_) {
    done_ = true;
    return;
  }
  ResetCurvature();
  BeginLine();
}

void BoxSearch::ResetCurvature() {
  double largest = 0;
  for (size_t i = 0; i < n_; ++i) {
    largest = std::max(largest, std::abs(gradient_[i]) * prior_[i]);
  }
  SetInverse(largest > 0 ? kFirstStep / largest : 1);
  fresh_ = true;
}

void BoxSearch::SetInverse(double scale) {
  std::fill(inverse_.begin(), inverse_.end(), 0.0);
  for (size_t i = 0; i < n_; ++i) inverse_[i * n_ + i] = scale * prior_[i];
}

// A variable on its bound is held there while the function falls outwards.
void BoxSearch::FindFreeVariables() {
  for (size_t i = 0; i < n_; ++i) {
    free_[i] = !(x_[i] <= box_.lower[i] && gradient_[i] > 0) &&
               !(x_[i] >= box_.upper[i] && gradient_[i] < 0);
  }
}

// The quasi-Newton direction; whether it leads down.
bool BoxSearch::SetDirection() {
  std::fill(direction_.begin(), direction_.end(), 0.0);
  for (size_t j = 0; j < n_; ++j) {
    if (!free_[j]) continue;
    const double slope = gradient_[j];
    const double* column = &inverse_[j * n_];
    for (size_t i = 0; i < n_; ++i) direction_[i] -= column[i] * slope;
  }
  slope_ = 0;
  for (size_t i = 0; i < n_; ++i) {
    if (!free_[i]) direction_[i] = 0;
    slope_ += direction_[i] * gradient_[i];
  }
  return slope_ < 0;
}

// Sets out in a new direction, or ends the search.
void BoxSearch::BeginLine() {
  done_ = true;
  if (evaluations_ >= options_.max_evaluations || small_gains_ >= 2) return;
  FindFreeVariables();
  if (!SetDirection()) {
    ResetCurvature();
    if (!SetDirection()) return;
  }
  done_ = false;
  length_ = 1;
  attempt_ = 0;
  SetTrial();
}

void BoxSearch::SetTrial() {
  promised_ = 0;
  for (size_t i = 0; i < n_; ++i) {
    trial_[i] = std::clamp(x_[i] + length_ * direction_[i], box_.lower[i],
                           box_.upper[i]);
    promised_ += (trial_[i] - x_[i]) * gradient_[i];
  }
}

// The minimum of the parabola through both values and the slope.
double BoxSearch::Shrinkage(double value) const {
  const double curvature = value - value_ - promised_;
  if (!std::isfinite(curvature) || curvature <= 0) return 0.25;
  return std::clamp(-promised_ / (2 * curvature), 0.1, 0.5);
}

void BoxSearch::Accept(double value) {
  double along = 0;
  double squares = 0;
  double scaled_squares = 0;
  for (size_t i = 0; i < n_; ++i) {
    step_[i] = trial_[i] - x_[i];
    change_[i] = trial_gradient_[i] - gradient_[i];
    along += step_[i] * change_[i];
    squares += change_[i] * change_[i];
    scaled_squares += change_[i] * change_[i] * prior_[i];
  }
  x_.swap(trial_);
  gradient_.swap(trial_gradient_);
  value_ = value;
  // Without positive curvature the update would lose descent.
  if (!(along > 1e-12 * squares) || !std::isfinite(squares)) return;
  if (fresh_) {
    SetInverse(along / scaled_squares);
    fresh_ = false;
  }
  UpdateInverse(along);
}

// The BFGS formula for the inverse of the Hessian.
void BoxSearch::UpdateInverse(double along) {
  std::fill(product_.begin(), product_.end(), 0.0);
  for (size_t j = 0; j < n_; ++j) {
    const double change = change_[j];
    const double* column = &inverse_[j * n_];
    for (size_t i = 0; i < n_; ++i) product_[i] += column[i] * change;
  }
  double bend = 0;
  for (size_t i = 0; i < n_; ++i) bend += product_[i] * change_[i];
  const double inverse_along = 1 / along;
  const double weight = (1 + bend * inverse_along) * inverse_along;
  for (size_t i = 0; i < n_; ++i) {
    const double by_step = weight * step_[i] - product_[i] * inverse_along;
    const double by_product = step_[i] * inverse_along;
    double* row = &inverse_[i * n_];
    for (size_t j = 0; j < n_; ++j) {
      row[j] += by_step * step_[j] - by_product * product_[j];
    }
  }
}

Minimum MinimizeInBox(Objective objective, std::vector<double> start,
                      const Box& box, const MinimizeOptions& options,
                      StopRequest stop) {
  BoxSearch search(std::move(start), box, options);
  while (!search.done()) {
    search.Tell(objective(search.point(), search.gradient()));
    if (stop.requested()) break;
  }
  return {search.x(), search.value(), search.evaluations()};
}

double MinimizeOnInterval(absl::FunctionRef<double(double)> function,
                          double low, double high, int grid, StopRequest stop) {
  const double width = (high - low) / grid;
  double best = low;
  double least = function(low);
  const auto keep = [&best, &least](double x, double value) {
    if (!(value < least)) return;
    best = x;
    least = value;
  };
  for (int i = 1; i <= grid; ++i) {
    if (stop.requested()) return best;
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
  while (high - low > kTolerance && !stop.requested()) {
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
