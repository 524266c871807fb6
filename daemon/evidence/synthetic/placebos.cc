#include "daemon/evidence/synthetic/placebos.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/parallel_for.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/normal.h"

namespace headway::evidence {
namespace {

using Fits = std::vector<absl::StatusOr<ControlFit>>;

Placebo ToPlacebo(const ControlFit& fit) {
  return {.unit = fit.treated,
          .pre_mspe = fit.pre_mspe,
          .post_mspe = fit.post_mspe,
          // 0 / 0: no gap anywhere.
          .ratio = std::isnan(fit.ratio) ? 0 : fit.ratio,
          .effect = fit.effect,
          .gaps = fit.gaps};
}

bool IsDropped(const Placebo& placebo, double treated_mspe,
               const SpaceOptions& options) {
  const bool poor = options.drop_poor_fit > 0 &&
                    placebo.pre_mspe > options.drop_poor_fit * treated_mspe;
  const bool good = options.drop_good_fit > 0 &&
                    placebo.pre_mspe < treated_mspe / options.drop_good_fit;
  return poor || good;
}

int CountAtLeast(const std::vector<Placebo>& placebos, double value,
                 double Placebo::*member) {
  return static_cast<int>(absl::c_count_if(placebos, [&](const Placebo& one) {
    return std::abs(one.*member) >= std::abs(value);
  }));
}

void SortAndRank(std::vector<Placebo>& counted) {
  absl::c_stable_sort(counted, [](const Placebo& a, const Placebo& b) {
    return a.ratio > b.ratio;
  });
  for (Placebo& one : counted) {
    one.rank = CountAtLeast(counted, one.ratio, &Placebo::ratio);
  }
}

double MeanSquare(const Eigen::VectorXd& gaps) {
  return gaps.squaredNorm() / static_cast<double>(gaps.size());
}

struct GroupGap {
  double effect = 0;
  double ratio = 0;
};

GroupGap GapOf(const Eigen::VectorXd& mean_gaps, int before) {
  const auto after = mean_gaps.size() - before;
  return {mean_gaps.tail(after).mean(), MeanSquare(mean_gaps.tail(after)) /
                                            MeanSquare(mean_gaps.head(before))};
}

// The next choice of rising places below `count`; false after the last.
bool NextChoice(std::vector<int>& places, int count) {
  const int size = static_cast<int>(places.size());
  int i = size - 1;
  while (i >= 0 && places[static_cast<size_t>(i)] == count - size + i) --i;
  if (i < 0) return false;
  ++places[static_cast<size_t>(i)];
  for (int j = i + 1; j < size; ++j) {
    places[static_cast<size_t>(j)] = places[static_cast<size_t>(j - 1)] + 1;
  }
  return true;
}

// Whether there are at most `most` choices of `size` out of `count`.
bool HasFewChoices(int count, int size, int most) {
  double choices = 1;
  for (int i = 0; i < size; ++i) choices *= double(count - i) / (i + 1);
  return choices <= most + 0.5;
}

// `size` different places below `count`, of draw number `draw`.
std::vector<int> RandomChoice(int count, int size, uint64_t seed,
                              uint64_t draw) {
  std::vector<int> places(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) places[static_cast<size_t>(i)] = i;
  for (int i = 0; i < size; ++i) {
    const double uniform = forecast::UniformAt(
        seed, draw * static_cast<uint64_t>(size) + static_cast<uint64_t>(i));
    const int other = i + static_cast<int>(uniform * (count - i));
    std::swap(places[static_cast<size_t>(i)],
              places[static_cast<size_t>(std::min(other, count - 1))]);
  }
  places.resize(static_cast<size_t>(size));
  return places;
}

class GroupCounter {
 public:
  GroupCounter(const std::vector<const ControlFit*>& placebos, int before,
               double ratio)
      : placebos_(placebos), before_(before), ratio_(ratio) {}

