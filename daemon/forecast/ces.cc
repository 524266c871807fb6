#include "daemon/forecast/ces.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "daemon/forecast/seasonality.h"

namespace headway::forecast {
namespace {

// Without a season, the mean of this many values starts the level.
constexpr int kStartValues = 10;
// The level over the potential at the start. Backcasting leaves little of it.
constexpr double kStartRatio = 1.1;

constexpr int ParameterCount(CesForm form) {
  switch (form) {
    case CesForm::kNone:
    case CesForm::kSimple:
      return 2;
    case CesForm::kPartial:
      return 3;
    case CesForm::kFull:
      return 4;
  }
  return 0;
}

// A number and its derivatives in the smoothing parameters.
template <int kLanes>
using Lanes = std::array<double, kLanes>;

template <int kLanes>
inline Lanes<kLanes> Load(const std::vector<double>& from, int slot) {
  Lanes<kLanes> lanes;
  for (int k = 0; k < kLanes; ++k) lanes[k] = from[slot * kLanes + k];
  return lanes;
}

template <int kLanes>
inline void Store(const Lanes<kLanes>& lanes, int slot,
                  std::vector<double>& to) {
  for (int k = 0; k < kLanes; ++k) to[slot * kLanes + k] = lanes[k];
}

// Moves a level or seasonal component and its potential by an error; the
// derivatives in `real` and `imaginary` stand in lanes kFirst and kFirst + 1.
template <int kLanes, int kFirst>
inline void MovePair(const Lanes<kLanes>& error, double real, double imaginary,
                     Lanes<kLanes>& x, Lanes<kLanes>& potential) {
  const double p = potential[0];
  const double e = error[0];
  for (int k = 0; k < kLanes; ++k) {
    const double before = x[k];
    x[k] =
        before - (1 - imaginary) * potential[k] + (real - imaginary) * error[k];
    potential[k] =
        before + (1 - real) * potential[k] + (real + imaginary) * error[k];
  }
  x[kFirst] += e;
  x[kFirst + 1] += p - e;
  potential[kFirst] += e - p;
  potential[kFirst + 1] += e;
}

// The recursion from a state, which it changes, in either direction of time.
template <CesForm kForm>
class Runner {
 public:
  static constexpr int kParameters = ParameterCount(kForm);
  static constexpr int kLanes = kParameters + 1;
  static constexpr bool kHasSeasonal =
      kForm == CesForm::kPartial || kForm == CesForm::kFull;

  Runner(const CesSmoothing& smoothing, CesState& state)
      : smoothing_(smoothing),
        state_(state),
        level_(Load<kLanes>(state.level, 0)),
        potential_(Load<kLanes>(state.potential, 0)) {}

  // What is expected of the period at place `slot` of the cycle.
  inline Lanes<kLanes> Expect(int slot) {
    if constexpr (kForm == CesForm::kSimple) {
      level_ = Load<kLanes>(state_.level, slot);
      potential_ = Load<kLanes>(state_.potential, slot);
    }
    Lanes<kLanes> expected = level_;
    if constexpr (kHasSeasonal) {
      const Lanes<kLanes> seasonal = Load<kLanes>(state_.seasonal, slot);
      for (int k = 0; k < kLanes; ++k) expected[k] += seasonal[k];
    }
    return expected;
  }

  // After Expect(slot).
  inline void Move(const Lanes<kLanes>& error, int slot) {
    MovePair<kLanes, 1>(error, smoothing_[0], smoothing_[1], level_,
                        potential_);
    if constexpr (kForm == CesForm::kSimple) Save(slot);
    if constexpr (kHasSeasonal) MoveSeasonal(error, slot);
  }

  // Returns the error, zero for a missing value.
  inline Lanes<kLanes> Observe(double value, int slot) {
    Lanes<kLanes> error = Expect(slot);
    if (std::isnan(value)) {
      error = {};
    } else {
      for (double& lane : error) lane = -lane;
      error[0] += value;
    }
    Move(error, slot);
    return error;
  }

