// Complex exponential smoothing: the recursion and its derivatives.
//
// Svetunkov, Kourentzes, Ord 2022, "Complex exponential smoothing", Naval
// Research Logistics 69. The level l has a shadow c, the information potential,
// and both are smoothed by the complex number a0 + i a1:
//
//   y(t) = l(t-1) + e(t)
//   l(t) = l(t-1) - (1 - a1) c(t-1) + (a0 - a1) e(t)
//   c(t) = l(t-1) + (1 - a0) c(t-1) + (a0 + a1) e(t)
//
// With m the number of periods in a cycle, seasons enter in three ways:
//   simple    l(t-m), c(t-m) in place of l(t-1), c(t-1)
//   partial   y(t) = l(t-1) + s(t-m) + e(t), and s(t) = s(t-m) + b0 e(t)
//   full      y(t) = l(t-1) + s(t-m) + e(t), where s has a potential too, and
//             both follow the equations of l and c with b0 + i b1
//
// A missing value is no innovation. Pure functions.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_CES_CES_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_CES_CES_H_

#include <array>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace headway::forecast {

enum class CesForm { kNone, kSimple, kPartial, kFull };

// "CES", "CES(simple)", ...
std::string CesName(CesForm form);

inline constexpr int kMaxCesParameters = 4;
// a0, a1, b0, b1. A form has the first CesParameterCount of them.
using CesSmoothing = std::array<double, kMaxCesParameters>;
int CesParameterCount(CesForm form);

// Each number is followed by its derivatives in the smoothing parameters, and
// the next comes CesStride numbers on. What has a season holds one for each of
// the next m periods.
int CesStride(CesForm form);
struct CesState {
  std::vector<double> level;
  std::vector<double> potential;
  std::vector<double> seasonal;
  std::vector<double> seasonal_potential;
};

// One-step errors, and what a Gauss-Newton step needs of their derivatives.
struct CesErrors {
  int count = 0;
  double sum_of_squares = 0;
  // Sums of error times derivative, and of derivative times derivative.
  std::array<double, kMaxCesParameters> gradient = {};
  std::array<std::array<double, kMaxCesParameters>, kMaxCesParameters>
      curvature = {};
};

// Starting states come from backcasting: the recursion runs forward from rough
// ones, backward from where that ended, and forward again from there. Only the
// errors of the last run count.
class CesRecursion {
 public:
  // Borrows `values`: NaN within them is a missing value. A seasonal form needs
  // two cycles of them.
  CesRecursion(absl::Span<const double> values, CesForm form, int season);

  CesErrors Run(const CesSmoothing& smoothing);
  // After the last value of the latest Run.
  CesState FinalState() const;

 private:
  template <CesForm kForm>
  CesErrors RunForm(const CesSmoothing& smoothing);

  absl::Span<const double> values_;
  const CesForm form_;
  const int count_;
  const int season_;
  const CesState start_;
  // Each component's first number belongs to the period of the first value.
  CesState state_;
};

struct CesPath {
  std::vector<double> point;                    // [horizon]
  std::vector<CesSmoothing> point_derivatives;  // [horizon]
  // How much of an innovation is left in the value so many periods later; one
  // at first.
  std::vector<double> responses;  // [horizon]
};

// The path without innovations from a state, and the response to one.
CesPath ContinueCes(CesForm form, int season, const CesSmoothing& smoothing,
                    CesState state, int horizon);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_CES_CES_H_
