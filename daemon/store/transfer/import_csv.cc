// CSV, one row an observation of a vintage: rows of one vintage follow one
// another, and so do the vintages of a series.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/base/utf8.h"
#include "daemon/store/transfer/flat_json.h"
#include "daemon/store/transfer/import_reader.h"
#include "daemon/tables/formulas.h"

namespace headway::store {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";
// 32 labels and 8 texts at their longest, each byte a doubled quote.
constexpr size_t kMaxCsvLineBytes = size_t{256} << 10;

// Appends a quoted cell that begins at `at`, which moves behind it.
absl::Status ReadQuoted(absl::string_view record, size_t* at,
                        std::string* cell) {
  ++*at;
  while (true) {
    const size_t quote = record.find('"', *at);
    if (quote == absl::string_view::npos) return Refuse("it is not closed");
    absl::StrAppend(cell, record.substr(*at, quote - *at));
    *at = quote + 1;
    if (*at == record.size() || record[*at] == ',') return absl::OkStatus();
    if (record[*at] != '"') {
      return Refuse(
          "text follows its closing quote; write a quote within a "
          "cell twice");
    }
    cell->push_back('"');
    ++*at;
  }
}

absl::Status ReadPlain(absl::string_view record, size_t* at,
                       std::string* cell) {
  const size_t end = std::min(record.find(',', *at), record.size());
  const absl::string_view text = record.substr(*at, end - *at);
  *at = end;
  if (absl::StrContains(text, '"')) {
    return Refuse(Quoted(text),
                  " holds a quote; put the cell in quotes, and write the quote "
                  "twice");
  }
  cell->assign(text.data(), text.size());
  return absl::OkStatus();
}

// Cells of a record, as RFC 4180 has it.
absl::Status SplitRecord(absl::string_view record,
                         std::vector<std::string>* cells) {
  size_t count = 0;
  size_t at = 0;
  while (true) {
    // The strings that are there are used again.
    if (count == cells->size()) cells->emplace_back();
    std::string& cell = (*cells)[count++];
    cell.clear();
    const bool is_quoted = at < record.size() && record[at] == '"';
    const absl::Status status = is_quoted ? ReadQuoted(record, &at, &cell)
                                          : ReadPlain(record, &at, &cell);
    if (!status.ok()) return Annotate(status, absl::StrCat("cell ", count));
    if (at == record.size()) break;
    ++at;  // the comma
  }
  cells->resize(count);
  return absl::OkStatus();
}

absl::StatusOr<bool> ParseFlag(absl::string_view text) {
  // pandas writes True and False.
  if (absl::EqualsIgnoreCase(text, "true")) return true;
  if (absl::EqualsIgnoreCase(text, "false") || text.empty()) return false;
  return Refuse(Quoted(text), " is neither true nor false");
}

class CsvReader final : public ImportReader {
 public:
  CsvReader(std::string name, ImportSink* sink)
      : ImportReader(std::move(name), {kMaxCsvLineBytes, true}, sink) {}

 private:
  absl::Status AddLine(absl::string_view line) override;
  absl::Status FinishLines() override;

  absl::Status ReadHeader();
  absl::Status ReadRow();
  bool ContinuesVintage() const;
  absl::Status BeginVintage();
  absl::StatusOr<ImportedSeries> ReadSeries();
  absl::StatusOr<ImportedVintage> ReadVintage(series::Frequency frequency);
  absl::Status ReadObservation();
  absl::StatusOr<series::ObservationStatus> ReadStatus() const;
  absl::Status EndVintage();

  // The place of a column; the number of columns if there is no such one.
  size_t Find(absl::string_view column) const {
    return std::find(header_.begin(), header_.end(), column) - header_.begin();
  }
  bool Has(absl::string_view column) const {
    return Find(column) < header_.size();
  }
  // Empty if there is no such column.
  absl::string_view Get(size_t place) const {
    return place < cells_.size() ? absl::string_view(cells_[place]) : "";
  }
  absl::string_view Get(absl::string_view column) const {
    return Get(Find(column));
  }
  // Parses the cell of `column` if there is such a column.
  template <typename T, typename Parse>
  absl::Status ReadIfThere(absl::string_view column, Parse parse,
                           std::optional<T>* value) const;
  absl::Status ReadText(absl::string_view column, std::string* text) const;
  absl::Status InColumn(absl::string_view column,
                        const absl::Status& status) const {
    return At(line_number(), absl::StrCat("column ", column), status);
  }

  std::vector<std::string> header_;
  // The columns that differ from row to row of a vintage.
  struct {
    size_t period = 0;
    size_t value = 0;
    size_t withdrawn = 0;
    size_t restated = 0;
    size_t status = 0;
  } place_;
  std::vector<std::string> cells_;

