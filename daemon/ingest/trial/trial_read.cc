#include "daemon/ingest/trial/trial_read.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin/catalogue.h"
#include "daemon/ingest/plugin/ready_source.h"
#include "daemon/ingest/plugin/verbs.h"
#include "daemon/ingest/pull/read.h"
#include "daemon/ingest/sandbox/private_directory.h"
#include "daemon/ingest/source/errors.h"
#include "daemon/store/store.h"

namespace headway::ingest {
namespace {

constexpr char kTrial[] = "trial";

absl::Status BeginAt(const std::map<std::string, std::string>& checkpoints,
                     store::Store* store) {
  if (checkpoints.empty()) return absl::OkStatus();
  store::Batch batch;
  batch.provenance.source = kTrial;
  for (const auto& [stream, state] : checkpoints) {
    batch.checkpoints.push_back({kTrial, stream, state});
  }
  return store->Commit(batch).status();
}

absl::Status Collect(const store::Store& store, TrialResult* result) {
  const std::unique_ptr<store::Reader> reader = store.NewReader();
  ASSIGN_OR_RETURN(const auto entries, reader->SelectSeries({}));
  for (const store::SeriesEntry& entry : entries) {
    TrialSeries series;
    series.info = entry.info;
    ASSIGN_OR_RETURN(series.state, reader->ReadState(entry.id));
    ASSIGN_OR_RETURN(series.vintages, reader->ListVintages(entry.id));
    result->series.push_back(std::move(series));
  }
  ASSIGN_OR_RETURN(const auto checkpoints, reader->GetCheckpoints(kTrial));
  for (const store::Checkpoint& checkpoint : checkpoints) {
    result->checkpoints[checkpoint.stream] = checkpoint.state;
  }
  return absl::OkStatus();
}

absl::StatusOr<ReadySource> Prepare(const TrialRequest& request,
                                    const Isolation* isolation, Clock* clock) {
  PluginInfo plugin;
  std::error_code ignored;
  plugin.path = std::filesystem::absolute(request.path, ignored).string();
  plugin.name = PluginNameOf(plugin.path);
  ASSIGN_OR_RETURN(plugin.hash, HashFile(plugin.path));
  ASSIGN_OR_RETURN(plugin.description,
                   Describe(plugin.name, plugin.path, isolation, clock));
  Source source;
  source.name = kTrial;
  source.plugin = plugin.name;
  source.config = request.config;
  source.allow_hosts = request.allow_hosts;
  // Nobody asks for them when the store is gone.
  source.documents.disabled = true;
  return MakeReady(plugin, source, {.isolation = isolation});
}

absl::Status Read(const TrialRequest& request, const Isolation* isolation,
                  Clock* clock, const PullObserver& observer,
                  TrialResult* result) {
  ASSIGN_OR_RETURN(const ReadySource ready, Prepare(request, isolation, clock));
  result->description = ready.plugin.description;
  ASSIGN_OR_RETURN(const PrivateDirectory directory,
                   PrivateDirectory::Create());
  ASSIGN_OR_RETURN(const auto store,
                   store::Store::Open(directory.path() + "/store", clock, {}));
  RETURN_IF_ERROR(BeginAt(request.checkpoints, store.get()));
  const absl::StatusOr<PullReport> report =
      RunRead(ready, kTrial, clock, store.get(), observer);
  RETURN_IF_ERROR(Collect(*store, result));
  RETURN_IF_ERROR(report.status());
  result->log = report->log;
  result->observations_read = report->observations_read;
  return absl::OkStatus();
}

}  // namespace

TrialResult ReadOnTrial(const TrialRequest& request, const Isolation* isolation,
                        Clock* clock, const PullObserver& observer) {
  TrialResult result;
  result.status = Read(request, isolation, clock, observer, &result);
  if (!result.status.ok()) result.log = LogOf(result.status);
  return result;
}

}  // namespace headway::ingest
