#include "plugins/sources/csv/table.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/labels.h"
#include "daemon/series/unit.h"

namespace headway::csv {
namespace {

using sdk::ConfigError;
using sdk::CsvReader;
using sdk::Frequency;
using sdk::Period;
using sdk::VintageKind;

constexpr size_t kMaxSourceNameBytes = 400;

absl::string_view Cell(const CsvReader& row, std::optional<size_t> column) {
  if (!column) return {};
  return absl::StripAsciiWhitespace(row.cell(*column));
}

// A date, which means its first instant in UTC, or an RFC 3339 instant.
bool ParseKnownAt(absl::string_view text, absl::Time* time) {
  absl::CivilDay day;
  if (absl::ParseCivilTime(text, &day)) {
    *time = absl::FromCivil(day, absl::UTCTimeZone());
    return true;
  }
  return absl::ParseTime(absl::RFC3339_full, text, time, nullptr) &&
         *time != absl::InfinitePast() && *time != absl::InfiniteFuture();
}

void AppendKeyPart(absl::string_view part, std::string* key) {
  key->append(part.data(), part.size());
  key->push_back('\x1f');
}

// Rows of one series may each name a source: all of them, as far as they fit.
std::string JoinSources(const std::vector<std::string>& sources) {
  std::string joined;
  for (size_t i = 0; i < sources.size(); ++i) {
    if (joined.size() + sources[i].size() > kMaxSourceNameBytes && i > 0) {
      return absl::StrCat(joined, "; and ", sources.size() - i, " more");
    }
    absl::StrAppend(&joined, i > 0 ? "; " : "", sources[i]);
  }
  return joined;
}

}  // namespace

absl::Status Table::ReadRows(CsvReader& reader) {
  while (true) {
    ASSIGN_OR_RETURN(bool more, reader.Next());
    if (!more) return absl::OkStatus();
    RETURN_IF_ERROR(ReadRow(reader));
  }
}

absl::Status Table::ReadRow(const CsvReader& row) {
  ASSIGN_OR_RETURN(RowFacts facts, ReadFacts(row));
  for (const ValueColumn& column : layout_.values) {
    RETURN_IF_ERROR(ReadValue(row, facts, column));
  }
  return absl::OkStatus();
}

absl::Status Table::ReadValue(const CsvReader& row, const RowFacts& facts,
                              const ValueColumn& column) {
  absl::string_view text = Cell(row, column.column);
  Value value{.known_at = facts.known_at, .line = row.line()};
  if (text.empty() || layout_.missing.contains(text)) {
    if (layout_.empty_value == EmptyValue::kSkip) {
      ++skipped_count_;
      return absl::OkStatus();
    }
    if (layout_.empty_value == EmptyValue::kError) {
      return BadCell(row, column.column,
                     "the value is missing; fill it in or set empty_values");
    }
    value.withdrawn = true;
  } else {
    double number = 0;
    if (!absl::SimpleAtod(text, &number) ||
        !std::isfinite(number * layout_.scale)) {
      return BadCell(row, column.column, "is not a finite number");
    }
    value.value = number * layout_.scale;
  }
  ASSIGN_OR_RETURN(Period period, ReadPeriod(row, column));
  value.ordinal = period.ordinal;
  ASSIGN_OR_RETURN(SeriesRows * series,
                   FindSeries(row, facts, column, period.frequency));
  std::string source(Cell(row, layout_.source_column));
  if (!source.empty() &&
      std::find(series->sources.begin(), series->sources.end(), source) ==
          series->sources.end()) {
    series->sources.push_back(std::move(source));
  }
  series->values.push_back(value);
  ++value_count_;
  return absl::OkStatus();
}

absl::StatusOr<Table::RowFacts> Table::ReadFacts(const CsvReader& row) {
  RowFacts facts{
      .known_at = absl::InfinitePast(),
      .vintage_kind = VintageKind::kObserved,
      .release_lag = layout_.release_lag.value_or(absl::ZeroDuration()),
      .unit = Cell(row, layout_.unit_column)};
  if (facts.unit.empty()) facts.unit = layout_.unit;
  if (absl::string_view text = Cell(row, layout_.known_at_column);
      !text.empty()) {
    facts.vintage_kind = VintageKind::kNative;
    if (!ParseKnownAt(text, &facts.known_at)) {
      return BadCell(row, *layout_.known_at_column,
                     "is neither a date such as 2024-03-05 nor an RFC 3339 "
                     "instant such as 2024-03-05T13:30:00Z");
    }
    if (facts.known_at > now_) {
      return BadCell(row, *layout_.known_at_column, "lies in the future");
    }
  } else if (layout_.assumed) {
    facts.vintage_kind = VintageKind::kAssumed;
  }
  if (absl::string_view text = Cell(row, layout_.release_lag_column);
      !text.empty()) {
    double days = 0;
    if (!absl::SimpleAtod(text, &days) || !(days >= 0 && days <= kMaxLagDays)) {
      return BadCell(
          row, *layout_.release_lag_column,
          absl::StrCat("is not a number of days from 0 to ", kMaxLagDays));
    }
    facts.release_lag = absl::Hours(24) * days;
  } else if (facts.vintage_kind == VintageKind::kAssumed) {
    guessed_a_lag_ |= layout_.lag_is_guess;
  }
  return facts;
}

absl::StatusOr<Period> Table::ReadPeriod(const CsvReader& row,
                                         const ValueColumn& column) const {
  std::optional<Frequency> frequency = layout_.frequency;
  if (absl::string_view text = Cell(row, layout_.frequency_column);
      !text.empty()) {
    auto parsed = series::ParseFrequency(text);
    if (!parsed.ok()) {
      return BadCell(row, *layout_.frequency_column, parsed.status().message());
    }
    frequency = *parsed;
  }
  if (column.period.has_value()) return *column.period;
  absl::string_view text = Cell(row, *layout_.period_column);
  if (!layout_.period_format.empty()) {
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(layout_.period_format, text, absl::UTCTimeZone(),
                         &time, &error)) {
      return BadCell(row, *layout_.period_column,
                     absl::StrCat("is not of the form ", layout_.period_format,
                                  ": ", error));
    }
    if (!frequency) {
      return BadCell(row, *layout_.period_column,
                     "with period_format, set the option frequency");
    }
    return series::PeriodContaining(
        *frequency, absl::ToCivilDay(time, absl::UTCTimeZone()));
  }
  auto period = frequency ? series::ParsePeriod(text, *frequency)
                          : series::ParsePeriod(text);
  if (!period.ok()) {
    return BadCell(row, *layout_.period_column, period.status().message());
  }
  return *period;
}

