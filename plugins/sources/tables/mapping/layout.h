// Which column of a table means what: its options, resolved against the
// header.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_LAYOUT_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_LAYOUT_H_

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/tables/numbers.h"
#include "daemon/tables/periods/format.h"
#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sources/tables/mapping/calendar.h"
#include "plugins/sources/tables/mapping/rows.h"

namespace headway::mapping {

// A column that holds values, and what its place says about them.
struct ValueColumn {
  size_t column = 0;
  // Set in a table with a metric per column.
  std::string metric;
  // Set in a table with a label's value per column.
  std::string label_value;
  // Set in a table with a period per column.
  std::optional<sdk::Period> period;
  // Set where the column's name is the last part of the period's text.
  std::string period_part;
  // Set in a table with a vintage per column.
  std::optional<absl::Time> known_at;
};

// What is known since a date is known since the end of that day, in UTC: when
// in its course is not told, and an answer as of its morning must not have it.
// On the day itself it is known since `now`, the time of the read.
absl::Time KnownSince(absl::CivilDay day, absl::Time now);

// The longest release lag that an option or a cell may give: ten years.
inline constexpr int kMaxLagDays = 3650;

enum class EmptyValue { kSkip, kWithdraw, kError };

struct Layout {
  std::vector<ValueColumn> values;
  // Label and column.
  std::vector<std::pair<std::string, size_t>> labels;
  std::map<std::string, std::string> constant_labels;
  // The label that takes ValueColumn::label_value.
  std::string value_label;

  std::optional<size_t> metric_column;
  // Several hold its parts, which period_format reads with commas between.
  std::vector<size_t> period_columns;
  std::optional<size_t> frequency_column;
  std::optional<size_t> unit_column;
  std::optional<size_t> known_at_column;
  std::optional<size_t> release_lag_column;
  std::optional<size_t> title_column;
  std::optional<size_t> source_column;

  // A column that the option unit overrules.
  std::optional<size_t> overruled_unit_column;
  // They hold flags and notes, by tables::IsStatusColumn, and are no labels.
  std::vector<size_t> status_columns;
  // A filled cell under no name would be lost without a word.
  bool refuse_nameless_cells = false;

  // What holds where there is no column or its cell is empty.
  std::string metric;
  std::optional<sdk::Frequency> frequency;
  std::string unit;
  std::string title;
  std::string source;
  std::optional<absl::Duration> release_lag;

  // Absent: the notations of tables::ReadPeriod.
  std::optional<tables::PeriodFormat> period_format;
  Calendar calendar = Calendar::kGregorian;
  tables::NumberStyle number_style;
  double scale = 1;
  EmptyValue empty_value = EmptyValue::kSkip;
  absl::flat_hash_set<std::string> missing;
  // Series without known_at are kAssumed rather than kObserved.
  bool assumed = false;
  // Neither an option nor a column gives the publisher's lag: a value counts as
  // known at the end of its period.
  bool lag_is_guess = false;
  bool snapshot = false;
};

// Whether a row is the table's header: it has every column that the options
// name and, where they say that columns are periods or vintages, two of those.
// A ConfigError: an option cannot be understood.
absl::StatusOr<Rows::IsHeader> HeaderTest(const sdk::Request& request);

// The names of columns in the options, those of defaults too: what the rows of
// a nested document are searched for. Errors are those of HeaderTest.
absl::StatusOr<std::vector<std::string>> NamedColumns(
    const sdk::Request& request);

// Whether every cell of a column is a mark of tables::StatusOfMark.
using HoldsMarks = std::function<absl::StatusOr<bool>(size_t column)>;

// A ConfigError names the option and the columns there are.
absl::StatusOr<Layout> ResolveLayout(const sdk::Request& request,
                                     const Header& header,
                                     const HoldsMarks& holds_marks);

}  // namespace headway::mapping

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_LAYOUT_H_
