// The options of every table: what Describe shows, and those that hold for its
// records before its columns are known.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_OPTIONS_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "daemon/tables/bytes.h"
#include "daemon/tables/numbers.h"
#include "daemon/tables/records.h"
#include "plugins/sdk/cpp/plugin.h"

namespace headway::mapping {

// The options, as Describe and docs/csv.md show them. Of tables that are text:
// separator, encoding and comment.
std::vector<sdk::OptionSpec> TextOptionSpecs();
// Of all tables.
std::vector<sdk::OptionSpec> TableOptionSpecs();

// The options that name a column, each with the name it has by default. The
// columns of these names are no labels unless `labels` says so.
struct ColumnOption {
  const char* option;
  const char* column;
  const char* holds;
};
const std::vector<ColumnOption>& ColumnOptions();

// Parses "a=x, b" into {a, x}, {b, b}. A ConfigError names the option.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> PairsOption(
    const sdk::Request& request, absl::string_view name, bool value_needed);

// How a text is taken apart.
struct TextOptions {
  tables::RecordReader::Options records;
  std::optional<tables::Encoding> encoding;
};
absl::StatusOr<TextOptions> ReadTextOptions(const sdk::Request& request);

// A row counts if the cell of the column is one of the texts; "*" at an end of
// a text stands for any rest.
struct Condition {
  std::string column;
  std::vector<std::string> texts;
};

// Which records are the header, and which are rows.
struct RowOptions {
  // Records above the header; absent: the header is looked for.
  std::optional<int64_t> skip_lines;
  int header_rows = 1;
  // A row whose first filled cell is one of these is left out; "*" at an end
  // stands for any rest.
  std::vector<std::string> ignore_rows;
  std::vector<Condition> where;
};
absl::StatusOr<RowOptions> ReadRowOptions(const sdk::Request& request);

// Parses "a=x|y; b=z".
absl::StatusOr<std::vector<Condition>> ParseConditions(absl::string_view text);

absl::StatusOr<tables::NumberStyle> ReadNumberStyle(
    const sdk::Request& request);

// Texts that stand for no value, besides those of tables::IsMissingMark.
absl::flat_hash_set<std::string> MissingTexts(const sdk::Request& request);

}  // namespace headway::mapping

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_OPTIONS_H_
