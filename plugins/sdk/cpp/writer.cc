#include "plugins/sdk/cpp/writer.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "daemon/base/status_macros.h"
#include "headway/plugin/v1/plugin.pb.h"
#include "plugins/sdk/cpp/errors.h"
#include "plugins/sdk/cpp/text.h"

namespace headway::sdk {
namespace {

using plugin::v1::Error;
using plugin::v1::LogLine;
using plugin::v1::ObservationBatch;
using plugin::v1::PluginMessage;

// The protocol's bound on a checkpoint, and the daemon's on an id.
constexpr size_t kMaxStateBytes = 64 << 10;
constexpr size_t kMaxIdBytes = 1024;
// Too short a text may occur by chance: it is no secret.
constexpr size_t kShortestSecret = 4;

// Timestamp and Duration alike have these fields.
template <typename T>
void SetSecondsAndNanos(int64_t seconds, int64_t nanos, T* out) {
  out->set_seconds(seconds);
  out->set_nanos(static_cast<int32_t>(nanos));
}

void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  int64_t seconds = absl::ToUnixSeconds(time);
  SetSecondsAndNanos(
      seconds, absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds)),
      out);
}

void SetDuration(absl::Duration duration, google::protobuf::Duration* out) {
  absl::Duration rest;
  int64_t seconds = absl::IDivDuration(duration, absl::Seconds(1), &rest);
  SetSecondsAndNanos(seconds, absl::ToInt64Nanoseconds(rest), out);
}

Error::Class ErrorClass(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kFailedPrecondition:
      return Error::CONFIG;
    case absl::StatusCode::kUnavailable:
      return Error::TRANSIENT;
    default:
      return Error::SYSTEM;
  }
}

// Whether each period comes after the one before it, so that none can come
// twice.
bool Rises(const std::vector<Observation>& observations) {
  return std::adjacent_find(observations.begin(), observations.end(),
                            [](const Observation& a, const Observation& b) {
                              return a.period.ordinal >= b.period.ordinal;
                            }) == observations.end();
}

absl::Status CheckObservations(const Batch& batch, Frequency frequency) {
  absl::flat_hash_set<int32_t> seen;
  const bool may_repeat =
      !batch.withdrawn.empty() || !Rises(batch.observations);
  auto check_period = [&](Period period) -> absl::Status {
    if (period.frequency != frequency) {
      return SystemError(absl::StrCat("period ", FormatPeriod(period),
                                      " does not fit the series, which is ",
                                      FrequencyName(frequency)));
    }
    if (may_repeat && !seen.insert(period.ordinal).second) {
      return SystemError(
          absl::StrCat("period ", FormatPeriod(period), " occurs twice"));
    }
    return absl::OkStatus();
  };
  for (const Observation& observation : batch.observations) {
    RETURN_IF_ERROR(check_period(observation.period));
    if (!std::isfinite(observation.value)) {
      return SystemError(absl::StrCat("the value at ",
                                      FormatPeriod(observation.period), " is ",
                                      observation.value, ", not a number"));
    }
  }
  for (Period period : batch.withdrawn) RETURN_IF_ERROR(check_period(period));
  return absl::OkStatus();
}

// Of the observations; none where all are final.
void AddStatuses(const std::vector<Observation>& observations,
                 ObservationBatch* out) {
  const bool all_final = std::all_of(
      observations.begin(), observations.end(), [](const Observation& one) {
        return one.status == ObservationStatus::kFinal;
      });
  if (all_final) return;
  for (const Observation& one : observations) {
    // The enums of series/ and of the protocol share their numbers.
    out->add_statuses(static_cast<plugin::v1::ObservationStatus>(one.status));
  }
}

}  // namespace

Writer::Writer(Emit emit, std::vector<std::string> secrets,
               bool definitions_only)
    : emit_(std::move(emit)),
      secrets_(std::move(secrets)),
      definitions_only_(definitions_only) {}

std::string Writer::Define(const Series& series) {
  std::string id = series.id;
  if (id.empty()) {
    id = absl::StrCat(
        series.metric, "{",
        absl::StrJoin(series.labels, ",", absl::PairFormatter("=")), "} ",
        FrequencyName(series.frequency));
    if (id.size() > kMaxIdBytes) id = absl::StrCat("#", known_.size());
  }
  if (first_error_.ok()) Keep(Annotate(TryDefine(series, id), id));
  return id;
}

absl::Status Writer::TryDefine(const Series& series, const std::string& id) {
  RETURN_IF_ERROR(series::CheckMetric(series.metric));
  RETURN_IF_ERROR(
      series::Labels::Create({series.labels.begin(), series.labels.end()})
          .status());
  RETURN_IF_ERROR(series::Unit::Parse(series.unit).status());
  if (!known_.emplace(id, Known{series.frequency, series.vintage_kind})
           .second) {
    return SystemError("the series is defined twice");
  }
  PluginMessage message;
  auto* definition = message.mutable_series();
  definition->set_id(id);
  definition->set_metric(series.metric);
  definition->mutable_labels()->insert(series.labels.begin(),
                                       series.labels.end());
  // The enums of series/ and of the protocol share their numbers.
  definition->set_frequency(
      static_cast<plugin::v1::Frequency>(series.frequency));
  definition->set_vintage_kind(
      static_cast<plugin::v1::VintageKind>(series.vintage_kind));
  definition->set_unit(series.unit);
  definition->set_title(CleanUtf8(series.title));
  definition->set_description(CleanUtf8(series.description));
  definition->set_source_name(CleanUtf8(series.source_name));
  if (series.vintage_kind == VintageKind::kAssumed) {
    SetDuration(series.release_lag, definition->mutable_release_lag());
  }
  emit_(message);
  return absl::OkStatus();
}

