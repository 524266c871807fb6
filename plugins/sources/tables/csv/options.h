// The options of the csv plugin: what Describe shows, and those that hold for
// the cells of a table before its columns are known.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_CSV_OPTIONS_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_CSV_OPTIONS_H_

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

namespace headway::csv {

// The options, as Describe and docs/csv.md show them.
std::vector<sdk::OptionSpec> OptionSpecs();

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

// How the text is taken apart.
struct TextOptions {
  tables::RecordReader::Options records;
  std::optional<tables::Encoding> encoding;
  // Lines above the header; absent: the header is looked for.
  std::optional<int64_t> skip_lines;
  // A row whose first filled cell is one of these is left out; "*" at the end
  // stands for any rest.
  std::vector<std::string> ignore_rows;
};
absl::StatusOr<TextOptions> ReadTextOptions(const sdk::Request& request);

absl::StatusOr<tables::NumberStyle> ReadNumberStyle(
    const sdk::Request& request);

// Texts that stand for no value, besides those of tables::IsMissingMark.
absl::flat_hash_set<std::string> MissingTexts(const sdk::Request& request);

}  // namespace headway::csv

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_CSV_OPTIONS_H_