absl::string_view Table::Metric(const CsvReader& row,
                                const ValueColumn& column) const {
  if (!column.metric.empty()) return column.metric;
  absl::string_view cell = Cell(row, layout_.metric_column);
  return cell.empty() ? absl::string_view(layout_.metric) : cell;
}

absl::StatusOr<Table::SeriesRows*> Table::FindSeries(const CsvReader& row,
                                                     const RowFacts& facts,
                                                     const ValueColumn& column,
                                                     Frequency frequency) {
  key_.clear();
  AppendKeyPart(Metric(row, column), &key_);
  AppendKeyPart(column.label_value, &key_);
  AppendKeyPart(series::FrequencyName(frequency), &key_);
  for (const auto& [label, label_column] : layout_.labels) {
    AppendKeyPart(Cell(row, label_column), &key_);
  }
  auto [it, is_new] = by_key_.try_emplace(key_, nullptr);
  if (is_new) {
    ASSIGN_OR_RETURN(sdk::Series definition,
                     MakeDefinition(row, facts, column, frequency));
    it->second = &series_.emplace_back();
    it->second->definition = std::move(definition);
    it->second->first_line = row.line();
  } else {
    RETURN_IF_ERROR(CheckAgrees(row, facts, *it->second));
  }
  return it->second;
}

absl::StatusOr<sdk::Series> Table::MakeDefinition(const CsvReader& row,
                                                  const RowFacts& facts,
                                                  const ValueColumn& column,
                                                  Frequency frequency) const {
  sdk::Series series;
  series.metric = std::string(Metric(row, column));
  if (series.metric.empty()) {
    return BadLine(row.line(),
                   "the row has no metric; fill in the column or set the "
                   "option metric");
  }
  series.labels = layout_.constant_labels;
  if (!column.label_value.empty()) {
    series.labels[layout_.value_label] = column.label_value;
  }
  for (const auto& [label, label_column] : layout_.labels) {
    absl::string_view value = Cell(row, label_column);
    if (!value.empty()) series.labels[label] = std::string(value);
  }
  series.frequency = frequency;
  series.unit = std::string(facts.unit);
  series.vintage_kind = facts.vintage_kind;
  series.release_lag = facts.release_lag;
  series.title = std::string(Cell(row, layout_.title_column));
  if (series.title.empty()) {
    std::vector<std::pair<std::string, std::string>> fills = {
        {"{metric}", series.metric}};
    for (const auto& [label, value] : series.labels) {
      fills.emplace_back(absl::StrCat("{", label, "}"), value);
    }
    series.title = absl::StrReplaceAll(layout_.title, fills);
  }
  absl::Status valid = series::CheckMetric(series.metric);
  valid.Update(
      series::Labels::Create({series.labels.begin(), series.labels.end()})
          .status());
  valid.Update(series.unit.empty()
                   ? absl::InvalidArgumentError(
                         "there is no unit; fill in the column or set the "
                         "option unit (\"1\" for plain numbers)")
                   : series::Unit::Parse(series.unit).status());
  if (!valid.ok()) return BadLine(row.line(), valid.message());
  return series;
}