  // From the end of a run to the start of one in the other direction: every
  // component moves once without an error.
  void Turn(int season) {
    if constexpr (kForm == CesForm::kSimple) {
      for (int slot = 0; slot < season; ++slot) {
        Expect(slot);
        Move({}, slot);
      }
    } else {
      MovePair<kLanes, 1>({}, smoothing_[0], smoothing_[1], level_, potential_);
    }
    if constexpr (kHasSeasonal) {
      for (int slot = 0; slot < season; ++slot) MoveSeasonal({}, slot);
    }
  }

  // Writes back what is not kept in the state all along.
  void Finish() {
    if constexpr (kForm != CesForm::kSimple) Save(0);
  }

 private:
  void Save(int slot) {
    Store<kLanes>(level_, slot, state_.level);
    Store<kLanes>(potential_, slot, state_.potential);
  }

  inline void MoveSeasonal(const Lanes<kLanes>& error, int slot) {
    Lanes<kLanes> seasonal = Load<kLanes>(state_.seasonal, slot);
    if constexpr (kForm == CesForm::kPartial) {
      for (int k = 0; k < kLanes; ++k) seasonal[k] += smoothing_[2] * error[k];
      seasonal[3] += error[0];
    } else {
      Lanes<kLanes> potential = Load<kLanes>(state_.seasonal_potential, slot);
      MovePair<kLanes, 3>(error, smoothing_[2], smoothing_[3], seasonal,
                          potential);
      Store<kLanes>(potential, slot, state_.seasonal_potential);
    }
    Store<kLanes>(seasonal, slot, state_.seasonal);
  }

