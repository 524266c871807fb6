// SeriesService.WriteObservations: what a program pushes is checked as strictly
// as what a plugin says, and committed as one batch.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/service/series/handlers.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

using messages::AtField;
using messages::FieldError;
using messages::ParseTimestamp;
using messages::ToFrequency;
using messages::ToStatus;
using Batch = v1::WriteObservationsRequest::Batch;

constexpr size_t kLongestTitle = 4096;
constexpr size_t kLongestSource = 128;

absl::Status CheckText(absl::string_view field, absl::string_view text,
                       size_t longest) {
  if (text.size() > longest) {
    return FieldError(
        field, absl::StrCat("has ", text.size(), " bytes; at most ", longest,
                            " are kept"));
  }
  return absl::OkStatus();
}

absl::StatusOr<series::SeriesKey> ToKey(absl::string_view field,
                                        const Batch& batch) {
  series::SeriesKey key;
  key.metric = batch.metric();
  const absl::Status metric = series::CheckMetric(key.metric);
  if (!metric.ok()) return AtField(absl::StrCat(field, ".metric"), metric);
  auto labels =
      series::Labels::Create({batch.labels().begin(), batch.labels().end()});
  if (!labels.ok()) {
    return AtField(absl::StrCat(field, ".labels"), labels.status());
  }
  key.labels = *std::move(labels);
  ASSIGN_OR_RETURN(key.frequency, ToFrequency(absl::StrCat(field, ".frequency"),
                                              batch.frequency()));
  return key;
}

// The description of the series: what the batch leaves out stays as it is.
absl::StatusOr<series::SeriesInfo> ToInfo(absl::string_view field,
                                          const Batch& batch,
                                          absl::string_view source,
                                          series::VintageKind vintage_kind,
                                          const store::Reader& reader) {
  ASSIGN_OR_RETURN(series::SeriesKey key, ToKey(field, batch));
  const std::string unit_field = absl::StrCat(field, ".unit");
  absl::StatusOr<store::SeriesEntry> known = reader.FindSeries(key);
  if (!known.ok() && !absl::IsNotFound(known.status())) return known.status();
  series::SeriesInfo info;
  if (known.ok()) {
    info = std::move(known->info);
  } else {
    info.key = std::move(key);
    info.vintage_kind = vintage_kind;
    info.source_name = std::string(source);
    if (batch.unit().empty()) {
      return FieldError(unit_field,
                        "is needed for a new series; \"1\" is a pure number");
    }
  }
  if (!batch.unit().empty()) {
    auto unit = series::Unit::Parse(batch.unit());
    if (!unit.ok()) return AtField(unit_field, unit.status());
    if (known.ok() && *unit != info.unit) {
      return FieldError(
          unit_field,
          absl::StrCat("\"", batch.unit(), "\" differs from \"",
                       info.unit.ToString(), "\", the unit of ",
                       series::FormatSeriesKey(info.key), " so far"));
    }
    info.unit = *std::move(unit);
  }
  RETURN_IF_ERROR(
      CheckText(absl::StrCat(field, ".title"), batch.title(), kLongestTitle));
  if (!batch.title().empty()) info.title = batch.title();
  return info;
}

// Puts each period with the path of its field in order, and refuses doubles.
class PeriodSet {
 public:
  PeriodSet(series::Frequency frequency, absl::Time now)
      : latest_(series::LatestAccepted(frequency, now)) {}

  absl::StatusOr<int32_t> Add(const std::string& field,
                              absl::string_view text) {
    auto period = series::ParsePeriod(text, latest_.frequency);
    if (!period.ok()) return AtField(field, period.status());
    if (period->ordinal > latest_.ordinal) {
      return FieldError(field,
                        absl::StrCat("\"", text, "\" lies more than ",
                                     series::kMaxYearsAhead, " years ahead"));
    }
    if (!seen_.insert(period->ordinal).second) {
      return FieldError(field, absl::StrCat("\"", text, "\" occurs twice"));
    }
    return period->ordinal;
  }

 private:
  const series::Period latest_;
  std::set<int32_t> seen_;
};

