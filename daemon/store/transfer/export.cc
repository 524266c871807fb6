#include "daemon/store/transfer/export.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/tables/formulas.h"

namespace headway::store {
namespace {

constexpr size_t kChunkBytes = size_t{64} << 10;
constexpr size_t kPageSize = 256;

// A cell as RFC 4180 has it.
void AppendCell(absl::string_view text, std::string* out) {
  if (text.find_first_of("\",\r\n") == absl::string_view::npos) {
    out->append(text.data(), text.size());
    return;
  }
  out->push_back('"');
  for (char c : text) {
    if (c == '"') out->push_back('"');
    out->push_back(c);
  }
  out->push_back('"');
}

// A text that people wrote, so that no spreadsheet runs it.
std::string FreeText(absl::string_view text) {
  return absl::StrCat(tables::NeedsApostrophe(text) ? "'" : "", text);
}

// `,"name":"text"`; nothing if the text is empty.
void AppendMember(absl::string_view name, absl::string_view text,
                  std::string* out) {
  if (text.empty()) return;
  absl::StrAppend(out, ",\"", name, "\":");
  AppendJsonString(text, out);
}

// `{"type":"TYPE","metric":…` up to the frequency.
void AppendJsonKey(absl::string_view type, const series::SeriesKey& key,
                   std::string* out) {
  absl::StrAppend(out, "{\"type\":\"", type, "\",\"metric\":");
  AppendJsonString(key.metric, out);
  absl::StrAppend(out, ",\"labels\":", FormatLabelsJson(key.labels),
                  ",\"frequency\":\"", series::FrequencyName(key.frequency),
                  "\"");
}

void AppendSeriesLine(const series::SeriesInfo& info, std::string* out) {
  AppendJsonKey("series", info.key, out);
  AppendMember("unit", info.unit.ToString(), out);
  // Also empty ones: an import leaves as it is what a line does not tell.
  for (const auto& [name, text] :
       {std::pair<absl::string_view, const std::string*>{"title", &info.title},
        {"description", &info.description},
        {"source_name", &info.source_name}}) {
    absl::StrAppend(out, ",\"", name, "\":");
    AppendJsonString(*text, out);
  }
  absl::StrAppend(out, ",\"vintage_kind\":\"",
                  VintageKindName(info.vintage_kind), "\",\"release_lag\":\"",
                  FormatLag(info.release_lag), "\"}\n");
}

// Empty if it is final, as nearly all are.
absl::string_view StatusText(series::ObservationStatus status) {
  return status == series::ObservationStatus::kFinal
             ? ""
             : series::ObservationStatusName(status);
}

}  // namespace

// Equal bit for bit, -0.0 is not 0.0, and of one status.
bool Exporter::Statement::SaysWhat(const Statement& other) const {
  if (!value || !other.value)
    return value.has_value() == other.value.has_value();
  return std::bit_cast<uint64_t>(*value) ==
             std::bit_cast<uint64_t>(*other.value) &&
         status == other.status;
}

Exporter::Exporter(const Reader* reader, ExportOptions options)
    : reader_(*reader), options_(std::move(options)) {}

absl::StatusOr<std::string> Exporter::Next() {
  std::string out;
  if (options_.format == TransferFormat::kCsv && !header_written_) {
    absl::StrAppend(&out, absl::StrJoin(TransferColumns(), ","), "\n");
  }
  header_written_ = true;
  while (out.size() < kChunkBytes) {
    if (next_vintage_ < history_.size()) {
      AppendVintage(history_[next_vintage_++], &out);
      continue;
    }
    ASSIGN_OR_RETURN(const bool more, NextSeries(&out));
    if (!more) break;
  }
  return out;
}

// Makes the next series the one under way; false if there is none.
absl::StatusOr<bool> Exporter::NextSeries(std::string* out) {
  if (next_in_page_ == page_.size()) {
    if (last_page_) return false;
    RETURN_IF_ERROR(ReadPage());
    if (page_.empty()) return false;
  }
  entry_ = std::move(page_[next_in_page_++]);
  history_.clear();
  next_vintage_ = 0;
  if (options_.leaves_out) {
    ASSIGN_OR_RETURN(const bool left_out, options_.leaves_out(entry_.info.key));
    left_out_ += left_out ? 1 : 0;
    if (left_out) return true;
  }
  ASSIGN_OR_RETURN(history_,
                   reader_.ListVintages(entry_.id, Reader::Statements::kAll));
  const auto beyond = std::find_if(history_.begin(), history_.end(),
                                   [&](const Vintage& vintage) {
                                     return vintage.known_at > options_.as_of;
                                   });
  history_.erase(beyond, history_.end());
  state_.clear();
  if (history_.empty() && options_.as_of != absl::InfiniteFuture()) return true;
  ++series_;
  if (options_.format == TransferFormat::kNdjson) {
    AppendSeriesLine(entry_.info, out);
  }
  return true;
}

absl::Status Exporter::ReadPage() {
  std::optional<series::SeriesKey> after;
  // The last of the page before, which is the series under way.
  if (!page_.empty()) after = entry_.info.key;
  ASSIGN_OR_RETURN(page_, reader_.SelectSeries(options_.selector, kPageSize,
                                               after, OwnSeries::kAlso));
  next_in_page_ = 0;
  last_page_ = page_.size() < kPageSize;
  return absl::OkStatus();
}

std::vector<Exporter::Statement> Exporter::Apply(const Vintage& vintage) {
  std::vector<Statement> statements;
  statements.reserve(vintage.ordinals.size() + vintage.withdrawn.size());
  for (size_t i = 0; i < vintage.ordinals.size(); ++i) {
    statements.push_back({vintage.ordinals[i], vintage.values[i],
                          series::StatusAt(vintage.statuses, i)});
  }
  for (int32_t ordinal : vintage.withdrawn) {
    statements.push_back({ordinal, std::nullopt});
  }
  std::inplace_merge(
      statements.begin(),
      statements.begin() + static_cast<ptrdiff_t>(vintage.ordinals.size()),
      statements.end(), [](const Statement& a, const Statement& b) {
        return a.ordinal < b.ordinal;
      });
  for (Statement& statement : statements) {
    // Where nothing was known, a withdrawal changes nothing.
    auto [before, is_new] = state_.try_emplace(statement.ordinal);
    statement.restated = before->second.SaysWhat(statement);
    before->second = statement;
  }
  return statements;
}

void Exporter::AppendVintage(const Vintage& vintage, std::string* out) {
  const std::vector<Statement> statements = Apply(vintage);
  if (options_.format == TransferFormat::kCsv) {
    AppendCsvRows(vintage, statements, out);
  } else {
    AppendJsonLine(vintage, statements, out);
  }
  ++vintages_;
  observations_ += static_cast<int64_t>(statements.size());
}

void Exporter::AppendCsvRows(const Vintage& vintage,
                             const std::vector<Statement>& statements,
                             std::string* out) const {
  const series::SeriesInfo& info = entry_.info;
  const series::Frequency frequency = info.key.frequency;
  // What all rows begin and end with.
  std::string head;
  for (const std::string& text :
       {info.key.metric, FormatLabelsJson(info.key.labels),
        std::string(series::FrequencyName(frequency)), info.unit.ToString()}) {
    AppendCell(text, &head);
    head.push_back(',');
  }
  std::string tail;
  const Provenance& from = vintage.provenance;
  for (const std::string& text :
       {FormatInstant(vintage.known_at), FormatInstant(vintage.recorded_at),
        CoverageText(vintage), from.source, from.plugin, from.plugin_version,
        from.plugin_hash, from.run, FreeText(info.title),
        FreeText(info.description),
        std::string(VintageKindName(info.vintage_kind)),
        FormatLag(info.release_lag), FreeText(info.source_name)}) {
    tail.push_back(',');
    AppendCell(text, &tail);
  }
  tail.push_back('\n');
  for (const Statement& statement : statements) {
    absl::StrAppend(out, head,
                    series::FormatPeriod({frequency, statement.ordinal}), ",");
    if (statement.value) AppendValue(*statement.value, out);
    absl::StrAppend(out, statement.value ? ",false," : ",true,",
                    statement.restated ? "true," : "false,",
                    StatusText(statement.status), tail);
  }
}

void Exporter::AppendJsonLine(const Vintage& vintage,
                              const std::vector<Statement>& statements,
                              std::string* out) const {
  const series::Frequency frequency = entry_.info.key.frequency;
  AppendJsonKey("vintage", entry_.info.key, out);
  AppendMember("known_at", FormatInstant(vintage.known_at), out);
  AppendMember("recorded_at", FormatInstant(vintage.recorded_at), out);
  auto period = [&](int32_t ordinal) {
    return absl::StrCat("\"", series::FormatPeriod({frequency, ordinal}), "\"");
  };
  auto append_periods = [&](std::string* to, int32_t ordinal) {
    to->append(period(ordinal));
  };
  absl::StrAppend(
      out, ",\"periods\":[",
      absl::StrJoin(vintage.ordinals, ",", append_periods), "],\"values\":[",
      absl::StrJoin(
          vintage.values, ",",
          [](std::string* to, double value) { AppendValue(value, to); }),
      "]");
  if (!vintage.statuses.empty()) {
    absl::StrAppend(
        out, ",\"statuses\":[",
        absl::StrJoin(vintage.statuses, ",",
                      [](std::string* to, series::ObservationStatus status) {
                        AppendJsonString(series::ObservationStatusName(status),
                                         to);
                      }),
        "]");
  }
  std::vector<int32_t> restated;
  for (const Statement& statement : statements) {
    if (statement.restated) restated.push_back(statement.ordinal);
  }
  for (const auto& [name, ordinals] :
       {std::pair<absl::string_view, const std::vector<int32_t>*>{
            "withdrawn", &vintage.withdrawn},
        {"restated", &restated}}) {
    if (ordinals->empty()) continue;
    absl::StrAppend(out, ",\"", name, "\":[",
                    absl::StrJoin(*ordinals, ",", append_periods), "]");
  }
  AppendMember("covers", CoverageText(vintage), out);
  const Provenance& from = vintage.provenance;
  AppendMember("source", from.source, out);
  AppendMember("plugin", from.plugin, out);
  AppendMember("plugin_version", from.plugin_version, out);
  AppendMember("plugin_hash", from.plugin_hash, out);
  AppendMember("run", from.run, out);
  out->append("}\n");
}

// Empty if it is what a vintage covers that is imported behind those before it.
std::string Exporter::CoverageText(const Vintage& vintage) const {
  const Coverage& covers = vintage.covers;
  if (!covers.all && !state_.empty() && covers.first == state_.begin()->first &&
      covers.last == state_.rbegin()->first) {
    return "";
  }
  return FormatCoverage(entry_.info.key.frequency, covers);
}

}  // namespace headway::store