void Writer::Write(const Batch& batch) {
  if (first_error_.ok()) Keep(Annotate(TryWrite(batch), batch.series));
}

absl::Status Writer::TryWrite(const Batch& batch) {
  auto known = known_.find(batch.series);
  if (known == known_.end()) return SystemError("no such series was defined");
  bool native = known->second.vintage_kind == VintageKind::kNative;
  if (native != batch.known_at.has_value()) {
    return SystemError(native ? "a batch of a native series needs a known_at"
                              : "known_at is for native series only");
  }
  RETURN_IF_ERROR(CheckObservations(batch, known->second.frequency));
  PluginMessage message;
  ObservationBatch* out = message.mutable_observations();
  out->set_series(batch.series);
  out->mutable_periods()->Reserve(static_cast<int>(batch.observations.size()));
  out->mutable_values()->Reserve(static_cast<int>(batch.observations.size()));
  for (const Observation& observation : batch.observations) {
    out->add_periods(FormatPeriod(observation.period));
    out->add_values(observation.value);
  }
  AddStatuses(batch.observations, out);
  for (Period period : batch.withdrawn) {
    out->add_withdrawn_periods(FormatPeriod(period));
  }
  if (batch.known_at.has_value()) {
    SetTime(*batch.known_at, out->mutable_known_at());
  }
  out->set_snapshot(batch.snapshot);
  EmitData(message);
  ++unsaved_values_;
  return absl::OkStatus();
}

void Writer::Observe(absl::string_view series, absl::string_view period,
                     double value, ObservationStatus status) {
  if (!first_error_.ok()) return;
  auto parsed = ParsePeriod(period);
  if (!parsed.ok()) return Keep(Annotate(parsed.status(), series));
  auto it = observed_.find(series);
  if (it == observed_.end()) {
    it = observed_.emplace(series, Batch{.series = std::string(series)}).first;
  }
  it->second.observations.push_back({*parsed, value, status});
}

void Writer::FlushObserved() {
  for (const auto& [id, batch] : observed_) Write(batch);
  observed_.clear();
}

void Writer::Checkpoint(const struct Checkpoint& checkpoint) {
  FlushObserved();
  if (!first_error_.ok()) return;
  if (checkpoint.state.size() > kMaxStateBytes) {
    return Keep(SystemError(
        absl::StrCat("the state of checkpoint \"", checkpoint.stream, "\" is ",
                     checkpoint.state.size(), " bytes, more than ",
                     kMaxStateBytes, "; keep a hash of it instead")));
  }
  PluginMessage message;
  message.mutable_checkpoint()->set_stream(checkpoint.stream);
  message.mutable_checkpoint()->set_state(checkpoint.state);
  message.mutable_checkpoint()->set_complete(checkpoint.complete);
  if (checkpoint.known_at.has_value()) {
    SetTime(*checkpoint.known_at,
            message.mutable_checkpoint()->mutable_known_at());
  }
  EmitData(message);
  unsaved_values_ = 0;
}

void Writer::Progress(int64_t done, int64_t total, absl::string_view message) {
  PluginMessage out;
  out.mutable_progress()->set_done(done);
  out.mutable_progress()->set_total(total);
  out.mutable_progress()->set_message(Redacted(message));
  emit_(out);
}

void Writer::Info(absl::string_view message) { Log(LogLine::INFO, message); }
void Writer::Warn(absl::string_view message) { Log(LogLine::WARNING, message); }

void Writer::Log(int level, absl::string_view message) {
  PluginMessage out;
  out.mutable_log()->set_level(static_cast<LogLine::Level>(level));
  out.mutable_log()->set_message(Redacted(message));
  emit_(out);
}

void Writer::Fail(const absl::Status& status) {
  PluginMessage out;
  out.mutable_error()->set_class_(ErrorClass(status));
  out.mutable_error()->set_message(Redacted(status.message()));
  if (auto retry_after = RetryAfter(status)) {
    SetDuration(*retry_after, out.mutable_error()->mutable_retry_after());
  }
  emit_(out);
}

absl::Status Writer::status() const {
  RETURN_IF_ERROR(first_error_);
  if (unsaved_values_ > 0 || !observed_.empty()) {
    return SystemError(
        "values follow the last checkpoint and would be lost; end with a call "
        "of Checkpoint");
  }
  return absl::OkStatus();
}

void Writer::EmitData(const PluginMessage& message) {
  if (!definitions_only_) emit_(message);
}

std::string Writer::Redacted(absl::string_view text) const {
  std::string redacted = CleanUtf8(text);
  for (const std::string& secret : secrets_) {
    if (secret.size() < kShortestSecret) continue;
    absl::StrReplaceAll({{secret, "[secret]"}}, &redacted);
  }
  return redacted;
}

void Writer::Keep(const absl::Status& status) { first_error_.Update(status); }

}  // namespace headway::sdk
