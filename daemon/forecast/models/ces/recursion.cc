#include "daemon/forecast/models/ces/recursion.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "daemon/forecast/math/model.h"
#include "daemon/forecast/math/seasonality.h"

namespace headway::forecast {
namespace {

// Without a season, the level starts at the mean of this many values. A
// convention: backcasting leaves little influence to it.
constexpr int kStartValues = 10;
// The ratio of level and potential at the start: that of R's `smooth` and
// statsforecast.
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

// Numbers that a state holds for each: itself, its derivatives, and at times
// one that is not used.
constexpr int Stride(CesForm form) { return ParameterCount(form) / 2 * 2 + 2; }

// Two numbers in one register of any machine that has such, and the same bits
// on one that has not.
using TwoDoubles = double __attribute__((vector_size(16)));

// A number and its derivatives in the smoothing parameters.
template <int kPairs>
struct Lanes {
  TwoDoubles pairs[kPairs] = {};

  double operator[](int lane) const { return pairs[lane / 2][lane % 2]; }
};

template <int kPairs>
inline Lanes<kPairs> Load(const std::vector<double>& from, int slot) {
  Lanes<kPairs> lanes;
  const double* begin = from.data() + slot * 2 * kPairs;
  for (int k = 0; k < kPairs; ++k) {
    lanes.pairs[k] = TwoDoubles{begin[2 * k], begin[2 * k + 1]};
  }
  return lanes;
}

template <int kPairs>
inline void Store(const Lanes<kPairs>& lanes, int slot,
                  std::vector<double>& to) {
  double* begin = to.data() + slot * 2 * kPairs;
  for (int k = 0; k < kPairs; ++k) {
    begin[2 * k] = lanes.pairs[k][0];
    begin[2 * k + 1] = lanes.pairs[k][1];
  }
}

// Moves a level or seasonal component and its potential by an error; the
// derivatives in `real` and `imaginary` stand in lanes kFirst, which is odd,
// and kFirst + 1.
template <int kPairs, int kFirst>
inline void MovePair(const Lanes<kPairs>& error, double real, double imaginary,
                     Lanes<kPairs>& x, Lanes<kPairs>& potential) {
  const double p = potential[0];
  const double e = error[0];
  for (int k = 0; k < kPairs; ++k) {
    const TwoDoubles before = x.pairs[k];
    x.pairs[k] = before - (1 - imaginary) * potential.pairs[k] +
                 (real - imaginary) * error.pairs[k];
    potential.pairs[k] = before + (1 - real) * potential.pairs[k] +
                         (real + imaginary) * error.pairs[k];
  }
  x.pairs[kFirst / 2] += TwoDoubles{0, e};
  x.pairs[kFirst / 2 + 1] += TwoDoubles{p - e, 0};
  potential.pairs[kFirst / 2] += TwoDoubles{0, e - p};
  potential.pairs[kFirst / 2 + 1] += TwoDoubles{e, 0};
}

// The recursion from a state, which it changes, in either direction of time.
template <CesForm kForm>
class Runner {
 public:
  static constexpr int kParameters = ParameterCount(kForm);
  static constexpr int kPairs = Stride(kForm) / 2;
  static constexpr bool kHasSeasonal =
      kForm == CesForm::kPartial || kForm == CesForm::kFull;

  Runner(const CesSmoothing& smoothing, CesState& state)
      : smoothing_(smoothing),
        state_(state),
        level_(Load<kPairs>(state.level, 0)),
        potential_(Load<kPairs>(state.potential, 0)) {}

  // The one-step forecast for the period at place `slot` of the cycle.
  inline Lanes<kPairs> Expect(int slot) {
    if constexpr (kForm == CesForm::kSimple) {
      level_ = Load<kPairs>(state_.level, slot);
      potential_ = Load<kPairs>(state_.potential, slot);
    }
    Lanes<kPairs> expected = level_;
    if constexpr (kHasSeasonal) {
      const Lanes<kPairs> seasonal = Load<kPairs>(state_.seasonal, slot);
      for (int k = 0; k < kPairs; ++k) expected.pairs[k] += seasonal.pairs[k];
    }
    return expected;
  }

  // After Expect(slot).
  inline void Move(const Lanes<kPairs>& error, int slot) {
    MovePair<kPairs, 1>(error, smoothing_[0], smoothing_[1], level_,
                        potential_);
    if constexpr (kForm == CesForm::kSimple) Save(slot);
    if constexpr (kHasSeasonal) MoveSeasonal(error, slot);
  }