  // The vintage under way: the row that began it, and on which line.
  std::vector<std::string> first_row_;
  int64_t first_line_ = 0;
  std::optional<ImportedSeries> series_;
  ImportedVintage vintage_;
  std::optional<int32_t> last_ordinal_;
};

absl::Status CsvReader::AddLine(absl::string_view line) {
  if (header_.empty() && absl::StartsWith(line, kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (absl::EndsWith(line, "\r")) line.remove_suffix(1);
  if (!IsUtf8(line)) {
    return At(line_number(), "",
              Refuse("the line is not UTF-8; save the file in that encoding"));
  }
  if (absl::Status split = SplitRecord(line, &cells_); !split.ok()) {
    return At(line_number(), "", split);
  }
  return header_.empty() ? ReadHeader() : ReadRow();
}

absl::Status CsvReader::FinishLines() {
  if (header_.empty()) {
    return At(1, "",
              Refuse("there is no header; its columns are ",
                     absl::StrJoin(TransferColumns(), ",")));
  }
  return EndVintage();
}

absl::Status CsvReader::ReadHeader() {
  const std::vector<std::string>& known = TransferColumns();
  for (const std::string& column : cells_) {
    if (std::find(known.begin(), known.end(), column) == known.end()) {
      return At(line_number(), "",
                Refuse("column ", Quoted(column), " is not known",
                       DidYouMean(column, known)));
    }
    if (std::count(cells_.begin(), cells_.end(), column) > 1) {
      return At(line_number(), "",
                Refuse("column ", column, " is there twice"));
    }
  }
  header_ = cells_;
  for (absl::string_view column : {"metric", "period", "value", "known_at"}) {
    if (!Has(column)) {
      return At(line_number(), "",
                Refuse("there is no column ", column, "; there are ",
                       absl::StrJoin(header_, ", ")));
    }
  }
  place_ = {Find("period"), Find("value"), Find("withdrawn"), Find("restated"),
            Find("status")};
  return absl::OkStatus();
}

absl::Status CsvReader::ReadRow() {
  if (cells_.size() != header_.size()) {
    return At(line_number(), "",
              Refuse("the row has ", cells_.size(), " cells, the header ",
                     header_.size()));
  }
  if (!ContinuesVintage()) RETURN_IF_ERROR(BeginVintage());
  return ReadObservation();
}

bool CsvReader::ContinuesVintage() const {
  if (first_row_.empty()) return false;
  for (size_t i = 0; i < cells_.size(); ++i) {
    const bool is_of_period = i == place_.period || i == place_.value ||
                              i == place_.withdrawn || i == place_.restated ||
                              i == place_.status;
    if (!is_of_period && cells_[i] != first_row_[i]) return false;
  }
  return true;
}

absl::Status CsvReader::BeginVintage() {
  ASSIGN_OR_RETURN(ImportedSeries series, ReadSeries());
  ASSIGN_OR_RETURN(ImportedVintage vintage, ReadVintage(series.key.frequency));
  // Everything is checked before the vintage under way counts as whole.
  const bool same_series = series_ && series_->key == series.key;
  if (same_series && *series_ != series) {
    return At(
        line_number(), "",
        Refuse("unit, title, description, vintage_kind, release_lag or "
               "source_name of ",
               series::FormatSeriesKey(series.key), " is not that of line ",
               first_line_, "; the rows of a series say the same of it"));
  }
  if (same_series && vintage.known_at == vintage_.known_at) {
    return At(
        line_number(), "",
        Refuse("recorded_at, covers or provenance is not that of line ",
               first_line_, "; the rows of a vintage say the same of it"));
  }
  RETURN_IF_ERROR(EndVintage());
  if (!same_series) {
    if (absl::Status status = sink_.BeginSeries(series); !status.ok()) {
      return At(line_number(), "", status);
    }
    series_ = std::move(series);
  }
  vintage_ = std::move(vintage);
  last_ordinal_.reset();
  first_row_ = cells_;
  first_line_ = line_number();
  return absl::OkStatus();
}

absl::StatusOr<ImportedSeries> CsvReader::ReadSeries() {
  ImportedSeries series;
  series.key.metric = std::string(Get("metric"));
  if (absl::Status metric = series::CheckMetric(series.key.metric);
      !metric.ok()) {
    return InColumn("metric", metric);
  }
  if (const absl::string_view text = Get("labels"); !text.empty()) {
    auto labels = ParseLabelsJson(text);
    if (!labels.ok()) {
      return InColumn("labels", absl::InvalidArgumentError(absl::StrCat(
                                    labels.status().message(),
                                    "; write {\"partner\":\"CHN\"}")));
    }
    series.key.labels = *std::move(labels);
  }
  if (const absl::string_view text = Get("frequency"); !text.empty()) {
    auto frequency = series::ParseFrequency(text);
    if (!frequency.ok()) return InColumn("frequency", frequency.status());
    series.key.frequency = *frequency;
  } else {
    // A period's form tells.
    auto period = series::ParsePeriod(Get("period"));
    if (!period.ok()) return InColumn("period", period.status());
    series.key.frequency = period->frequency;
  }
  RETURN_IF_ERROR(ReadIfThere("unit", series::Unit::Parse, &series.unit));
  RETURN_IF_ERROR(
      ReadIfThere("vintage_kind", ParseVintageKind, &series.vintage_kind));
  RETURN_IF_ERROR(ReadIfThere("release_lag", ParseLag, &series.release_lag));
  auto parse_text = [](absl::string_view cell) -> absl::StatusOr<std::string> {
    const absl::string_view text = tables::WithoutApostrophe(cell);
    RETURN_IF_ERROR(CheckText(text));
    return std::string(text);
  };
  RETURN_IF_ERROR(ReadIfThere("title", parse_text, &series.title));
  RETURN_IF_ERROR(ReadIfThere("description", parse_text, &series.description));
  RETURN_IF_ERROR(ReadIfThere("source_name", parse_text, &series.source_name));
  return series;
}

absl::StatusOr<ImportedVintage> CsvReader::ReadVintage(
    series::Frequency frequency) {
  ImportedVintage vintage;
  auto known_at = ParseStoredInstant(Get("known_at"));
  if (!known_at.ok()) return InColumn("known_at", known_at.status());
  vintage.known_at = *known_at;
  // Given anew by the store, and checked all the same.
  if (const absl::string_view text = Get("recorded_at"); !text.empty()) {
    auto recorded_at = ParseStoredInstant(text);
    if (!recorded_at.ok()) return InColumn("recorded_at", recorded_at.status());
  }
  if (const absl::string_view text = Get("covers"); !text.empty()) {
    auto covers = ParseCoverage(text, frequency);
    if (!covers.ok()) return InColumn("covers", covers.status());
    vintage.covers = *covers;
  }
  Provenance& from = vintage.provenance;
  RETURN_IF_ERROR(ReadText("source", &from.source));
  RETURN_IF_ERROR(ReadText("plugin", &from.plugin));
  RETURN_IF_ERROR(ReadText("plugin_version", &from.plugin_version));
  RETURN_IF_ERROR(ReadText("plugin_hash", &from.plugin_hash));
  RETURN_IF_ERROR(ReadText("run", &from.run));
  return vintage;
}

absl::Status CsvReader::ReadObservation() {
  const series::Frequency frequency = series_->key.frequency;
  auto period = series::ParsePeriod(Get(place_.period), frequency);
  if (!period.ok()) return InColumn("period", period.status());
  const int32_t ordinal = period->ordinal;
  if (absl::Status status = CheckFollows(frequency, last_ordinal_, ordinal);
      !status.ok()) {
    return InColumn("period", status);
  }
  last_ordinal_ = ordinal;
  const absl::StatusOr<bool> withdrawn = ParseFlag(Get(place_.withdrawn));
  if (!withdrawn.ok()) return InColumn("withdrawn", withdrawn.status());
  const absl::StatusOr<series::ObservationStatus> status = ReadStatus();
  if (!status.ok()) return status.status();
  const absl::string_view text = Get(place_.value);
  if (*withdrawn) {
    if (!text.empty()) {
      return InColumn("value", Refuse(Quoted(text),
                                      " stands in a row that is "
                                      "withdrawn; leave it empty"));
    }
    if (*status != series::ObservationStatus::kFinal) {
      return InColumn("status", Refuse(Quoted(Get(place_.status)),
                                       " stands in a row that is withdrawn; "
                                       "leave it empty"));
    }
    vintage_.withdrawn.push_back(ordinal);
  } else {
    auto value = ParseValue(text);
    if (!value.ok()) return InColumn("value", value.status());
    series::AppendStatus(*status, vintage_.values.size(), &vintage_.statuses);
    vintage_.ordinals.push_back(ordinal);
    vintage_.values.push_back(*value);
  }
  const absl::StatusOr<bool> restated = ParseFlag(Get(place_.restated));
  if (!restated.ok()) return InColumn("restated", restated.status());
  if (*restated) vintage_.restated.push_back(ordinal);
  return absl::OkStatus();
}

absl::StatusOr<series::ObservationStatus> CsvReader::ReadStatus() const {
  const absl::string_view text = Get(place_.status);
  if (text.empty()) return series::ObservationStatus::kFinal;
  auto status = series::ParseObservationStatus(text);
  if (!status.ok()) return InColumn("status", status.status());
  return status;
}

absl::Status CsvReader::EndVintage() {
  if (first_row_.empty()) return absl::OkStatus();
  first_row_.clear();
  return At(first_line_, "",
            sink_.AddVintage(std::exchange(vintage_, ImportedVintage())));
}

template <typename T, typename Parse>
absl::Status CsvReader::ReadIfThere(absl::string_view column, Parse parse,
                                    std::optional<T>* value) const {
  if (!Has(column)) return absl::OkStatus();
  absl::StatusOr<T> parsed = parse(Get(column));
  if (!parsed.ok()) return InColumn(column, parsed.status());
  *value = *std::move(parsed);
  return absl::OkStatus();
}

absl::Status CsvReader::ReadText(absl::string_view column,
                                 std::string* text) const {
  *text = std::string(Get(column));
  return InColumn(column, CheckText(*text));
}

}  // namespace

std::unique_ptr<ImportReader> MakeCsvImportReader(std::string name,
                                                  ImportSink* sink) {
  return std::make_unique<CsvReader>(std::move(name), sink);
}

}  // namespace headway::store
