#include "daemon/ingest/operations.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/ingest/document_collector.h"
#include "daemon/ingest/protocol/redaction.h"
#include "daemon/ingest/protocol/validation.h"

namespace headway::ingest {
namespace {

using plugin::v1::PluginMessage;

Limits DescribeLimits() {
  Limits limits;
  limits.wall_time = absl::Seconds(30);
  limits.cpu_time = absl::Seconds(20);
  limits.output_bytes = int64_t{1} << 20;
  return limits;
}

absl::Status WrongAnswer(absl::string_view verb, absl::string_view wanted) {
  return absl::InternalError(
      absl::StrCat(verb, " answers with ", wanted, " and nothing else"));
}

// Runs a verb whose answer is exactly one message.
absl::StatusOr<PluginMessage> Ask(const Invocation& invocation,
                                  PluginMessage::MessageCase wanted,
                                  absl::string_view wanted_name,
                                  const std::function<bool()>& cancelled) {
  std::optional<PluginMessage> answer;
  Listener listener;
  listener.cancelled = cancelled;
  listener.on_message = [&](const PluginMessage& message) {
    if (message.message_case() != wanted || answer.has_value()) {
      return WrongAnswer(invocation.verb, wanted_name);
    }
    answer = message;
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(Converse(invocation, listener).status());
  if (answer.has_value()) return *std::move(answer);
  return absl::InternalError(
      absl::StrCat("plugin ", invocation.plugin, ", ", invocation.verb,
                   ": it ended without an answer; ", invocation.verb,
                   " answers with ", wanted_name));
}

// Commits as it comes, after the documents that it comes from.
class StoreSink final : public BatchSink {
 public:
  // `documents` may be null.
  StoreSink(Clock* clock, store::Store* store, DocumentCollector* documents)
      : clock_(clock), store_(store), documents_(documents) {}

  absl::StatusOr<absl::Time> TimeOfRead(absl::string_view stream) override {
    const absl::Time now = clock_->Now();
    if (documents_ != nullptr) {
      RETURN_IF_ERROR(documents_->BeforeCommit(stream, now));
    }
    return now;
  }

  absl::StatusOr<std::vector<store::Vintage>> StoredVintages(
      const series::SeriesKey& key) override {
    const std::unique_ptr<store::Reader> reader = store_->NewReader();
    const absl::StatusOr<store::SeriesEntry> entry = reader->FindSeries(key);
    if (absl::IsNotFound(entry.status())) return std::vector<store::Vintage>();
    RETURN_IF_ERROR(entry.status());
    return reader->ListVintages(entry->id);
  }

  absl::StatusOr<store::CommitResult> Commit(store::Batch batch, bool,
                                             absl::Time) override {
    return store_->Commit(batch);
  }

 private:
  Clock* const clock_;
  store::Store* const store_;
  DocumentCollector* const documents_;
};

// What is known of a pull before it starts.
store::Pull NewPull(const store::Provenance& provenance,
                    const std::vector<store::Checkpoint>& checkpoints) {
  store::Pull pull;
  pull.source = provenance.source;
  pull.run = provenance.run;
  pull.plugin = provenance.plugin;
  pull.plugin_version = provenance.plugin_version;
  pull.plugin_hash = provenance.plugin_hash;
  for (const store::Checkpoint& checkpoint : checkpoints) {
    pull.checkpoints.emplace_back(checkpoint.stream, checkpoint.state);
  }
  return pull;
}

}  // namespace

plugin::v1::Request NewRequest(absl::Time now) {
  plugin::v1::Request request;
  request.set_protocol_version(kProtocolVersion);
  const int64_t micros = absl::ToUnixMicros(now);
  request.mutable_now()->set_seconds(micros / 1000000);
  request.mutable_now()->set_nanos(static_cast<int32_t>(micros % 1000000) *
                                   1000);
  return request;
}

Invocation Invoke(const ReadySource& ready, absl::string_view verb,
                  absl::Time now) {
  Invocation invocation;
  invocation.plugin = ready.plugin.name;
  invocation.path = ready.plugin.path;
  invocation.verb = std::string(verb);
  invocation.request = NewRequest(now);
  invocation.request.set_source(ready.source.name);
  for (const auto& [name, value] : ready.source.config) {
    (*invocation.request.mutable_config())[name] = value;
  }
  invocation.secrets = ready.secrets;
  invocation.limits = ready.source.limits;
  return invocation;
}

absl::Status ForSource(const absl::Status& status, const ReadySource& ready) {
  return Annotate(status, absl::StrCat("source ", ready.source.name));
}

store::Provenance ProvenanceOf(const ReadySource& ready,
                               absl::string_view run) {
  return {ready.source.name, ready.plugin.name,
          ready.plugin.description.version(), ready.plugin.hash,
          std::string(run)};
}

absl::StatusOr<plugin::v1::Description> Describe(const std::string& name,
                                                 const std::string& path,
                                                 Clock* clock) {
  Invocation invocation;
  invocation.plugin = name;
  invocation.path = path;
  invocation.verb = "describe";
  invocation.request = NewRequest(clock->Now());
  invocation.limits = DescribeLimits();
  ASSIGN_OR_RETURN(
      PluginMessage answer,
      Ask(invocation, PluginMessage::kDescription, "one description", {}));
  absl::Status valid = ValidateDescription(answer.description(), name);
  if (!valid.ok()) {
    return Redactor().Clean(
        Annotate(valid, absl::StrCat("plugin ", name, ", describe")));
  }
  return std::move(*answer.mutable_description());
}

absl::StatusOr<Source> CompleteConfig(
    const plugin::v1::Description& description, const Source& source) {
  Source complete = source;
  std::vector<std::string> names;
  for (const auto& field : description.config()) {
    names.push_back(field.name());
    if (complete.config.contains(field.name())) continue;
    if (field.required()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "source ", source.name, ": plugin ", description.name(),
          " needs the option ", Quote(field.name()),
          field.description().empty() ? "" : " (", field.description(),
          field.description().empty() ? "" : ")"));
    }
    if (!field.default_value().empty()) {
      complete.config[field.name()] = field.default_value();
    }
  }
  for (const auto& [name, value] : source.config) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "source ", source.name, ": plugin ", description.name(),
          " has no option ", Quote(name), DidYouMean(name, names)));
    }
  }
  return complete;
}

