#include "daemon/query/math/resample.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/suggest.h"
#include "daemon/query/math/column.h"
#include "daemon/query/math/compensated_sum.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Observations;
using series::Period;

constexpr int kDaysInWeek = 7;
// From the Monday of a week to its Thursday.
constexpr int kToThursday = 3;

const std::pair<const char*, ResampleMethod> kMethods[] = {
    {"sum", ResampleMethod::kSum},   {"mean", ResampleMethod::kMean},
    {"last", ResampleMethod::kLast}, {"first", ResampleMethod::kFirst},
    {"max", ResampleMethod::kMax},   {"min", ResampleMethod::kMin},
};

CompensatedSum SumOf(const double* begin, const double* end) {
  CompensatedSum sum;
  for (; begin != end; ++begin) sum.Add(*begin);
  return sum;
}

double Reduce(const double* begin, const double* end, ResampleMethod method) {
  switch (method) {
    case ResampleMethod::kSum:
      return SumOf(begin, end).Total();
    case ResampleMethod::kMean:
      return SumOf(begin, end).Mean(static_cast<size_t>(end - begin));
    case ResampleMethod::kLast:
      return end[-1];
    case ResampleMethod::kFirst:
      return *begin;
    case ResampleMethod::kMax:
      return *std::max_element(begin, end);
    case ResampleMethod::kMin:
      return *std::min_element(begin, end);
  }
  return 0;
}

// Whether daily data reach over the days from `first` to before `end`.
bool Covers(const Observations& x, int32_t first, int32_t end) {
  return x.ordinals.front() < first + kDaysInWeek &&
         x.ordinals.back() >= end - kDaysInWeek;
}

}  // namespace

absl::StatusOr<ResampleMethod> ParseResampleMethod(absl::string_view text) {
  std::vector<std::string> names;
  for (const auto& [name, method] : kMethods) {
    if (text == name) return method;
    names.push_back(name);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "method \"", text,
      "\" is unknown; write \"sum\", \"mean\", \"last\", \"first\", \"max\" or "
      "\"min\"",
      DidYouMean(text, names)));
}

int32_t LastPeriodOver(Frequency frequency, absl::Time instant) {
  const absl::Time earliest = absl::FromCivil(
      absl::CivilDay(series::kFirstYear, 1, 1), absl::UTCTimeZone());
  const absl::Time latest = absl::FromCivil(
      absl::CivilDay(series::kLastYear, 1, 1), absl::UTCTimeZone());
  const absl::CivilDay day = absl::ToCivilDay(
      std::clamp(instant, earliest, latest), absl::UTCTimeZone());
  return PeriodContaining(frequency, day).ordinal - 1;
}

int32_t FirstWithin(Period coarse, Frequency finer) {
  const int shift = finer == Frequency::kWeekly ? kToThursday : 0;
  return PeriodContaining(finer, FirstDay(coarse) + shift).ordinal;
}

int32_t Coarsen(Period fine, Frequency coarser) {
  if (fine.frequency == coarser) return fine.ordinal;
  const int shift = fine.frequency == Frequency::kWeekly ? kToThursday : 0;
  return PeriodContaining(coarser, FirstDay(fine) + shift).ordinal;
}

Observations Resample(const Observations& x, Frequency frequency,
                      ResampleMethod method) {
  if (frequency == x.frequency) return x;
  Observations result = EmptyLike(x);
  result.frequency = frequency;
  const bool gaps_are_natural = x.frequency == Frequency::kDaily;
  const bool must_cover =
      method == ResampleMethod::kSum || method == ResampleMethod::kMean;
  const int32_t last_over = LastPeriodOver(frequency, x.known_at);
  for (size_t i = 0; i < x.size();) {
    const Period coarse{frequency,
                        Coarsen({x.frequency, x.ordinals[i]}, frequency)};
    const int32_t first = FirstWithin(coarse, x.frequency);
    const int32_t end =
        FirstWithin({frequency, coarse.ordinal + 1}, x.frequency);
    size_t j = i;
    while (j < x.size() && x.ordinals[j] < end) ++j;
    const bool complete = gaps_are_natural
                              ? coarse.ordinal <= last_over &&
                                    (!must_cover || Covers(x, first, end))
                              : j - i == static_cast<size_t>(end - first);
    if (complete) {
      Append(coarse.ordinal,
             Reduce(x.values.data() + i, x.values.data() + j, method), &result,
             series::LeastFirm(x.statuses, i, j));
    }
    i = j;
  }
  return result;
}

}  // namespace headway::query
