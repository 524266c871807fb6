#include "daemon/ingest/pull/read.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/documents/collector.h"
#include "daemon/ingest/plugin/verbs.h"
#include "daemon/ingest/pull/members.h"
#include "daemon/ingest/pull/suspicion.h"
#include "daemon/ingest/pull/takeover.h"
#include "daemon/ingest/source/terms.h"
#include "daemon/ingest/source/version.h"

namespace headway::ingest {
namespace {

using plugin::v1::PluginMessage;

// Which version of a plugin wrote the checkpoints of a source.
std::string WriterKey(absl::string_view source) {
  return absl::StrCat("ingest/checkpoint-writer/", source);
}

// Commits as it comes, after the documents that it comes from.
class StoreSink final : public BatchSink {
 public:
  // `documents` may be null. Every commit has the preconditions of `observer`,
  // which must outlive the sink, as must `source`.
  StoreSink(const Source& source, Clock* clock, store::Store* store,
            DocumentCollector* documents, const PullObserver* observer)
      : source_(source),
        clock_(clock),
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

  absl::StatusOr<StoredHistory> StoredVintages(
      const series::SeriesKey& key) override {
    const std::unique_ptr<store::Reader> reader = store_->NewReader();
    StoredHistory history;
    const absl::StatusOr<store::SeriesEntry> own =
        reader->FindSeriesOf(key, source_.name);
    if (own.ok()) {
      ASSIGN_OR_RETURN(history.state, reader->ReadState(own->id));
      history.absent_until = observer_->last_pull;
      return history;
    }
    if (!absl::IsNotFound(own.status())) return own.status();
    const absl::Status others = reader->FindSeries(key).status();
    if (!absl::IsNotFound(others)) RETURN_IF_ERROR(others);
    ASSIGN_OR_RETURN(const bool takes_over,
                     HasDelivered(source_.replaces, *reader));
    if (others.ok() || takes_over) {
      history.absent_until = absl::InfiniteFuture();
    }
    return history;
  }

  absl::StatusOr<store::CommitResult> Commit(
      store::Batch batch, const Delivery& delivery) override {
    RETURN_IF_ERROR(HoldIfSuspicious(batch, delivery));
    batch.preconditions.insert(batch.preconditions.end(),
                               observer_->preconditions.begin(),
                               observer_->preconditions.end());
    batch.precedences[source_.name] = source_.precedence;
    if (!batch.checkpoints.empty() && !wrote_writer_) {
      batch.records.push_back({store::RecordKind::kState,
                               WriterKey(source_.name),
                               batch.provenance.plugin_version});
    }
    wrote_writer_ = true;
    return store_->Commit(batch);
  }

 private:
  // An error if it is to be held back; notes in `batch` that it is not.
  absl::Status HoldIfSuspicious(store::Batch& batch, const Delivery& delivery) {
    const std::unique_ptr<store::Reader> reader = store_->NewReader();
    store::Record acceptance = AcceptanceRecord(source_.name, false);
    ASSIGN_OR_RETURN(const std::optional<std::string> accepted,
                     reader->FindRecord(acceptance.kind, acceptance.key));
    accepted_ |= source_.accept_suspicious || accepted;
    if (accepted_) {
      // For this pull alone.
      if (accepted) batch.records.push_back(std::move(acceptance));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> suspicions,
                     FindSuspicions(batch, delivery, *reader));
    store::Record held = HeldRecord(source_.name, std::nullopt);
    if (!suspicions.empty()) {
      held.value = absl::StrJoin(suspicions, "; ");
      store::Batch note;
      note.records.push_back(std::move(held));
      note.preconditions = observer_->preconditions;
      RETURN_IF_ERROR(store_->Commit(note).status());
      return HeldBack(source_.name, suspicions);
    }
    ASSIGN_OR_RETURN(const std::optional<std::string> was_held,
                     reader->FindRecord(held.kind, held.key));
    if (was_held) batch.records.push_back(std::move(held));
    return absl::OkStatus();
  }

