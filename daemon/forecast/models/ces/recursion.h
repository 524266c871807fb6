// Complex exponential smoothing: the recursion and its derivatives.
//
// Svetunkov, Kourentzes, Ord 2022, "Complex exponential smoothing", Naval
// Research Logistics 69. The level l is accompanied by an information potential
// c, and both are smoothed by the complex number a0 + i a1:
//
//   y(t) = l(t-1) + e(t)
//   l(t) = l(t-1) - (1 - a1) c(t-1) + (a0 - a1) e(t)
//   c(t) = l(t-1) + (1 - a0) c(t-1) + (a0 + a1) e(t)
//
// With m periods in a cycle, the season enters in one of three ways:
//
//   simple    l(t-m), c(t-m) in place of l(t-1), c(t-1)
//   partial   y(t) = l(t-1) + s(t-m) + e(t), and s(t) = s(t-m) + b0 e(t)
//   full      y(t) = l(t-1) + s(t-m) + e(t), where s has a potential too, and
//             both follow the equations of l and c with b0 + i b1
//
// A missing value counts as one without innovation.
#ifndef HEADWAY_DAEMON_FORECAST_MODELS_CES_RECURSION_H_
#define HEADWAY_DAEMON_FORECAST_MODELS_CES_RECURSION_H_

#include <array>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {

enum class CesForm { kNone, kSimple, kPartial, kFull };

// "CES", "CES(simple)" and so on.
std::string CesName(CesForm form);

inline constexpr int kMaxCesParameters = 4;
// a0, a1, b0, b1. A form has the first CesParameterCount of them.
using CesSmoothing = std::array<double, kMaxCesParameters>;
int CesParameterCount(CesForm form);

// Each number of the state is followed by its derivatives in the smoothing
// parameters and, at times, by one unused number; CesStride is the distance of
// one number from the next. Components with a season hold one number for each
// of the next m periods.
int CesStride(CesForm form);
struct CesState {
  std::vector<double> level;
  std::vector<double> potential;
  std::vector<double> seasonal;
  std::vector<double> seasonal_potential;
};

// The one-step errors, and the sums of their derivatives that a Gauss-Newton
// step needs.
struct CesErrors {
  int count = 0;
  double sum_of_squares = 0;
  // Sums of error times derivative, and of derivative times derivative.
  std::array<double, kMaxCesParameters> gradient = {};
  std::array<std::array<double, kMaxCesParameters>, kMaxCesParameters>
      curvature = {};
};

// The recursion of one form on one series. The starting states are backcast:
// the recursion runs forward from rough states, backward from where that ended,
// and forward again from there. Only the errors of the last run count. Not
// thread-safe.
class CesRecursion {
 public:
  // `values` is borrowed and must outlive this; NaN marks a missing value. A
  // seasonal form needs two cycles of values. Starts without a season once
  // `stop` is requested.
  CesRecursion(absl::Span<const double> values, CesForm form, int season,
               StopRequest stop = {});

  CesErrors Run(const CesSmoothing& smoothing);
  // The state after the last value of the latest Run.
  CesState FinalState() const;

 private:
  template <CesForm kForm>
  CesErrors RunForm(const CesSmoothing& smoothing);

  absl::Span<const double> values_;
  const CesForm form_;
  const int count_;
  const int season_;
  const CesState start_;
  // The first number of each component belongs to the period of the first
  // value.
  CesState state_;
};

struct CesPath {
  std::vector<double> point;                    // [horizon]
  std::vector<CesSmoothing> point_derivatives;  // [horizon]
  // The effect of an innovation of one on the value so many periods later; 1 at
  // first.
  std::vector<double> responses;  // [horizon]
};

// The path from a state without innovations, and the response to one. Pure.
CesPath ContinueCes(CesForm form, int season, const CesSmoothing& smoothing,
                    CesState state, int horizon);

}  // namespace headway::forecast

#endif  // HEADWAY_DAEMON_FORECAST_MODELS_CES_RECURSION_H_