absl::StatusOr<ReadySource> MakeReady(const PluginInfo& plugin,
                                      const Source& source) {
  ReadySource ready;
  ready.plugin = plugin;
  ASSIGN_OR_RETURN(ready.source, CompleteConfig(plugin.description, source));
  for (const auto& secret : plugin.description.secrets()) {
    const char* value = std::getenv(secret.name().c_str());
    if (value != nullptr && *value != '\0') {
      ready.secrets.push_back({secret.name(), value});
    } else if (secret.required()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "source ", source.name, ": plugin ", plugin.name,
          " needs the environment variable ", secret.name(),
          secret.description().empty() ? "" : ": ", secret.description(),
          "; set it for the daemon and start it again"));
    }
  }
  return ready;
}

absl::StatusOr<plugin::v1::CheckResult> RunCheck(
    const ReadySource& ready, Clock* clock,
    const std::function<bool()>& cancelled) {
  absl::StatusOr<PluginMessage> answer =
      Ask(Invoke(ready, "check", clock->Now()), PluginMessage::kCheck,
          "one check result", cancelled);
  if (!answer.ok()) return ForSource(answer.status(), ready);
  plugin::v1::CheckResult result = std::move(*answer->mutable_check());
  result.set_message(MakeRedactor(ready.secrets).Clean(result.message()));
  return result;
}