absl::StatusOr<store::VintageUpdate> ToUpdate(absl::string_view field,
                                              const Batch& batch,
                                              series::SeriesInfo info,
                                              absl::Time known_at,
                                              absl::Time now) {
  store::VintageUpdate update;
  PeriodSet periods(info.key.frequency, now);
  std::map<int32_t, series::StatedValue> values;
  for (int i = 0; i < batch.observations_size(); ++i) {
    const v1::Observation& observation = batch.observations(i);
    const std::string path = absl::StrCat(field, ".observations[", i, "]");
    ASSIGN_OR_RETURN(int32_t ordinal, periods.Add(absl::StrCat(path, ".period"),
                                                  observation.period()));
    if (!std::isfinite(observation.value())) {
      return FieldError(absl::StrCat(path, ".value"),
                        absl::StrCat("is ", observation.value(),
                                     "; leave a missing value out"));
    }
    ASSIGN_OR_RETURN(
        const series::ObservationStatus status,
        ToStatus(absl::StrCat(path, ".status"), observation.status()));
    values[ordinal] = {observation.value(), status};
  }
  for (int i = 0; i < batch.withdrawn_periods_size(); ++i) {
    ASSIGN_OR_RETURN(
        int32_t ordinal,
        periods.Add(absl::StrCat(field, ".withdrawn_periods[", i, "]"),
                    batch.withdrawn_periods(i)));
    update.withdrawn.push_back(ordinal);
  }
  for (const auto& [ordinal, stated] : values) {
    series::AppendStatus(stated.status, update.values.size(), &update.statuses);
    update.ordinals.push_back(ordinal);
    update.values.push_back(stated.value);
  }
  std::sort(update.withdrawn.begin(), update.withdrawn.end());
  update.info = std::move(info);
  update.known_at = known_at;
  return update;
}

absl::StatusOr<absl::Time> KnownAt(const v1::WriteObservationsRequest& request,
                                   absl::Time now) {
  if (!request.has_known_at()) return now;
  ASSIGN_OR_RETURN(absl::Time known_at,
                   ParseTimestamp("known_at", request.known_at()));
  if (known_at > now) {
    return FieldError(
        "known_at",
        absl::StrCat(
            absl::FormatTime(absl::RFC3339_full, known_at, absl::UTCTimeZone()),
            " has not come yet; without it, it is the present"));
  }
  return known_at;
}

}  // namespace

absl::StatusOr<v1::WriteObservationsResponse> WriteObservations(
    const Parts& parts, const Call& call,
    const v1::WriteObservationsRequest& request) {
  if (request.source().empty()) {
    return FieldError("source", "is needed: it is shown as provenance");
  }
  RETURN_IF_ERROR(CheckText("source", request.source(), kLongestSource));
  if (store::IsByHand(request.source())) {
    return FieldError("source",
                      absl::StrCat("\"", request.source(),
                                   "\" stands for corrections by hand; call "
                                   "CorrectObservations, or choose another"));
  }
  const absl::Time now = parts.clock->Now();
  ASSIGN_OR_RETURN(absl::Time known_at, KnownAt(request, now));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  store::Batch batch;
  batch.provenance.source = request.source();
  std::map<series::SeriesKey, int> seen;
  for (int i = 0; i < request.batches_size(); ++i) {
    const std::string field = absl::StrCat("batches[", i, "]");
    ASSIGN_OR_RETURN(
        series::SeriesInfo info,
        ToInfo(field, request.batches(i), request.source(),
               request.has_known_at() ? series::VintageKind::kNative
                                      : series::VintageKind::kObserved,
               *reader));
    const auto [first, is_new] = seen.emplace(info.key, i);
    if (!is_new) {
      return FieldError(field, absl::StrCat("is of the same series as batches[",
                                            first->second, "]; join them"));
    }
    ASSIGN_OR_RETURN(
        store::VintageUpdate update,
        ToUpdate(field, request.batches(i), std::move(info), known_at, now));
    batch.updates.push_back(std::move(update));
  }
  // The last moment to turn back: a commit is done or not done.
  RETURN_IF_ERROR(call.CheckAlive());
  ASSIGN_OR_RETURN(store::CommitResult result, parts.store->Commit(batch));
  v1::WriteObservationsResponse response;
  response.set_series_changed(result.changed_series.size());
  response.set_observations_changed(result.changed_observations);
  return response;
}

}  // namespace headway::service
