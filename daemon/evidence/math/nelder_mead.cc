#include "daemon/evidence/math/nelder_mead.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace headway::evidence {
namespace {

using Eigen::VectorXd;

class CornerSearch {
 public:
  CornerSearch(absl::FunctionRef<double(const VectorXd&)> function,
               const VectorXd& start, const NelderMeadOptions& options)
      : function_(function),
        options_(options),
        dimension_(
            static_cast<double>(std::max<Eigen::Index>(start.size(), 2))) {
    corners_.push_back(At(start));
    for (Eigen::Index i = 0; i < start.size(); ++i) {
      VectorXd corner = start;
      corner[i] += options.step;
      corners_.push_back(At(corner));
    }
  }

  NelderMeadMinimum Run() {
    Sort();
    while (evaluations_ < options_.max_evaluations && !HasConverged()) {
      Step();
      Sort();
    }
    return {corners_[0].x, corners_[0].value, evaluations_};
  }

 private:
  struct Corner {
    VectorXd x;
    double value = 0;
  };

  Corner At(const VectorXd& x) {
    ++evaluations_;
    const double value = function_(x);
    return {x, std::isfinite(value) ? value
                                    : std::numeric_limits<double>::infinity()};
  }

  void Sort() {
    std::stable_sort(
        corners_.begin(), corners_.end(),
        [](const Corner& a, const Corner& b) { return a.value < b.value; });
  }

  bool HasConverged() const {
    const double best = corners_.front().value;
    const double worst = corners_.back().value;
    return worst - best <= options_.tolerance * (std::abs(best) + 1e-300);
  }

  // The point beyond the centre, seen from the worst corner.
  Corner Beyond(const VectorXd& centre, double factor) {
    return At(centre + factor * (centre - corners_.back().x));
  }

  void Step() {
    VectorXd centre = VectorXd::Zero(corners_[0].x.size());
    for (size_t i = 0; i + 1 < corners_.size(); ++i) centre += corners_[i].x;
    centre /= static_cast<double>(corners_.size() - 1);
    Corner& worst = corners_.back();
    const double second_worst = corners_[corners_.size() - 2].value;
    Corner reflected = Beyond(centre, 1);
    if (reflected.value < corners_[0].value) {
      Corner expanded = Beyond(centre, 1 + 2 / dimension_);
      worst = expanded.value < reflected.value ? std::move(expanded)
                                               : std::move(reflected);
      return;
    }
    if (reflected.value < second_worst) {
      worst = std::move(reflected);
      return;
    }
    const bool outside = reflected.value < worst.value;
    const double length = 0.75 - 1 / (2 * dimension_);
    Corner contracted = Beyond(centre, outside ? length : -length);
    if (contracted.value < std::min(reflected.value, worst.value)) {
      worst = std::move(contracted);
      return;
    }
    const double shrinkage = 1 - 1 / dimension_;
    for (size_t i = 1; i < corners_.size(); ++i) {
      corners_[i] =
          At(corners_[0].x + shrinkage * (corners_[i].x - corners_[0].x));
    }
  }

  absl::FunctionRef<double(const VectorXd&)> function_;
  const NelderMeadOptions options_;
  const double dimension_;
  std::vector<Corner> corners_;
  int evaluations_ = 0;
};

}  // namespace

NelderMeadMinimum MinimizeNelderMead(
    absl::FunctionRef<double(const VectorXd&)> function, const VectorXd& start,
    const NelderMeadOptions& options) {
  if (start.size() == 0) return {start, function(start), 1};
  return CornerSearch(function, start, options).Run();
}

}  // namespace headway::evidence
