// Reads the lines that text.h describes, strictly.
//
// A reader turns lines into series and vintages and hands them to a sink as
// soon as they are whole. Errors are INVALID_ARGUMENT and name the line, the
// column or member, the text and the remedy. Not thread-safe.
#ifndef HEADWAY_DAEMON_STORE_TRANSFER_IMPORT_READER_H_
#define HEADWAY_DAEMON_STORE_TRANSFER_IMPORT_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/series/series_info.h"
#include "daemon/store/transfer/text.h"
#include "daemon/store/types.h"

namespace headway::store {

// What the lines say about a series. What they leave out stays as it is in the
// store.
struct ImportedSeries {
  series::SeriesKey key;
  std::optional<series::Unit> unit;
  std::optional<std::string> title;
  std::optional<std::string> description;
  std::optional<series::VintageKind> vintage_kind;
  std::optional<absl::Duration> release_lag;
  std::optional<std::string> source_name;

  friend bool operator==(const ImportedSeries&,
                         const ImportedSeries&) = default;
};

// As VintageUpdate; periods are in order and values are finite.
struct ImportedVintage {
  absl::Time known_at;
  std::vector<int32_t> ordinals;
  std::vector<double> values;
  series::Statuses statuses;
  std::vector<int32_t> withdrawn;
  std::vector<int32_t> restated;
  std::optional<Coverage> covers;
  Provenance provenance;
};

class ImportSink {
 public:
  virtual ~ImportSink() = default;
  // The vintages that follow are of this series.
  virtual absl::Status BeginSeries(const ImportedSeries& series) = 0;
  virtual absl::Status AddVintage(ImportedVintage vintage) = 0;
};

class ImportReader {
 public:
  // `name` stands for the text in errors. The sink must outlive the reader.
  static std::unique_ptr<ImportReader> Create(TransferFormat format,
                                              std::string name,
                                              ImportSink* sink);
  virtual ~ImportReader() = default;

  // The text in pieces, which need not end where lines do; then Finish once.
  // After an error nothing more is taken.
  absl::Status Add(absl::string_view bytes);
  absl::Status Finish();

  // What it keeps of a line whose end has not come.
  size_t held_bytes() const { return line_.capacity(); }

 protected:
  // What a kind of lines is like.
  struct LineRules {
    // The longest that can be right.
    size_t max_bytes = 0;
    // A line feed within quotes does not end a line.
    bool quotes_hold_line_feeds = false;
  };

  ImportReader(std::string name, LineRules rules, ImportSink* sink);

  // A line without its line feed.
  virtual absl::Status AddLine(absl::string_view line) = 0;
  virtual absl::Status FinishLines() = 0;

  // The line being read, counted from 1.
  int64_t line_number() const { return line_number_; }
  // "NAME:LINE: WHERE: " before the message; no WHERE if it is empty.
  absl::Status At(int64_t line, absl::string_view where,
                  const absl::Status& status) const;

  ImportSink& sink_;

 private:
  const std::string name_;
  const LineRules rules_;
  // What has come of a line whose end has not.
  std::string line_;
  bool in_quotes_ = false;
  int64_t line_number_ = 1;
  int64_t line_feeds_ = 0;
};

// Each makes one kind.
std::unique_ptr<ImportReader> MakeCsvImportReader(std::string name,
                                                  ImportSink* sink);
std::unique_ptr<ImportReader> MakeNdjsonImportReader(std::string name,
                                                     ImportSink* sink);

// What both kinds check.

// Texts of series and of provenance are bounded as those of plugins are.
absl::Status CheckText(absl::string_view text);
// Whether `ordinal` may follow those before it.
absl::Status CheckFollows(series::Frequency frequency,
                          std::optional<int32_t> before, int32_t ordinal);

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_TRANSFER_IMPORT_READER_H_