  const CesSmoothing smoothing_;
  CesState& state_;
  Lanes<kLanes> level_;
  Lanes<kLanes> potential_;
};

std::vector<double> WithDerivatives(const std::vector<double>& numbers,
                                    int parameters) {
  std::vector<double> lanes(numbers.size() * (parameters + 1), 0.0);
  for (size_t i = 0; i < numbers.size(); ++i) {
    lanes[i * (parameters + 1)] = numbers[i];
  }
  return lanes;
}

CesState RoughStart(absl::Span<const double> values, CesForm form, int season) {
  const std::vector<double> filled = FillGaps(values, season);
  std::vector<double> level;
  std::vector<double> seasonal;
  if (form == CesForm::kSimple) {
    level.assign(filled.begin(), filled.begin() + season);
  } else {
    const int wanted = form == CesForm::kNone ? kStartValues : season;
    const int count = std::min(wanted, static_cast<int>(filled.size()));
    level = {std::accumulate(filled.begin(), filled.begin() + count, 0.0) /
             count};
  }
  if (form == CesForm::kPartial || form == CesForm::kFull) {
    seasonal = SeasonalIndices(filled, season, Decomposition::kAdditive);
  }
  const int parameters = ParameterCount(form);
  CesState state;
  state.level = WithDerivatives(level, parameters);
  state.seasonal = WithDerivatives(seasonal, parameters);
  state.potential = state.level;
  for (double& potential : state.potential) potential /= kStartRatio;
  state.seasonal_potential = state.seasonal;
  for (double& potential : state.seasonal_potential) potential /= kStartRatio;
  return state;
}

template <CesForm kForm>
CesPath Continue(int season, const CesSmoothing& smoothing, CesState& state,
                 int horizon) {
  using FormRunner = Runner<kForm>;
  CesPath path;
  FormRunner runner(smoothing, state);
  for (int h = 0; h < horizon; ++h) {
    const auto expected = runner.Expect(h % season);
    path.point.push_back(expected[0]);
    CesSmoothing derivatives = {};
    std::copy(expected.begin() + 1, expected.end(), derivatives.begin());
    path.point_derivatives.push_back(derivatives);
    runner.Move({}, h % season);
  }
  for (std::vector<double>* component :
       {&state.level, &state.potential, &state.seasonal,
        &state.seasonal_potential}) {
    std::fill(component->begin(), component->end(), 0.0);
  }
  FormRunner response(smoothing, state);
  for (int h = 0; h < horizon; ++h) {
    const auto expected = response.Expect(h % season);
    path.responses.push_back(h == 0 ? 1 : expected[0]);
    Lanes<FormRunner::kLanes> error = {};
    if (h == 0) error[0] = 1;
    response.Move(error, h % season);
  }
  return path;
}

}  // namespace

std::string CesName(CesForm form) {
  switch (form) {
    case CesForm::kNone:
      return "CES";
    case CesForm::kSimple:
      return "CES(simple)";
    case CesForm::kPartial:
      return "CES(partial)";
    case CesForm::kFull:
      return "CES(full)";
  }
  return "";
}

int CesParameterCount(CesForm form) { return ParameterCount(form); }

CesRecursion::CesRecursion(absl::Span<const double> values, CesForm form,
                           int season)
    : values_(values),
      form_(form),
      season_(form == CesForm::kNone ? 1 : season),
      start_(RoughStart(values, form, season_)) {}

CesErrors CesRecursion::Run(const CesSmoothing& smoothing) {
  switch (form_) {
    case CesForm::kNone:
      return RunForm<CesForm::kNone>(smoothing);
    case CesForm::kSimple:
      return RunForm<CesForm::kSimple>(smoothing);
    case CesForm::kPartial:
      return RunForm<CesForm::kPartial>(smoothing);
    case CesForm::kFull:
      return RunForm<CesForm::kFull>(smoothing);
  }
  return {};
}

template <CesForm kForm>
CesErrors CesRecursion::RunForm(const CesSmoothing& smoothing) {
  constexpr int kParameters = Runner<kForm>::kParameters;
  const int n = static_cast<int>(values_.size());
  const int last = season_ - 1;
  state_ = start_;
  Runner<kForm> runner(smoothing, state_);
  int slot = 0;
  for (int t = 0; t < n; ++t, slot = slot == last ? 0 : slot + 1) {
    runner.Observe(values_[t], slot);
  }
  runner.Turn(season_);
  for (int t = n; t-- > 0;) {
    slot = slot == 0 ? last : slot - 1;
    runner.Observe(values_[t], slot);
  }
  runner.Turn(season_);
  CesErrors errors;
  for (int t = 0; t < n; ++t, slot = slot == last ? 0 : slot + 1) {
    const auto e = runner.Observe(values_[t], slot);
    if (!std::isnan(values_[t])) ++errors.count;
    errors.sum_of_squares += e[0] * e[0];
    for (int i = 0; i < kParameters; ++i) {
      errors.gradient[i] += e[0] * e[i + 1];
      for (int j = 0; j <= i; ++j)
        errors.curvature[i][j] += e[i + 1] * e[j + 1];
    }
  }
  runner.Finish();
  for (int i = 0; i < kParameters; ++i) {
    for (int j = 0; j < i; ++j) errors.curvature[j][i] = errors.curvature[i][j];
  }
  return errors;
}

CesState CesRecursion::FinalState() const {
  const size_t lanes = ParameterCount(form_) + 1;
  const size_t next = values_.size() % season_;
  CesState state = state_;
  for (std::vector<double>* component :
       {&state.level, &state.potential, &state.seasonal,
        &state.seasonal_potential}) {
    if (component->size() != season_ * lanes) continue;
    std::rotate(component->begin(), component->begin() + next * lanes,
                component->end());
  }
  return state;
}

CesPath ContinueCes(CesForm form, int season, const CesSmoothing& smoothing,
                    CesState state, int horizon) {
  switch (form) {
    case CesForm::kNone:
      return Continue<CesForm::kNone>(1, smoothing, state, horizon);
    case CesForm::kSimple:
      return Continue<CesForm::kSimple>(season, smoothing, state, horizon);
    case CesForm::kPartial:
      return Continue<CesForm::kPartial>(season, smoothing, state, horizon);
    case CesForm::kFull:
      return Continue<CesForm::kFull>(season, smoothing, state, horizon);
  }
  return {};
}

}  // namespace headway::forecast
