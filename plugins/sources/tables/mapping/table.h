// A table read whole: its rows as series with their vintages.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_TABLE_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_TABLE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sources/tables/mapping/layout.h"
#include "plugins/sources/tables/mapping/rows.h"

namespace headway::mapping {

class Table {
 public:
  // No row may be known after `now`. `rows` is read and must outlive the table.
  Table(Layout layout, Rows* rows, absl::Time now)
      : layout_(std::move(layout)), rows_(*rows), now_(now) {}

  // Reads every row after the header. The first bad one ends it with a
  // ConfigError that names the table, the line, the column and the cell. A
  // table without any row is an error too.
  absl::Status ReadRows();

  // Writes each series' definition, then its vintages from the oldest to the
  // newest, and no checkpoint. Rows that say the same of one period count once;
  // a ConfigError names two that differ.
  absl::Status Deliver(sdk::Writer& writer);

  int64_t series_count() const { return static_cast<int64_t>(series_.size()); }
  int64_t value_count() const { return value_count_; }
  int64_t skipped_count() const { return skipped_count_; }
  // The newest known_at of all rows; InfinitePast if none has one.
  absl::Time newest_known_at() const;
  // Whether a series counts as known at the end of each period only because
  // neither an option nor a column gives its publisher's lag.
  bool guessed_a_lag() const { return guessed_a_lag_; }
  // What is odd but no error, one sentence each, for a warning.
  std::vector<std::string> Oddities() const;

 private:
  struct Value {
    absl::Time known_at;  // InfinitePast if the row gives none
    int32_t ordinal;
    bool withdrawn;
    double value;
    int64_t line;
    sdk::ObservationStatus status;
  };
  struct SeriesRows {
    sdk::Series definition;
    std::vector<std::string> sources;
    int64_t first_line = 0;
    std::vector<Value> values;
  };

  // What a row states besides its values.
  struct RowFacts {
    absl::Time known_at;
    sdk::VintageKind vintage_kind;
    absl::Duration release_lag;
    absl::string_view unit;
    sdk::ObservationStatus status;
  };

  absl::Status ReadRow();
  absl::Status ReadValue(const RowFacts& facts, const ValueColumn& column);
  absl::StatusOr<RowFacts> ReadFacts();
  sdk::ObservationStatus ReadStatus() const;
  absl::StatusOr<std::optional<double>> ReadNumber(size_t column);
  absl::StatusOr<sdk::Period> ReadPeriod(const ValueColumn& column) const;
  absl::StatusOr<std::optional<sdk::Frequency>> ReadFrequency() const;
  absl::string_view Metric(const ValueColumn& column) const;
  absl::StatusOr<SeriesRows*> FindSeries(const RowFacts& facts,
                                         const ValueColumn& column,
                                         sdk::Frequency frequency);
  absl::StatusOr<sdk::Series> MakeDefinition(const RowFacts& facts,
                                             const ValueColumn& column,
                                             sdk::Frequency frequency) const;
  absl::Status CheckAgrees(const RowFacts& facts,
                           const SeriesRows& series) const;
  absl::Status DeliverSeries(SeriesRows& series, sdk::Writer& writer);
  absl::Status DropDuplicates(SeriesRows* series);
  void NoteJump(const SeriesRows& series);
  void CollectKnownAts();

  const Layout layout_;
  Rows& rows_;
  const absl::Time now_;
  absl::flat_hash_map<std::string, SeriesRows*> by_key_;
  std::deque<SeriesRows> series_;
  // Scratch space for the key of a row's series.
  std::string key_;
  // With snapshot: every known_at of the table, in order.
  std::vector<absl::Time> known_ats_;
  int64_t value_count_ = 0;
  int64_t skipped_count_ = 0;
  int64_t duplicate_count_ = 0;
  bool guessed_a_lag_ = false;
  // The first of each kind of oddity, or "".
  std::string overruled_unit_;
  std::string jump_;
};

}  // namespace headway::mapping

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_TABLE_H_
