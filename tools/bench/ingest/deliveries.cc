#include "tools/bench/ingest/deliveries.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/ingest/lines.h"
#include "tools/bench/measure.h"

namespace headway::bench {
namespace {

namespace fs = std::filesystem;

// Made before the time is taken, this many commits at once.
constexpr int kCommitsAhead = 16;

store::VintageUpdate UpdateOf(const Workload& workload, int series) {
  store::VintageUpdate update;
  update.info = workload.InfoOf(series);
  update.ordinals.reserve(static_cast<size_t>(workload.values));
  update.values.reserve(static_cast<size_t>(workload.values));
  for (int place = 0; place < workload.values; ++place) {
    update.ordinals.push_back(workload.PeriodOf(place).ordinal);
    update.values.push_back(workload.ValueOf(series, place));
  }
  return update;
}

store::Batch BatchOf(const Workload& workload, int commit) {
  store::Batch batch;
  batch.provenance = {"bench", "none", "1", "", "runs/1"};
  batch.checkpoints.push_back({"bench", workload.StreamOf(commit), ""});
  const int end = workload.FirstSeries(commit + 1);
  for (int i = workload.FirstSeries(commit); i < end; ++i) {
    batch.updates.push_back(UpdateOf(workload, i));
  }
  return batch;
}

absl::Status CopyFile(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (!error) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("cannot copy ", from.string(), " to ",
                                          to.string(), ": ", error.message()));
}

// The source whose plugin delivers the workload.
ingest::Source SourceOf(Way way, const Workload& workload) {
  ingest::Source source;
  source.name = "bench";
  source.plugin = absl::StrCat("bench-", NameOf(way));
  if (way == Way::kLines) return source;
  source.config = {
      {"frequency", std::string(series::FrequencyName(workload.frequency))},
      {"series", absl::StrCat(workload.series)},
      {"values", absl::StrCat(workload.values)},
      {"series_per_commit", absl::StrCat(workload.series_per_commit)},
      {"revised_per_mille", absl::StrCat(workload.revised_per_mille)}};
  return source;
}

}  // namespace

std::string NameOf(Way way) {
  switch (way) {
    case Way::kStore:
      return "store";
    case Way::kSdk:
      return "sdk";
    case Way::kLines:
      return "lines";
    case Way::kPython:
      return "python";
  }
  return "";
}

Plugins::Plugins(std::string directory, std::string sdk_directory)
    : directory_(std::move(directory)),
      sdk_directory_(std::move(sdk_directory)),
      isolation_(ingest::Isolation::Probe({})) {}

absl::StatusOr<std::unique_ptr<Plugins>> Plugins::Install(
    const std::string& directory, const std::string& sdk_directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  const fs::path target = directory;
  const fs::path source = HEADWAY_SOURCE_DIR;
  RETURN_IF_ERROR(WriteLinesPlugin(target / "bench-lines"));
  RETURN_IF_ERROR(CopyFile(source / "tools/bench/ingest/bench_python.py",
                           target / "bench-python"));
  fs::permissions(target / "bench-python", fs::perms{0755}, error);
  RETURN_IF_ERROR(CopyFile(source / "plugins/sdk/python/headway_plugin.py",
                           target / "headway_plugin.py"));
  auto plugins =
      std::unique_ptr<Plugins>(new Plugins(directory, sdk_directory));
  RETURN_IF_ERROR(ingest::HardenProcess(plugins->isolation()));
  return plugins;
}

absl::Status Plugins::Prepare(const Workload& workload) {
  return WriteLines(workload, fs::path(directory_) / "lines");
}

absl::StatusOr<std::unique_ptr<Subject>> Subject::Open(Way way,
                                                       const std::string& path,
                                                       Plugins* plugins,
                                                       ThreadPool* pool) {
  auto subject = std::unique_ptr<Subject>(new Subject(way, plugins));
  // As the daemon opens it.
  ASSIGN_OR_RETURN(subject->store_,
                   store::Store::Open(path, &subject->clock_,
                                      {.commit_threads = 2, .pool = pool}));
  if (way == Way::kStore) return subject;
  subject->host_ = std::make_unique<ingest::PluginHost>(
      ingest::PluginHost::Options{.directories = plugins->directories(),
                                  .isolation = &plugins->isolation()},
      &subject->clock_, subject->store_.get());
  // Asked for once in the life of a daemon.
  const std::string plugin = absl::StrCat("bench-", NameOf(way));
  ASSIGN_OR_RETURN(const ingest::PluginInfo info,
                   subject->host_->GetPlugin(plugin));
  RETURN_IF_ERROR(info.status);
  return subject;
}

absl::StatusOr<Delivered> Subject::Deliver(const Workload& workload) {
  ResetPeakMemory();
  const double before = MemoryMb();
  ASSIGN_OR_RETURN(Delivered delivered,
                   way_ == Way::kStore ? Commit(workload) : Pull(workload));
  delivered.peak_mb = PeakMemoryMb() - before;
  return delivered;
}

absl::StatusOr<Delivered> Subject::Commit(const Workload& workload) {
  Delivered delivered;
  for (int first = 0; first < workload.commits(); first += kCommitsAhead) {
    std::vector<store::Batch> batches;
    const int end = std::min(workload.commits(), first + kCommitsAhead);
    for (int i = first; i < end; ++i) batches.push_back(BatchOf(workload, i));
    const double cpu_before = CpuSeconds();
    const Stopwatch stopwatch;
    for (store::Batch& batch : batches) {
      const absl::Time now = clock_.Now();
      for (store::VintageUpdate& update : batch.updates) update.known_at = now;
      ASSIGN_OR_RETURN(const store::CommitResult result, store_->Commit(batch));
      delivered.changed += result.changed_observations;
    }
    delivered.seconds += stopwatch.Seconds();
    delivered.cpu_seconds += CpuSeconds() - cpu_before;
  }
  return delivered;
}

absl::StatusOr<Delivered> Subject::Pull(const Workload& workload) {
  if (way_ == Way::kLines) RETURN_IF_ERROR(plugins_->Prepare(workload));
  const double cpu_before = CpuSeconds();
  const Stopwatch stopwatch;
  ASSIGN_OR_RETURN(const ingest::PullReport report,
                   host_->Pull(SourceOf(way_, workload),
                               absl::StrCat("runs/", ++pulls_), {}));
  Delivered delivered{.seconds = stopwatch.Seconds(),
                      .cpu_seconds = CpuSeconds() - cpu_before,
                      .changed = report.observations_changed};
  if (report.observations_read == workload.observations()) return delivered;
  return absl::InternalError(absl::StrCat(
      "plugin bench-", NameOf(way_), " delivered ", report.observations_read,
      " observations of ", workload.observations()));
}

}  // namespace headway::bench