  void Count(const std::vector<int>& places) {
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(placebos_[0]->gaps.size());
    for (const int place : places) {
      mean += placebos_[static_cast<size_t>(place)]->gaps;
    }
    mean /= static_cast<double>(places.size());
    ++groups_;
    as_great_ += GapOf(mean, before_).ratio >= ratio_ ? 1 : 0;
  }
  int groups() const { return groups_; }
  double p() const { return (1.0 + as_great_) / (1.0 + groups_); }

 private:
  const std::vector<const ControlFit*>& placebos_;
  const int before_;
  const double ratio_;
  int groups_ = 0;
  int as_great_ = 0;
};

std::vector<int> Without(std::vector<int> units, int unit) {
  units.erase(std::remove(units.begin(), units.end(), unit), units.end());
  return units;
}

}  // namespace

Fits FitPlacebos(const ControlData& data, const std::vector<int>& treated,
                 const std::vector<int>& donors, const ControlOptions& options,
                 PlaceboPool pool, const Workers& workers) {
  Fits fits(donors.size(), absl::UnknownError("not fitted"));
  ParallelFor(workers.pool, workers.threads, donors.size(), [&](size_t i) {
    std::vector<int> others = Without(donors, donors[i]);
    if (pool == PlaceboPool::kWithTreated) {
      others.insert(others.end(), treated.begin(), treated.end());
      absl::c_sort(others);
    }
    fits[i] = FitControl(data, donors[i], others, options);
  });
  return fits;
}

absl::StatusOr<SpaceTest> TestInSpace(const ControlData& data,
                                      const ControlFit& fit,
                                      const Fits& placebos,
                                      const SpaceOptions& options) {
  SpaceTest test;
  std::vector<Placebo> dropped;
  test.placebos.push_back(ToPlacebo(fit));
  for (const absl::StatusOr<ControlFit>& placebo : placebos) {
    if (!placebo.ok()) {
      test.failures.push_back(std::string(placebo.status().message()));
      continue;
    }
    Placebo one = ToPlacebo(*placebo);
    (IsDropped(one, fit.pre_mspe, options) ? dropped : test.placebos)
        .push_back(std::move(one));
  }
  test.counted = static_cast<int>(test.placebos.size());
  if (test.counted < 2) {
    return absl::FailedPreconditionError(absl::StrCat(
        "placebos in space: none of ", placebos.size(),
        " donors is left to compare \"",
        data.units[static_cast<size_t>(fit.treated)],
        "\" with; give more donors, or drop fewer placebos by their fit"));
  }
  SortAndRank(test.placebos);
  const Placebo treated = ToPlacebo(fit);
  test.rank = CountAtLeast(test.placebos, treated.ratio, &Placebo::ratio);
  test.least_p = 1.0 / test.counted;
  test.p = test.rank * test.least_p;
  test.p_effect =
      CountAtLeast(test.placebos, fit.effect, &Placebo::effect) * test.least_p;
  absl::c_move(dropped, std::back_inserter(test.placebos));
  return test;
}

absl::StatusOr<GroupTest> TestGroup(const ControlData& data,
                                    const std::vector<ControlFit>& fits,
                                    const Fits& placebos, int draws,
                                    uint64_t seed) {
  std::vector<const ControlFit*> usable;
  for (const auto& placebo : placebos) {
    if (placebo.ok()) usable.push_back(&*placebo);
  }
  const int count = static_cast<int>(usable.size());
  const int size = static_cast<int>(fits.size());
  if (count < size) {
    return absl::FailedPreconditionError(
        absl::StrCat("placebos of ", size, " treated units: there are ", count,
                     " donors; give at least as many donors as treated units"));
  }
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(data.outcomes.cols());
  for (const ControlFit& fit : fits) mean += fit.gaps;
  mean /= static_cast<double>(size);
  const GroupGap observed = GapOf(mean, data.before);
  GroupCounter counter(usable, data.before, observed.ratio);
  GroupTest test{.effect = observed.effect, .ratio = observed.ratio};
  test.is_exhaustive = HasFewChoices(count, size, draws);
  if (test.is_exhaustive) {
    std::vector<int> places(static_cast<size_t>(size));
    for (int i = 0; i < size; ++i) places[static_cast<size_t>(i)] = i;
    do {
      counter.Count(places);
    } while (NextChoice(places, count));
  } else {
    for (int draw = 0; draw < draws; ++draw) {
      counter.Count(
          RandomChoice(count, size, seed, static_cast<uint64_t>(draw)));
    }
  }
  test.groups = counter.groups();
  test.p = counter.p();
  test.least_p = 1.0 / (1 + test.groups);
  return test;
}

absl::StatusOr<EarlierFit> FitEarlier(const ControlData& data, int treated,
                                      const std::vector<int>& donors,
                                      const ControlOptions& options,
                                      int before) {
  if (before < 2 || before >= data.before) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an earlier treatment must leave at least two periods before it and "
        "begin before the true one; choose one of ",
        data.periods[2], " to ",
        data.periods[static_cast<size_t>(data.before - 1)]));
  }
  EarlierFit earlier{.before = before};
  ControlData cut = data;
  cut.before = before;
  cut.fit_end = std::min(cut.fit_end, before);
  cut.fit_begin = std::min(cut.fit_begin, cut.fit_end - 1);
  // What the treatment did must not be read.
  cut.periods.resize(static_cast<size_t>(data.before));
  cut.outcomes.conservativeResize(Eigen::NoChange, data.before);
  for (Predictor& predictor : cut.predictors) {
    predictor.values.conservativeResize(Eigen::NoChange, data.before);
    const size_t all = predictor.periods.size();
    predictor.periods.erase(
        std::remove_if(predictor.periods.begin(), predictor.periods.end(),
                       [before](int period) { return period >= before; }),
        predictor.periods.end());
    if (predictor.periods.size() < all) {
      earlier.shortened.push_back(predictor.name);
    }
  }
  std::vector<double> v = options.v;
  for (size_t k = cut.predictors.size(); k-- > 0;) {
    if (!cut.predictors[k].periods.empty()) continue;
    cut.predictors.erase(cut.predictors.begin() +
                         static_cast<std::ptrdiff_t>(k));
    if (k < v.size()) v.erase(v.begin() + static_cast<std::ptrdiff_t>(k));
  }
  RETURN_IF_ERROR(CheckControlData(cut));
  ASSIGN_OR_RETURN(earlier.fit, FitControl(cut, treated, donors,
                                           {options.v_method, std::move(v)}));
  earlier.mspe = earlier.fit.post_mspe;
  earlier.effect = earlier.fit.effect;
  return earlier;
}

absl::StatusOr<std::vector<LeftOut>> LeaveOneOut(const ControlData& data,
                                                 const ControlFit& fit,
                                                 const ControlOptions& options,
                                                 const Workers& workers) {
  constexpr double kLeastWeight = 1e-4;
  std::vector<int> left_out;
  for (size_t j = 0; j < fit.donors.size() && fit.donors.size() > 1; ++j) {
    if (fit.weights[static_cast<Eigen::Index>(j)] > kLeastWeight) {
      left_out.push_back(fit.donors[j]);
    }
  }
  Fits fits(left_out.size(), absl::UnknownError("not fitted"));
  ParallelFor(workers.pool, workers.threads, left_out.size(), [&](size_t i) {
    fits[i] = FitControl(data, fit.treated, Without(fit.donors, left_out[i]),
                         options);
  });
  std::vector<LeftOut> result;
  for (size_t i = 0; i < left_out.size(); ++i) {
    if (!fits[i].ok()) return fits[i].status();
    result.push_back({left_out[i], *std::move(fits[i])});
  }
  return result;
}

}  // namespace headway::evidence