absl::Status Table::CheckAgrees(const CsvReader& row, const RowFacts& facts,
                                const SeriesRows& series) const {
  const sdk::Series& definition = series.definition;
  auto disagrees = [&](absl::string_view problem) {
    return BadLine(row.line(),
                   absl::StrCat(problem, ", unlike line ", series.first_line,
                                " of the same series"));
  };
  if (facts.unit != definition.unit) {
    return disagrees(absl::StrCat("the unit is \"", facts.unit, "\", not \"",
                                  definition.unit, "\""));
  }
  if (facts.vintage_kind != definition.vintage_kind) {
    return disagrees(facts.vintage_kind == VintageKind::kNative
                         ? "known_at is filled in"
                         : "known_at is empty");
  }
  if (facts.vintage_kind == VintageKind::kAssumed &&
      facts.release_lag != definition.release_lag) {
    return disagrees(absl::StrCat("the release lag is ",
                                  absl::ToDoubleHours(facts.release_lag) / 24,
                                  " days"));
  }
  return absl::OkStatus();
}

absl::Status Table::Deliver(sdk::Writer& writer) {
  if (layout_.snapshot) CollectKnownAts();
  for (SeriesRows& series : series_) {
    RETURN_IF_ERROR(DeliverSeries(series, writer));
  }
  return absl::OkStatus();
}

absl::Status Table::DeliverSeries(SeriesRows& series, sdk::Writer& writer) {
  std::sort(series.values.begin(), series.values.end(),
            [](const Value& a, const Value& b) {
              return std::tie(a.known_at, a.ordinal, a.line) <
                     std::tie(b.known_at, b.ordinal, b.line);
            });
  RETURN_IF_ERROR(CheckNoDuplicates(series));
  series.definition.source_name =
      series.sources.empty() ? layout_.source : JoinSources(series.sources);
  const bool native = series.definition.vintage_kind == VintageKind::kNative;
  const std::string id = writer.Define(series.definition);
  auto new_batch = [&](absl::Time known_at) {
    sdk::Batch batch{.series = id, .snapshot = layout_.snapshot};
    if (native) batch.known_at = known_at;
    return batch;
  };
  auto next_known_at = known_ats_.begin();
  // With snapshot: a vintage of the table that lacks the series withdraws it.
  auto withdraw_before = [&](absl::Time limit, bool present) {
    for (;
         native && next_known_at != known_ats_.end() && *next_known_at < limit;
         ++next_known_at) {
      if (present) writer.Write(new_batch(*next_known_at));
      present = false;
    }
  };
  for (size_t i = 0; i < series.values.size();) {
    const absl::Time known_at = series.values[i].known_at;
    withdraw_before(known_at, /*present=*/i > 0);
    if (next_known_at != known_ats_.end()) ++next_known_at;
    sdk::Batch batch = new_batch(known_at);
    for (; i < series.values.size() && series.values[i].known_at == known_at;
         ++i) {
      const Value& value = series.values[i];
      Period period{series.definition.frequency, value.ordinal};
      if (!value.withdrawn) {
        batch.observations.push_back({period, value.value});
      } else if (!layout_.snapshot) {
        batch.withdrawn.push_back(period);
      }
    }
    writer.Write(batch);
  }
  withdraw_before(absl::InfiniteFuture(), /*present=*/true);
  return absl::OkStatus();
}

absl::Status Table::CheckNoDuplicates(const SeriesRows& series) const {
  for (size_t i = 1; i < series.values.size(); ++i) {
    const Value& a = series.values[i - 1];
    const Value& b = series.values[i];
    if (a.known_at == b.known_at && a.ordinal == b.ordinal) {
      return BadLine(
          b.line,
          absl::StrCat(
              "period ",
              series::FormatPeriod({series.definition.frequency, b.ordinal}),
              " of ", series.definition.metric,
              " is given twice, first on line ", a.line,
              "; revisions need different known_at, different series "
              "different labels"));
    }
  }
  return absl::OkStatus();
}

void Table::CollectKnownAts() {
  for (const SeriesRows& series : series_) {
    for (const Value& value : series.values) {
      if (value.known_at != absl::InfinitePast()) {
        known_ats_.push_back(value.known_at);
      }
    }
  }
  std::sort(known_ats_.begin(), known_ats_.end());
  known_ats_.erase(std::unique(known_ats_.begin(), known_ats_.end()),
                   known_ats_.end());
}

absl::Time Table::newest_known_at() const {
  absl::Time newest = absl::InfinitePast();
  for (const SeriesRows& series : series_) {
    for (const Value& value : series.values) {
      newest = std::max(newest, value.known_at);
    }
  }
  return newest;
}

absl::Status Table::BadCell(const CsvReader& row, size_t column,
                            absl::string_view problem) const {
  return BadLine(row.line(),
                 absl::StrCat("column \"", row.header()[column], "\": \"",
                              row.cell(column).substr(0, 80), "\" ", problem));
}

absl::Status Table::BadLine(int64_t line, absl::string_view problem) const {
  return ConfigError(absl::StrCat(name_, ":", line, ": ", problem));
}

}  // namespace headway::csv
