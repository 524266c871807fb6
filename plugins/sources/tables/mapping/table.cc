#include "plugins/sources/tables/mapping/table.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/labels.h"
#include "daemon/series/unit.h"
#include "daemon/tables/marks.h"
#include "daemon/tables/numbers.h"
#include "daemon/tables/periods/notation.h"

namespace headway::mapping {
namespace {

using sdk::Frequency;
using sdk::ObservationStatus;
using sdk::Period;
using sdk::VintageKind;

constexpr size_t kMaxSourceNameBytes = 400;

// A date or an RFC 3339 instant, also with a space for the T.
absl::StatusOr<absl::Time> ReadKnownAt(absl::string_view cell, absl::Time now) {
  constexpr size_t kDateLength = 10;
  std::string text(cell);
  if (text.size() > kDateLength && text[kDateLength] == ' ') {
    text[kDateLength] = 'T';
  }
  absl::CivilDay day;
  if (absl::ParseCivilTime(text, &day)) return KnownSince(day, now);
  return ParseInstant(text);
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

absl::Status Table::ReadRows() {
  for (const ValueColumn& column : layout_.values) {
    if (column.known_at.value_or(now_) <= now_) continue;
    return rows_.BadLine(
        rows_.header_line(),
        absl::StrCat("column \"", rows_.header().names()[column.column],
                     "\" is a vintage that lies in the future"));
  }
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows_.Next());
    if (!more) break;
    RETURN_IF_ERROR(ReadRow());
  }
  if (rows_.count() > 0) return absl::OkStatus();
  return rows_.BadLine(rows_.header_line(),
                       "the table has a header and no rows; the publisher may "
                       "have emptied it, or the header is another line: see "
                       "the option skip_lines");
}

absl::Status Table::ReadRow() {
  const auto nameless = rows_.nameless_cell();
  if (layout_.refuse_nameless_cells && nameless) {
    return rows_.BadLine(
        rows_.line(),
        absl::StrCat("\"", nameless->substr(0, 40),
                     "\" stands in a column without a name; name it in the "
                     "header, or list in the option labels which columns are "
                     "labels"));
  }
  ASSIGN_OR_RETURN(const RowFacts facts, ReadFacts());
  for (const ValueColumn& column : layout_.values) {
    if (!column.known_at) {
      RETURN_IF_ERROR(ReadValue(facts, column));
      continue;
    }
    RowFacts of_column = facts;
    of_column.vintage_kind = VintageKind::kNative;
    of_column.known_at = *column.known_at;
    RETURN_IF_ERROR(ReadValue(of_column, column));
  }
  return absl::OkStatus();
}

// Absent: the cell stands for no value.
absl::StatusOr<std::optional<double>> Table::ReadNumber(size_t column) {
  const absl::string_view text = rows_.cell(column);
  if (tables::IsMissingMark(text) || layout_.missing.contains(text)) {
    return std::nullopt;
  }
  const auto number = tables::ParseNumber(text, layout_.number_style);
  if (!number.ok()) return rows_.BadCell(column, number.status().message());
  if (std::isfinite(*number * layout_.scale)) return *number * layout_.scale;
  return rows_.BadCell(column, "times the option scale is not finite");
}

absl::Status Table::ReadValue(const RowFacts& facts,
                              const ValueColumn& column) {
  Value value{
      .known_at = facts.known_at, .line = rows_.line(), .status = facts.status};
  ASSIGN_OR_RETURN(const auto number, ReadNumber(column.column));
  if (number) {
    value.value = *number;
  } else if (layout_.empty_value == EmptyValue::kSkip) {
    ++skipped_count_;
    return absl::OkStatus();
  } else if (layout_.empty_value == EmptyValue::kError) {
    return rows_.BadCell(
        column.column, "the value is missing; fill it in or set empty_values");
  } else {
    value.withdrawn = true;
  }
  ASSIGN_OR_RETURN(Period period, ReadPeriod(column));
  value.ordinal = period.ordinal;
  ASSIGN_OR_RETURN(SeriesRows * series,
                   FindSeries(facts, column, period.frequency));
  std::string source(rows_.cell(layout_.source_column));
  if (!source.empty() && !absl::c_linear_search(series->sources, source)) {
    series->sources.push_back(std::move(source));
  }
  series->values.push_back(value);
  ++value_count_;
  return absl::OkStatus();
}

// What the columns of marks say together; notes in words say nothing.
ObservationStatus Table::ReadStatus() const {
  tables::ValueStatus status = tables::ValueStatus::kFinal;
  for (const size_t column : layout_.status_columns) {
    const auto mark = tables::StatusOfMark(rows_.cell(column));
    if (mark) status = tables::LessSure(status, *mark);
  }
  switch (status) {
    case tables::ValueStatus::kProvisional:
      return ObservationStatus::kProvisional;
    case tables::ValueStatus::kPartial:
      return ObservationStatus::kPartial;
    case tables::ValueStatus::kEstimated:
      return ObservationStatus::kEstimated;
    case tables::ValueStatus::kBreak:
      return ObservationStatus::kBreak;
    case tables::ValueStatus::kFinal:
    case tables::ValueStatus::kOther:
      return ObservationStatus::kFinal;
  }
  return ObservationStatus::kFinal;
}

absl::StatusOr<Table::RowFacts> Table::ReadFacts() {
  RowFacts facts{
      .known_at = absl::InfinitePast(),
      .vintage_kind = VintageKind::kObserved,
      .release_lag = layout_.release_lag.value_or(absl::ZeroDuration()),
      .unit = rows_.cell(layout_.unit_column),
      .status = ReadStatus()};
  if (facts.unit.empty()) facts.unit = layout_.unit;
  const absl::string_view overruled = rows_.cell(layout_.overruled_unit_column);
  if (!overruled.empty() && overruled != layout_.unit &&
      overruled_unit_.empty()) {
    overruled_unit_ =
        absl::StrCat(rows_.Place(rows_.line()), " has the unit ", overruled,
                     ", which the option unit = ", layout_.unit, " overrules");
  }
  if (absl::string_view text = rows_.cell(layout_.known_at_column);
      !text.empty()) {
    facts.vintage_kind = VintageKind::kNative;
    const absl::StatusOr<absl::Time> known_at = ReadKnownAt(text, now_);
    if (!known_at.ok()) {
      return rows_.BadCell(
          *layout_.known_at_column,
          "is neither a date such as 2024-03-05 nor an RFC 3339 "
          "instant such as 2024-03-05T13:30:00Z");
    }
    facts.known_at = *known_at;
    if (facts.known_at > now_) {
      return rows_.BadCell(*layout_.known_at_column, "lies in the future");
    }
  } else if (layout_.assumed) {
    facts.vintage_kind = VintageKind::kAssumed;
  }
  if (absl::string_view text = rows_.cell(layout_.release_lag_column);
      !text.empty()) {
    double days = 0;
    if (!absl::SimpleAtod(text, &days) || !(days >= 0 && days <= kMaxLagDays)) {
      return rows_.BadCell(
          *layout_.release_lag_column,
          absl::StrCat("is not a number of days from 0 to ", kMaxLagDays));
    }
    facts.release_lag = absl::Hours(24) * days;
  } else if (facts.vintage_kind == VintageKind::kAssumed) {
    guessed_a_lag_ |= layout_.lag_is_guess;
  }
  return facts;
}

absl::StatusOr<std::optional<Frequency>> Table::ReadFrequency() const {
  const absl::string_view text = rows_.cell(layout_.frequency_column);
  if (text.empty()) return layout_.frequency;
  auto frequency = series::ParseFrequency(text);
  if (frequency.ok()) return *frequency;
  return rows_.BadCell(*layout_.frequency_column, frequency.status().message());
}

absl::StatusOr<Period> Table::ReadPeriod(const ValueColumn& column) const {
  ASSIGN_OR_RETURN(const std::optional<Frequency> frequency, ReadFrequency());
  if (column.period.has_value()) return *column.period;
  std::string joined;
  absl::string_view text = rows_.cell(layout_.period_columns.front());
  const bool several =
      layout_.period_columns.size() > 1 || !column.period_part.empty();
  if (several) {
    std::vector<absl::string_view> parts;
    for (const size_t part : layout_.period_columns) {
      parts.push_back(rows_.cell(part));
    }
    if (!column.period_part.empty()) parts.push_back(column.period_part);
    joined = absl::StrJoin(parts, ",");
    text = joined;
  }
  if (layout_.calendar == Calendar::kRoc) {
    joined = FromRocYears(text);
    text = joined;
  }
  const auto period = layout_.period_format
                          ? layout_.period_format->Parse(text, frequency)
                          : tables::ReadPeriod(text, frequency);
  if (period.ok()) return *period;
  std::string problem(period.status().message());
  // No notation does without a digit.
  if (!absl::c_any_of(text, absl::ascii_isdigit)) {
    problem =
        "names no period; if the row is a total or a note, list how it begins "
        "in the option ignore_rows, as in Total,Source*";
  } else if (several) {
    problem = absl::StrCat("makes \"", text, "\", which ", problem);
  }
  return rows_.BadCell(layout_.period_columns.front(), problem);
}

absl::string_view Table::Metric(const ValueColumn& column) const {
  if (!column.metric.empty()) return column.metric;
  absl::string_view cell = rows_.cell(layout_.metric_column);
  return cell.empty() ? absl::string_view(layout_.metric) : cell;
}

absl::StatusOr<Table::SeriesRows*> Table::FindSeries(const RowFacts& facts,
                                                     const ValueColumn& column,
                                                     Frequency frequency) {
  key_.clear();
  AppendKeyPart(Metric(column), &key_);
  AppendKeyPart(column.label_value, &key_);
  AppendKeyPart(series::FrequencyName(frequency), &key_);
  for (const auto& [label, label_column] : layout_.labels) {
    AppendKeyPart(rows_.cell(label_column), &key_);
  }
  auto [it, is_new] = by_key_.try_emplace(key_, nullptr);
  if (is_new) {
    ASSIGN_OR_RETURN(sdk::Series definition,
                     MakeDefinition(facts, column, frequency));
    it->second = &series_.emplace_back();
    it->second->definition = std::move(definition);
    it->second->first_line = rows_.line();
  } else {
    RETURN_IF_ERROR(CheckAgrees(facts, *it->second));
  }
  return it->second;
}

absl::StatusOr<sdk::Series> Table::MakeDefinition(const RowFacts& facts,
                                                  const ValueColumn& column,
                                                  Frequency frequency) const {
  sdk::Series series;
  series.metric = std::string(Metric(column));
  if (series.metric.empty()) {
    return rows_.BadLine(rows_.line(),
                         "the row has no metric; fill in the column or set the "
                         "option metric");
  }
  series.labels = layout_.constant_labels;
  if (!column.label_value.empty()) {
    series.labels[layout_.value_label] = column.label_value;
  }
  for (const auto& [label, label_column] : layout_.labels) {
    absl::string_view value = rows_.cell(label_column);
    if (!value.empty()) series.labels[label] = std::string(value);
  }
  series.frequency = frequency;
  series.unit = std::string(facts.unit);
  series.vintage_kind = facts.vintage_kind;
  series.release_lag = facts.release_lag;
  series.title = std::string(rows_.cell(layout_.title_column));
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
  if (!valid.ok()) return rows_.BadLine(rows_.line(), valid.message());
  return series;
}

absl::Status Table::CheckAgrees(const RowFacts& facts,
                                const SeriesRows& series) const {
  const sdk::Series& definition = series.definition;
  auto disagrees = [&](absl::string_view problem) {
    return rows_.BadLine(
        rows_.line(),
        absl::StrCat(problem, ", unlike ", rows_.Place(series.first_line),
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
  RETURN_IF_ERROR(DropDuplicates(&series));
  NoteJump(series);
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
        batch.observations.push_back({period, value.value, value.status});
      } else if (!layout_.snapshot) {
        batch.withdrawn.push_back(period);
      }
    }
    writer.Write(batch);
  }
  withdraw_before(absl::InfiniteFuture(), /*present=*/true);
  return absl::OkStatus();
}

absl::Status Table::DropDuplicates(SeriesRows* series) {
  std::vector<Value>& values = series->values;
  size_t kept = 0;
  for (size_t i = 1; i < values.size(); ++i) {
    const Value& a = values[kept];
    const Value& b = values[i];
    if (a.known_at != b.known_at || a.ordinal != b.ordinal) {
      values[++kept] = b;
      continue;
    }
    if (a.withdrawn != b.withdrawn || a.value != b.value) {
      return rows_.BadLine(
          b.line,
          absl::StrCat(
              "period ",
              series::FormatPeriod({series->definition.frequency, b.ordinal}),
              " of ", series->definition.metric, " is given twice, first on ",
              rows_.Place(a.line),
              ", with another value; revisions need different known_at, "
              "different series different labels"));
    }
    ++duplicate_count_;
  }
  values.resize(kept + 1);
  return absl::OkStatus();
}

// Where one vintage changes to a thousand or a million times as much or as
// little from one value to the next, two scales may be mixed.
void Table::NoteJump(const SeriesRows& series) {
  const auto is_scale = [](double ratio) {
    return (ratio > 800 && ratio < 1250) || (ratio > 8e5 && ratio < 1.25e6);
  };
  for (size_t i = 1; i < series.values.size() && jump_.empty(); ++i) {
    const Value& a = series.values[i - 1];
    const Value& b = series.values[i];
    if (a.known_at != b.known_at || a.value == 0 || b.value == 0) continue;
    if (!is_scale(std::abs(a.value / b.value)) &&
        !is_scale(std::abs(b.value / a.value))) {
      continue;
    }
    jump_ = absl::StrCat("from ", rows_.Place(a.line), " to ",
                         rows_.Place(b.line), " ", series.definition.metric,
                         " changes from ", a.value, " to ", b.value,
                         "; are values of two scales mixed in the column?");
  }
}

std::vector<std::string> Table::Oddities() const {
  std::vector<std::string> oddities;
  if (duplicate_count_ > 0) {
    oddities.push_back(absl::StrCat(
        duplicate_count_, duplicate_count_ == 1 ? " value is" : " values are",
        " given twice alike, and counts once"));
  }
  if (value_count_ == 0) {
    oddities.push_back("the table has rows and not one value");
  }
  for (const std::string& oddity : {overruled_unit_, jump_}) {
    if (!oddity.empty()) oddities.push_back(oddity);
  }
  return oddities;
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

}  // namespace headway::mapping
