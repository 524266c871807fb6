// Which column of a table means what: the options of the csv plugin, resolved
// against the header.
#ifndef HEADWAY_PLUGINS_SOURCES_CSV_LAYOUT_H_
#define HEADWAY_PLUGINS_SOURCES_CSV_LAYOUT_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "plugins/sdk/cpp/csv.h"
#include "plugins/sdk/cpp/plugin.h"

namespace headway::csv {

// The options, as Describe and docs show them.
std::vector<sdk::OptionSpec> OptionSpecs();

// The options that are read before the header is known.
absl::StatusOr<sdk::CsvReader::Options> ReaderOptions(
    const sdk::Request& request);

// A column that holds values, and what its place says about them.
struct ValueColumn {
  size_t column = 0;
  // Set in a table with a metric per column.
  std::string metric;
  // Set in a table with a label's value per column.
  std::string label_value;
  // Set in a table with a period per column.
  std::optional<sdk::Period> period;
};

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
  std::optional<size_t> period_column;
  std::optional<size_t> frequency_column;
  std::optional<size_t> unit_column;
  std::optional<size_t> known_at_column;
  std::optional<size_t> release_lag_column;
  std::optional<size_t> title_column;
  std::optional<size_t> source_column;

  // What holds where there is no column or its cell is empty.
  std::string metric;
  std::optional<sdk::Frequency> frequency;
  std::string unit;
  std::string title;
  std::string source;
  std::optional<absl::Duration> release_lag;

  // Of strptime; "" means the notation of periods.
  std::string period_format;
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

// A ConfigError names the option and the columns there are.
absl::StatusOr<Layout> ResolveLayout(const sdk::Request& request,
                                     const sdk::CsvReader& table);

}  // namespace headway::csv

#endif  // HEADWAY_PLUGINS_SOURCES_CSV_LAYOUT_H_