  const Source& source_;
  Clock* const clock_;
  store::Store* const store_;
  DocumentCollector* const documents_;
  const PullObserver* const observer_;
  // Whatever this pull looks like, somebody has said that it is right.
  bool accepted_ = false;
  // Once a pull is enough.
  bool wrote_writer_ = false;
};

// What a plugin may write down: recordings are larger than what they hold, and
// documents beyond what is kept are no error.
int64_t RoomFor(const DocumentPolicy& policy) {
  return 4 * (policy.max_pull_bytes + policy.max_document_bytes) +
         (int64_t{64} << 20);
}

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
    if (observer.on_message) RETURN_IF_ERROR(observer.on_message(message));
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

namespace {

absl::Status TakePlace(const Source& source,
                       const store::Provenance& provenance, absl::Time now,
                       const PullObserver& observer, store::Store* store,
                       PullReport* report) {
  ASSIGN_OR_RETURN(const store::CommitResult withdrawn,
                   WithdrawAll(source.replaces, provenance, now,
                               observer.preconditions, store));
  report->observations_changed += withdrawn.changed_observations;
  std::vector<store::SeriesId>& changed = report->changed_series;
  changed.insert(changed.end(), withdrawn.changed_series.begin(),
                 withdrawn.changed_series.end());
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  if (withdrawn.changed_series.empty()) return absl::OkStatus();
  const std::string text =
      absl::StrCat("it takes the place of ", source.replaces,
                   ": what that had delivered of ",
                   withdrawn.changed_series.size(), " series is withdrawn");
  Log(LogLevel::kInfo, text, {{"source", source.name}});
  report->log.push_back(text);
  return absl::OkStatus();
}

// Says, where a newer version of the plugin wrote the checkpoints from which it
// is to go on, that this one may not understand them. "" if none did.
absl::StatusOr<std::string> DoubtOfCheckpoints(const ReadySource& ready,
                                               const store::Reader& reader) {
  ASSIGN_OR_RETURN(const std::optional<std::string> writer,
                   reader.FindRecord(store::RecordKind::kState,
                                     WriterKey(ready.source.name)));
  const std::string& version = ready.plugin.description.version();
  if (!writer || !IsOlderVersion(version, *writer)) return "";
  return absl::StrCat("warning: the checkpoints were written by version ",
                      *writer, " of the plugin, which is newer than this, ",
                      version,
                      "; if it goes on wrongly, install the newer one again");
}

}  // namespace

absl::StatusOr<PullReport> RunRead(const ReadySource& ready,
                                   absl::string_view run, Clock* clock,
                                   store::Store* store,
                                   const PullObserver& observer) {
  Invocation invocation = Invoke(ready, "read", clock->Now());
  // Before any number is stored that they speak of.
  RETURN_IF_ERROR(
      KeepTerms(ready.source.name, ready.plugin.description.terms(), store));
  ASSIGN_OR_RETURN(std::vector<store::Checkpoint> checkpoints,
                   store->NewReader()->GetCheckpoints(ready.source.name));
  for (const store::Checkpoint& checkpoint : checkpoints) {
    (*invocation.request.mutable_checkpoints())[checkpoint.stream] =
        checkpoint.state;
  }
  ASSIGN_OR_RETURN(const std::string doubt,
                   checkpoints.empty()
                       ? absl::StatusOr<std::string>("")
                       : DoubtOfCheckpoints(ready, *store->NewReader()));
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
    invocation.writable = documents->directory();
    invocation.writable_bytes = RoomFor(ready.source.documents);
  }
  StoreSink sink(ready.source, clock, store, documents.get(), &observer);
  Assembler assembler(provenance, ready.source.limits.max_series, clock, store,
                      &sink);
  absl::StatusOr<PullReport> report =
      Deliver(ready, invocation, assembler, observer);
  if (report.ok() && !doubt.empty()) {
    Log(LogLevel::kWarning, doubt, {{"source", ready.source.name}});
    report->log.push_back(doubt);
  }
  if (report.ok() && report->series > 0 && !ready.source.replaces.empty()) {
    const absl::Status withdrawn = TakePlace(
        ready.source, provenance, clock->Now(), observer, store, &*report);
    if (!withdrawn.ok()) report = ForSource(withdrawn, ready);
  }
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
