// Makes small columns by hand, and says what is in one.
#ifndef HEADWAY_TESTS_QUERY_COLUMNS_H_
#define HEADWAY_TESTS_QUERY_COLUMNS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/query/columns/effort.h"
#include "daemon/query/query.h"
#include "daemon/series/labels.h"
#include "daemon/series/observations.h"
#include "daemon/series/period.h"

namespace headway::query {

// Of an evaluation that goes on for ever.
inline Effort& Unbounded() {
  static const CheckAlive always;
  static Effort effort(always, nullptr);
  return effort;
}

inline absl::Time Midnight(int year, int month, int day) {
  return absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone());
}

// Consecutive periods from `first`, whose form decides the frequency.
inline series::Observations From(absl::string_view first,
                                 std::vector<double> values,
                                 absl::Time known_at = Midnight(2030, 1, 1)) {
  const series::Period start = series::ParsePeriod(first).value();
  series::Observations x;
  x.frequency = start.frequency;
  for (size_t i = 0; i < values.size(); ++i) {
    x.ordinals.push_back(start.ordinal + static_cast<int32_t>(i));
  }
  x.values = std::move(values);
  x.known_at = known_at;
  return x;
}

// The periods named, in order.
inline series::Observations At(
    const std::vector<std::pair<absl::string_view, double>>& observations,
    absl::Time known_at = Midnight(2030, 1, 1)) {
  series::Observations x;
  for (const auto& [period, value] : observations) {
    const series::Period parsed = series::ParsePeriod(period).value();
    x.frequency = parsed.frequency;
    x.ordinals.push_back(parsed.ordinal);
    x.values.push_back(value);
  }
  x.known_at = known_at;
  return x;
}

inline series::Labels L(std::vector<series::Labels::Pair> pairs) {
  return series::Labels::Create(std::move(pairs)).value();
}

// "2024-01=1 2024-03=2.5".
inline std::string Text(const series::Observations& x) {
  std::string text;
  for (size_t i = 0; i < x.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : " ",
                    series::FormatPeriod({x.frequency, x.ordinals[i]}), "=",
                    x.values[i]);
  }
  return text;
}

// One line a column: `{a="x"} 2024-01=1 2024-02=2`.
inline std::string Text(const std::vector<LabelledColumn>& columns) {
  std::string text;
  for (const LabelledColumn& column : columns) {
    absl::StrAppend(&text, text.empty() ? "" : "\n",
                    series::FormatLabels(column.labels), " ",
                    Text(column.observations));
  }
  return text;
}

}  // namespace headway::query

#endif  // HEADWAY_TESTS_QUERY_COLUMNS_H_
