#include "daemon/ingest/pull/replay.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin/verbs.h"
#include "daemon/ingest/protocol/recording.h"
#include "daemon/ingest/pull/assembler.h"
#include "daemon/ingest/pull/history.h"
#include "daemon/ingest/pull/read.h"
#include "daemon/ingest/sandbox/private_directory.h"

namespace headway::ingest {
namespace {

// Gives a document back as the plugin had handed it over.
absl::Status WriteDocument(const store::Document& document, std::string body,
                           const std::string& directory) {
  if (document.status != 0) {
    body = FormatRecording(
        {document.address, document.status, document.headers, std::move(body)});
  }
  // A name of letters, digits and punctuation: the collector saw to that.
  const std::string path = absl::StrCat(directory, "/", document.file);
  std::ofstream file(path, std::ios::binary);
  file.write(body.data(), static_cast<std::streamsize>(body.size()));
  file.close();
  if (file.good()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(
      "cannot write ", path, "; see that there is room in TMPDIR"));
}

absl::Status WriteDocuments(const store::Pull& pull,
                            const store::DocumentArchive& archive,
                            const std::string& directory) {
  ASSIGN_OR_RETURN(const std::vector<store::Document> documents,
                   archive.ListDocuments(pull.source, pull.start_time));
  for (const store::Document& document : documents) {
    if (!document.not_kept.empty()) {
      return absl::FailedPreconditionError(absl::StrCat(
          "document ", document.address, " was not kept: ", document.not_kept,
          "; pull the source again, or replay another pull"));
    }
    ASSIGN_OR_RETURN(std::string body, archive.GetBody(document.hash));
    RETURN_IF_ERROR(WriteDocument(document, std::move(body), directory));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<store::Pull>> FindPulls(const std::string& source,
                                                   const PullChoice& which,
                                                   const store::Store& store) {
  ASSIGN_OR_RETURN(std::vector<store::Pull> pulls,
                   store.documents().ListPulls(source));
  if (pulls.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no documents of source ", source,
                     " are kept; see the documents of its definition"));
  }
  std::vector<store::Pull> found;
  std::string wanted = "that delivered anything or failed";
  if (!which.run.empty()) {
    wanted = absl::StrCat("of ", which.run);
    // An attempt that failed and the one after it are pulls of one run.
    for (const store::Pull& pull : pulls) {
      if (pull.run == which.run) found.push_back(pull);
    }
    std::reverse(found.begin(), found.end());
  } else {
    if (which.at.has_value()) {
      wanted = absl::StrCat("that had begun by ", FormatInstant(*which.at));
    }
    const auto newest =
        std::find_if(pulls.begin(), pulls.end(), [&](const store::Pull& pull) {
          if (which.at.has_value()) return pull.start_time <= *which.at;
          return pull.observations > 0 || !pull.error.empty() || !pull.ended;
        });
    if (newest != pulls.end()) found.push_back(*newest);
  }
  if (!found.empty()) return found;
  return absl::NotFoundError(absl::StrCat(
      "no documents of a pull of source ", source, " ", wanted,
      " are kept; the oldest are of ", FormatInstant(pulls.back().start_time),
      ", the newest of ", FormatInstant(pulls.front().start_time)));
}

absl::StatusOr<ReplayReport> RunReplay(const ReadySource& ready,
                                       const store::Pull& pull, bool dry_run,
                                       Clock* clock, store::Store* store,
                                       const PullObserver& observer) {
  ASSIGN_OR_RETURN(PrivateDirectory directory, PrivateDirectory::Create());
  RETURN_IF_ERROR(ForSource(
      WriteDocuments(pull, store->documents(), directory.path()), ready));
  Invocation invocation = Invoke(ready, "read", pull.start_time);
  for (const auto& [stream, state] : pull.checkpoints) {
    (*invocation.request.mutable_checkpoints())[stream] = state;
  }
  invocation.environment.push_back(
      absl::StrCat("HEADWAY_HTTP_REPLAY=", directory.path()));
  invocation.writable = directory.path();
  // The publisher is not to be asked.
  invocation.hosts.clear();

  ASSIGN_OR_RETURN(const std::vector<store::Pull> pulls,
                   store->documents().ListPulls(pull.source));
  ASSIGN_OR_RETURN(const std::unique_ptr<PulledHistory> history,
                   PulledHistory::Load(pull, pulls, *store));
  store::Batch batch;
  batch.provenance = ProvenanceOf(ready, ReplayRun(pull.run));
  Assembler assembler(batch.provenance, ready.source.limits.max_series, clock,
                      store, history.get());
  ASSIGN_OR_RETURN(PullReport pulled,
                   Deliver(ready, invocation, assembler, observer));
  ASSIGN_OR_RETURN(PulledHistory::Correction correction, history->Correct());

  ReplayReport report;
  report.pull = pull;
  report.plugin_version = pulled.plugin_version;
  report.series = pulled.series;
  report.observations_read = pulled.observations_read;
  report.values = std::move(correction.values);
  report.superseded = correction.superseded;
  report.log = std::move(pulled.log);
  if (dry_run || correction.updates.empty()) return report;
  batch.updates = std::move(correction.updates);
  const absl::Status committed = store->Commit(batch).status();
  if (!committed.ok()) {
    return ForSource(Annotate(committed, "the replay cannot be stored"), ready);
  }
  Log(LogLevel::kInfo, "replayed",
      {{"source", pull.source},
       {"run", pull.run},
       {"plugin_version", report.plugin_version},
       {"values_changed", absl::StrCat(report.values.size())}});
  return report;
}

}  // namespace headway::ingest
