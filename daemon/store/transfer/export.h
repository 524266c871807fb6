// Takes series out of the store, with their whole history, as text.
//
// text.h describes the text; import.h reads it back. All of
// it comes from one view, so that it fits together however long it takes.
// Memory is bounded by the history of one series.
//
//   Exporter exporter(reader.get(), {.format = TransferFormat::kCsv});
//   while (true) {
//     ASSIGN_OR_RETURN(std::string text, exporter.Next());
//     if (text.empty()) break;
//     ...
//   }
//
// Not thread-safe.
#ifndef HEADWAY_DAEMON_STORE_TRANSFER_EXPORT_H_
#define HEADWAY_DAEMON_STORE_TRANSFER_EXPORT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/series/labels.h"
#include "daemon/series/selector.h"
#include "daemon/store/reader.h"
#include "daemon/store/transfer/text.h"

namespace headway::store {

struct ExportOptions {
  TransferFormat format = TransferFormat::kCsv;
  // Empty: every series.
  series::Selector selector;
  // Only vintages known at this instant, and series that have one.
  absl::Time as_of = absl::InfiniteFuture();
  // Whether a series is left out; empty: none is.
  std::function<absl::StatusOr<bool>(const series::SeriesKey&)> leaves_out = {};
};

class Exporter {
 public:
  // The reader must outlive the exporter.
  Exporter(const Reader* reader, ExportOptions options);

  // The next whole lines, of 64 KiB or more while there are as many; empty at
  // the end. A vintage is never divided. Errors are those of the reader.
  absl::StatusOr<std::string> Next();

  // What the lines so far hold.
  int64_t series() const { return series_; }
  int64_t vintages() const { return vintages_; }
  int64_t observations() const { return observations_; }
  int64_t left_out() const { return left_out_; }

 private:
  absl::StatusOr<bool> NextSeries(std::string* out);
  absl::Status ReadPage();
  void AppendVintage(const Vintage& vintage, std::string* out);
  // One statement of a vintage about a period.
  struct Statement {
    int32_t ordinal = 0;
    // Empty: the value was withdrawn.
    std::optional<double> value;
    series::ObservationStatus status = series::ObservationStatus::kFinal;
    // It says what held before the vintage anyway.
    bool restated = false;

    bool SaysWhat(const Statement& other) const;
  };
  // The statements of the vintage by rising period; brings state_ up to date.
  std::vector<Statement> Apply(const Vintage& vintage);
  void AppendCsvRows(const Vintage& vintage,
                     const std::vector<Statement>& statements,
                     std::string* out) const;
  void AppendJsonLine(const Vintage& vintage,
                      const std::vector<Statement>& statements,
                      std::string* out) const;
  std::string CoverageText(const Vintage& vintage) const;

  const Reader& reader_;
  const ExportOptions options_;
  // Series that were found and not yet written.
  std::vector<SeriesEntry> page_;
  size_t next_in_page_ = 0;
  bool last_page_ = false;
  bool header_written_ = false;

  // The series under way.
  SeriesEntry entry_;
  std::vector<Vintage> history_;
  size_t next_vintage_ = 0;
  // By period, the newest statement up to the vintage that was written last.
  std::map<int32_t, Statement> state_;

  int64_t series_ = 0;
  int64_t vintages_ = 0;
  int64_t observations_ = 0;
  int64_t left_out_ = 0;
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_TRANSFER_EXPORT_H_