absl::StatusOr<std::vector<series::SeriesInfo>> RunDiscover(
    const ReadySource& ready, Clock* clock) {
  std::vector<series::SeriesInfo> found;
  const int64_t max_series = ready.source.limits.max_series;
  Listener listener;
  listener.on_message = [&](const PluginMessage& message) {
    if (message.message_case() != PluginMessage::kSeries) {
      return WrongAnswer("discover", "series");
    }
    ASSIGN_OR_RETURN(series::SeriesInfo info, ToSeriesInfo(message.series()));
    if (static_cast<int64_t>(found.size()) >= max_series) {
      return absl::InternalError(
          absl::StrCat("there are more than the ", max_series,
                       " series the source is allowed; raise max_series in "
                       "its limits"));
    }
    found.push_back(std::move(info));
    return absl::OkStatus();
  };
  absl::Status status =
      Converse(Invoke(ready, "discover", clock->Now()), listener).status();
  if (!status.ok()) return ForSource(status, ready);
  return found;
}

absl::StatusOr<PullReport> Deliver(const ReadySource& ready,
                                   const Invocation& invocation,
                                   Assembler& assembler,
                                   const PullObserver& observer) {
  Listener listener;
  listener.on_message = [&](const PluginMessage& message) {
    return assembler.Handle(message);
  };
  listener.on_progress = observer.on_progress;
  listener.cancelled = observer.cancelled;
  absl::StatusOr<std::vector<std::string>> log = Converse(invocation, listener);
  if (!log.ok()) return ForSource(log.status(), ready);
  if (absl::Status status = assembler.Finish(); !status.ok()) {
    return ForSource(
        Annotate(status, absl::StrCat("plugin ", ready.plugin.name, ", read")),
        ready);
  }

  PullReport report;
  report.plugin_version = ready.plugin.description.version();
  report.series = assembler.series_count();
  report.observations_read = assembler.observations_read();
  report.observations_changed = assembler.observations_changed();
  report.changed_series = assembler.changed_series();
  report.log = *std::move(log);
  report.observations_dropped = assembler.observations_pending();
  if (report.observations_dropped > 0) {
    const std::string warning = absl::StrCat(
        report.observations_dropped,
        " observations after the last checkpoint were dropped; send a "
        "checkpoint after the last batch");
    Log(LogLevel::kWarning, warning,
        {{"source", ready.source.name}, {"plugin", ready.plugin.name}});
    report.log.push_back(absl::StrCat("warning: ", warning));
  }
  return report;
}

absl::StatusOr<PullReport> RunRead(const ReadySource& ready,
                                   absl::string_view run, Clock* clock,
                                   store::Store* store,
                                   const PullObserver& observer) {
  Invocation invocation = Invoke(ready, "read", clock->Now());
  ASSIGN_OR_RETURN(std::vector<store::Checkpoint> checkpoints,
                   store->NewReader()->GetCheckpoints(ready.source.name));
  for (const store::Checkpoint& checkpoint : checkpoints) {
    (*invocation.request.mutable_checkpoints())[checkpoint.stream] =
        checkpoint.state;
  }
  const store::Provenance provenance = ProvenanceOf(ready, run);
  std::unique_ptr<DocumentCollector> documents;
  if (!ready.source.documents.disabled) {
    ASSIGN_OR_RETURN(documents,
                     DocumentCollector::Create(ready.source.documents,
                                               MakeRedactor(ready.secrets),
                                               NewPull(provenance, checkpoints),
                                               clock, &store->documents()));
    invocation.environment.push_back(
        absl::StrCat("HEADWAY_HTTP_RECORD=", documents->directory()));
  }
  StoreSink sink(clock, store, documents.get());
  Assembler assembler(provenance, ready.source.limits.max_series, clock, store,
                      &sink);
  absl::StatusOr<PullReport> report =
      Deliver(ready, invocation, assembler, observer);
  if (documents == nullptr) return report;
  const absl::Status kept =
      documents->Finish(assembler.observations_read(), report.status());
  if (!report.ok()) {
    if (!kept.ok()) {
      Log(LogLevel::kError, "documents of a failed pull were not kept",
          {{"source", ready.source.name}, {"error", kept.ToString()}});
    }
    return report;
  }
  if (!kept.ok()) return ForSource(kept, ready);
  report->log.insert(report->log.end(), documents->warnings().begin(),
                     documents->warnings().end());
  return report;
}

}  // namespace headway::ingest
