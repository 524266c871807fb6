#include "daemon/ingest/pull/read.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/documents/collector.h"
#include "daemon/ingest/plugin/verbs.h"

namespace headway::ingest {
namespace {

using plugin::v1::PluginMessage;

// Commits as it comes, after the documents that it comes from.
class StoreSink final : public BatchSink {
 public:
  // `documents` may be null. Every commit has the preconditions of `observer`,
  // which must outlive the sink.
  StoreSink(Clock* clock, store::Store* store, DocumentCollector* documents,
            const PullObserver* observer)
      : clock_(clock),
        store_(store),
        documents_(documents),
        observer_(observer) {}

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
    batch.preconditions.insert(batch.preconditions.end(),
                               observer_->preconditions.begin(),
                               observer_->preconditions.end());
    return store_->Commit(batch);
  }

 private:
  Clock* const clock_;
  store::Store* const store_;
  DocumentCollector* const documents_;
  const PullObserver* const observer_;
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

store::Provenance ProvenanceOf(const ReadySource& ready,
                               absl::string_view run) {
  return {ready.source.name, ready.plugin.name,
          ready.plugin.description.version(), ready.plugin.hash,
          std::string(run)};
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
  StoreSink sink(clock, store, documents.get(), &observer);
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