  // Returns the error, zero for a missing value.
  inline Lanes<kPairs> Observe(double value, int slot) {
    Lanes<kPairs> error = Expect(slot);
    if (std::isnan(value)) {
      error = {};
    } else {
      for (TwoDoubles& pair : error.pairs) pair = -pair;
      error.pairs[0] += TwoDoubles{value, 0};
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
      MovePair<kPairs, 1>({}, smoothing_[0], smoothing_[1], level_, potential_);
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
    Store<kPairs>(level_, slot, state_.level);
    Store<kPairs>(potential_, slot, state_.potential);
  }

  inline void MoveSeasonal(const Lanes<kPairs>& error, int slot) {
    Lanes<kPairs> seasonal = Load<kPairs>(state_.seasonal, slot);
    if constexpr (kForm == CesForm::kPartial) {
      for (int k = 0; k < kPairs; ++k) {
        seasonal.pairs[k] += smoothing_[2] * error.pairs[k];
      }
      seasonal.pairs[1] += TwoDoubles{0, error[0]};
    } else {
      Lanes<kPairs> potential = Load<kPairs>(state_.seasonal_potential, slot);
      MovePair<kPairs, 3>(error, smoothing_[2], smoothing_[3], seasonal,
                          potential);
      Store<kPairs>(potential, slot, state_.seasonal_potential);
    }
    Store<kPairs>(seasonal, slot, state_.seasonal);
  }

  const CesSmoothing smoothing_;
  CesState& state_;
  Lanes<kPairs> level_;
  Lanes<kPairs> potential_;
};

std::vector<double> WithDerivatives(const std::vector<double>& numbers,
                                    int stride) {
  std::vector<double> lanes(numbers.size() * stride, 0.0);
  for (size_t i = 0; i < numbers.size(); ++i) lanes[i * stride] = numbers[i];
  return lanes;
}

CesState RoughStart(absl::Span<const double> values, CesForm form, int season,
                    StopRequest stop) {
  const std::vector<double> filled = FillGaps(values, season, stop);
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
    seasonal = SeasonalIndices(filled, season, Decomposition::kAdditive, stop);
  }
  CesState state;
  state.level = WithDerivatives(level, Stride(form));
  state.seasonal = WithDerivatives(seasonal, Stride(form));
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
    for (int i = 0; i < FormRunner::kParameters; ++i) {
      derivatives[i] = expected[i + 1];
    }
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
    Lanes<FormRunner::kPairs> error;
    if (h == 0) error.pairs[0][0] = 1;
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

int CesStride(CesForm form) { return Stride(form); }

CesRecursion::CesRecursion(absl::Span<const double> values, CesForm form,
                           int season, StopRequest stop)
    : values_(values),
      form_(form),
      count_(CountPresent(values)),
      season_(form == CesForm::kNone ? 1 : season),
      start_(RoughStart(values, form, season_, stop)) {}

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
  // Products of each lane with all: the error's with itself and the
  // derivatives, then the derivatives' with each other.
  Lanes<Runner<kForm>::kPairs> products[kParameters + 1];
  for (int t = 0; t < n; ++t, slot = slot == last ? 0 : slot + 1) {
    const auto e = runner.Observe(values_[t], slot);
    for (int i = 0; i <= kParameters; ++i) {
      for (int k = i / 2; k < Runner<kForm>::kPairs; ++k) {
        products[i].pairs[k] += e[i] * e.pairs[k];
      }
    }
  }
  runner.Finish();
  CesErrors errors;
  errors.count = count_;
  errors.sum_of_squares = products[0][0];
  for (int i = 0; i < kParameters; ++i) {
    errors.gradient[i] = products[0][i + 1];
    for (int j = i; j < kParameters; ++j) {
      errors.curvature[i][j] = errors.curvature[j][i] = products[i + 1][j + 1];
    }
  }
  return errors;
}

CesState CesRecursion::FinalState() const {
  const size_t stride = Stride(form_);
  const size_t next = values_.size() % season_;
  CesState state = state_;
  for (std::vector<double>* component :
       {&state.level, &state.potential, &state.seasonal,
        &state.seasonal_potential}) {
    if (component->size() != season_ * stride) continue;
    std::rotate(component->begin(), component->begin() + next * stride,
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
