#include "daemon/store/batch_check.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"

namespace headway::store {
namespace {

using series::Frequency;
using series::Period;

constexpr int kLastYear = 9999;

std::string PeriodText(Frequency frequency, int32_t ordinal) {
  const Period period{frequency, ordinal};
  return series::IsInRange(period) ? series::FormatPeriod(period)
                                   : absl::StrCat("ordinal ", ordinal);
}

absl::Status CheckInfo(const series::SeriesInfo& info, bool is_imported) {
  RETURN_IF_ERROR(series::CheckMetric(info.key.metric));
  for (const auto& [name, value] : info.key.labels.pairs()) {
    if (!series::IsReservedName(name)) continue;
    if (is_imported && name == series::kSourceLabel) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "label ", name,
        ": names that begin with __ are the store's; choose another"));
  }
  if (!series::IsFrequency(static_cast<uint8_t>(info.key.frequency))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "frequency ", static_cast<int>(info.key.frequency), " does not exist"));
  }
  const int kind = static_cast<int>(info.vintage_kind);
  if (kind < static_cast<int>(series::VintageKind::kNative) ||
      kind > static_cast<int>(series::VintageKind::kAssumed)) {
    return absl::InvalidArgumentError(
        absl::StrCat("vintage kind ", kind, " does not exist"));
  }
  return absl::OkStatus();
}

absl::Status CheckKnownAt(absl::Time known_at) {
  static const absl::Time kFirst = absl::FromCivil(
      absl::CivilSecond(series::kFirstYear, 1, 1), absl::UTCTimeZone());
  static const absl::Time kEnd = absl::FromCivil(
      absl::CivilSecond(kLastYear + 1, 1, 1), absl::UTCTimeZone());
  if (known_at >= kFirst && known_at < kEnd) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "known_at ", absl::FormatTime(known_at, absl::UTCTimeZone()),
      " is not within the years ", series::kFirstYear, " to ", kLastYear));
}

absl::Status CheckRising(Frequency frequency,
                         const std::vector<int32_t>& ordinals) {
  const auto fall = std::adjacent_find(ordinals.begin(), ordinals.end(),
                                       std::greater_equal<int32_t>());
  if (fall != ordinals.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("period ", PeriodText(frequency, fall[1]), " comes after ",
                     PeriodText(frequency, fall[0]),
                     "; give periods in rising order, "
                     "each once"));
  }
  if (ordinals.empty()) return absl::OkStatus();
  // They rise, so it is enough to check the ends.
  for (int32_t ordinal : {ordinals.front(), ordinals.back()}) {
    if (!series::IsInRange({frequency, ordinal})) {
      return absl::InvalidArgumentError(
          absl::StrCat(series::FrequencyName(frequency), " ordinal ", ordinal,
                       " lies outside the years that are accepted"));
    }
  }
  return absl::OkStatus();
}

bool IsIn(const std::vector<int32_t>& rising, int32_t ordinal) {
  return std::binary_search(rising.begin(), rising.end(), ordinal);
}

absl::Status CheckColumns(const VintageUpdate& update) {
  const Frequency frequency = update.info.key.frequency;
  if (update.ordinals.size() != update.values.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(update.ordinals.size(), " periods, but ",
                     update.values.size(), " values"));
  }
  if (!update.statuses.empty() &&
      update.statuses.size() != update.values.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(update.values.size(), " values, but ",
                     update.statuses.size(), " statuses"));
  }
  RETURN_IF_ERROR(CheckRising(frequency, update.ordinals));
  RETURN_IF_ERROR(CheckRising(frequency, update.withdrawn));
  for (size_t i = 0; i < update.values.size(); ++i) {
    if (!std::isfinite(update.values[i])) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the value at ", PeriodText(frequency, update.ordinals[i]), " is ",
          update.values[i], "; leave a missing value out"));
    }
  }
  RETURN_IF_ERROR(CheckRising(frequency, update.restated));
  for (int32_t ordinal : update.restated) {
    if (!IsIn(update.ordinals, ordinal) && !IsIn(update.withdrawn, ordinal)) {
      return absl::InvalidArgumentError(
          absl::StrCat("period ", PeriodText(frequency, ordinal),
                       " is restated, but the vintage says nothing of it"));
    }
  }
  for (int32_t ordinal : update.withdrawn) {
    if (IsIn(update.ordinals, ordinal)) {
      return absl::InvalidArgumentError(
          absl::StrCat("period ", PeriodText(frequency, ordinal),
                       " has a value and is withdrawn, too"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCoverage(Frequency frequency, const Coverage& covers) {
  if (covers.all) return absl::OkStatus();
  if (covers.first > covers.last) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a vintage cannot cover ", PeriodText(frequency, covers.first), " to ",
        PeriodText(frequency, covers.last),
        "; the first comes after the last"));
  }
  RETURN_IF_ERROR(CheckRising(frequency, {covers.first}));
  return CheckRising(frequency, {covers.last});
}

// It may become a label.
absl::Status CheckSource(absl::string_view source) {
  if (source.empty()) return absl::OkStatus();
  return Annotate(
      series::Labels::Create({{"source", std::string(source)}}).status(),
      "the name of the source");
}

absl::Status NameSeries(const absl::Status& status,
                        const series::SeriesInfo& info) {
  return Annotate(status,
                  absl::StrCat("series ", series::FormatSeriesKey(info.key)));
}

}  // namespace

absl::Status CheckUpdate(const VintageUpdate& update) {
  RETURN_IF_ERROR(CheckInfo(update.info, update.imported != Import::kNone));
  RETURN_IF_ERROR(CheckKnownAt(update.known_at));
  if (update.covers) {
    RETURN_IF_ERROR(CheckCoverage(update.info.key.frequency, *update.covers));
  }
  if (update.source) RETURN_IF_ERROR(CheckSource(*update.source));
  return CheckColumns(update);
}

absl::Status CheckBatch(const Batch& batch) {
  RETURN_IF_ERROR(CheckSource(batch.provenance.source));
  for (const auto& [source, precedence] : batch.precedences) {
    RETURN_IF_ERROR(CheckSource(source));
  }
  for (const VintageUpdate& update : batch.updates) {
    if (absl::Status status = CheckUpdate(update); !status.ok()) {
      return NameSeries(status, update.info);
    }
  }
  for (const Checkpoint& checkpoint : batch.checkpoints) {
    if (checkpoint.source.empty()) {
      return absl::InvalidArgumentError("a checkpoint names no source");
    }
  }
  for (const Record& record : batch.records) {
    if (record.key.empty()) {
      return absl::InvalidArgumentError("a record has an empty key");
    }
  }
  for (const RecordPrecondition& precondition : batch.preconditions) {
    if (precondition.key.empty()) {
      return absl::InvalidArgumentError("a precondition has an empty key");
    }
  }
  return absl::OkStatus();
}

}  // namespace headway::store
