#include "daemon/ingest/plugin_host.h"

#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/plugin/forecast_verb.h"
#include "daemon/ingest/plugin/manifest.h"
#include "daemon/ingest/plugin/quota_store.h"
#include "daemon/ingest/plugin/ready_source.h"
#include "daemon/ingest/plugin/verbs.h"
#include "daemon/ingest/pull/read.h"
#include "daemon/ingest/pull/replay.h"
#include "daemon/ingest/pull/suspicion.h"

namespace headway::ingest {
namespace {

// Which sources are being pulled.
class SourceLocks {
 public:
  // Waits until `source` is free and takes it; false if cancelled before.
  // A plugin runs on the machine's time, so waiting for one does too.
  bool Acquire(const std::string& source,
               const std::function<bool()>& cancelled) {
    absl::MutexLock lock(&mutex_);
    while (!busy_.insert(source).second) {
      if (cancelled && cancelled()) return false;
      freed_.WaitWithTimeout(&mutex_, absl::Milliseconds(200));
    }
    return true;
  }

  void Release(const std::string& source) {
    absl::MutexLock lock(&mutex_);
    busy_.erase(source);
    freed_.SignalAll();
  }

 private:
  absl::Mutex mutex_;
  absl::CondVar freed_;
  absl::flat_hash_set<std::string> busy_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

class PluginHost::Impl {
 public:
  Impl(Options options, Clock* clock, store::Store* store)
      : clock_(clock),
        store_(store),
        catalogue_({.directories = std::move(options.directories),
                    .isolation = options.isolation,
                    .require_approval = options.require_approval},
                   clock, store),
        parking_(options.parking, clock, store),
        quota_store_(store),
        quotas_(clock, store == nullptr ? nullptr : &quota_store_),
        surroundings_{.isolation = options.isolation,
                      .quotas = &quotas_,
                      .contact = std::move(options.contact)} {}

  PluginCatalogue& catalogue() { return catalogue_; }
  QuotaKeeper& quotas() { return quotas_; }
  Parking& parking() { return parking_; }

  absl::StatusOr<PluginInfo> GetUsable(const Source& source) {
    absl::StatusOr<PluginInfo> plugin = catalogue_.Get(source.plugin);
    absl::Status status = plugin.ok() ? plugin->status : plugin.status();
    if (status.ok()) return plugin;
    return Annotate(status, source.Subject());
  }

  absl::StatusOr<ReadySource> Prepare(const Source& source) {
    ASSIGN_OR_RETURN(PluginInfo plugin, GetUsable(source));
    return MakeReady(plugin, source, surroundings_);
  }

  absl::StatusOr<plugin::v1::CheckResult> Check(
      const Source& source, const std::function<bool()>& cancelled) {
    ASSIGN_OR_RETURN(ReadySource ready, Prepare(source));
    return RunCheck(ready, clock_, cancelled);
  }

  absl::StatusOr<std::vector<series::SeriesInfo>> Discover(
      const Source& source) {
    ASSIGN_OR_RETURN(ReadySource ready, Prepare(source));
    return RunDiscover(ready, clock_);
  }

  absl::StatusOr<std::vector<absl::StatusOr<ModelForecast>>> Forecast(
      const Source& model, const plugin::v1::ForecastTable& table,
      const std::function<bool()>& cancelled) {
    ASSIGN_OR_RETURN(ReadySource ready, Prepare(model));
    return RunForecast(ready, table, clock_, cancelled);
  }

  absl::StatusOr<PullReport> Pull(const Source& source, absl::string_view run,
                                  const PullObserver& observer) {
    ASSIGN_OR_RETURN(ReadySource ready, Prepare(source));
    RETURN_IF_ERROR(parking_.Check(source.name, ready.plugin));
    RETURN_IF_ERROR(Acquire(source, observer));
    absl::StatusOr<PullReport> report =
        RunRead(ready, run, clock_, store_, observer);
    locks_.Release(source.name);
    if (report.ok()) {
      parking_.RecordSuccess(source.name);
    } else if (IsCrash(report.status())) {
      parking_.RecordCrash(source.name, ready.plugin, report.status());
    }
    return report;
  }

  absl::Status CheckNotParked(const Source& source) const {
    const std::optional<PluginInfo> plugin = catalogue_.Last(source.plugin);
    // One that nobody asked yet was not pulled from either.
    if (!plugin.has_value()) return absl::OkStatus();
    return parking_.Check(source.name, *plugin);
  }

  // How a plugin fares in a check, a discovery or a replay says nothing of the
  // next pull, so its source is not parked for it, nor kept from it.
  absl::StatusOr<std::vector<ReplayReport>> Replay(
      const Source& source, const PullChoice& which, bool dry_run,
      const PullObserver& observer) {
    ASSIGN_OR_RETURN(ReadySource ready, Prepare(source));
    ASSIGN_OR_RETURN(const std::vector<store::Pull> pulls,
                     FindPulls(source.name, which, *store_));
    RETURN_IF_ERROR(Acquire(source, observer));
    std::vector<ReplayReport> reports;
    absl::Status status;
    for (const store::Pull& pull : pulls) {
      absl::StatusOr<ReplayReport> report =
          RunReplay(ready, pull, dry_run, clock_, store_, observer);
      status = report.status();
      if (!status.ok()) break;
      reports.push_back(*std::move(report));
    }
    locks_.Release(source.name);
    if (!status.ok()) return status;
    return reports;
  }

  absl::Status Accept(absl::string_view source) {
    return ingest::Accept(source, store_);
  }

 private:
  absl::Status Acquire(const Source& source, const PullObserver& observer) {
    if (locks_.Acquire(source.name, observer.cancelled)) {
      return absl::OkStatus();
    }
    return absl::CancelledError(
        absl::StrCat("source ", source.name,
                     ": cancelled while another pull of it was under way"));
  }

  Clock* const clock_;
  store::Store* const store_;
  PluginCatalogue catalogue_;
  Parking parking_;
  QuotaStore quota_store_;
  QuotaKeeper quotas_;
  const Surroundings surroundings_;
  SourceLocks locks_;
};

PluginHost::PluginHost(Options options, Clock* clock, store::Store* store)
    : impl_(std::make_unique<Impl>(std::move(options), clock, store)) {}

PluginHost::~PluginHost() = default;

std::vector<PluginInfo> PluginHost::ListPlugins() {
  return impl_->catalogue().List();
}

absl::StatusOr<PluginInfo> PluginHost::GetPlugin(absl::string_view name) {
  return impl_->catalogue().Get(name);
}

const Isolation* PluginHost::isolation() const {
  return impl_->catalogue().isolation();
}

absl::Status PluginHost::LastStatusOf(absl::string_view plugin) const {
  return impl_->catalogue().LastStatus(plugin);
}

std::vector<std::string> PluginHost::MissingSecrets(
    const plugin::v1::Description& description) {
  return MissingSecretsOf(description);
}

absl::Status PluginHost::LastApprovalOf(absl::string_view plugin) const {
  const std::optional<PluginInfo> last = impl_->catalogue().Last(plugin);
  if (!last || last->approval == Approval::kNoManifest) {
    return absl::OkStatus();
  }
  return CheckApproved(*last);
}

absl::StatusOr<int64_t> PluginHost::RequestsToday(const std::string& host) {
  return impl_->quotas().RequestsToday(host);
}

void PluginHost::DescribePlugins(const std::set<std::string>& names) {
  impl_->catalogue().Describe(names);
}

absl::Status PluginHost::CheckNotParked(const Source& source) const {
  return impl_->CheckNotParked(source);
}

absl::StatusOr<bool> PluginHost::Unpark(const std::string& source) {
  return impl_->parking().Unpark(source);
}

absl::Status PluginHost::CheckConfig(const Source& source) {
  ASSIGN_OR_RETURN(PluginInfo plugin, impl_->GetUsable(source));
  ASSIGN_OR_RETURN(const Source complete,
                   CompleteConfig(plugin.description, source));
  return AccessOf(plugin.description, complete).status();
}

absl::Status PluginHost::CheckModel(const Source& model) {
  ASSIGN_OR_RETURN(const PluginInfo plugin, impl_->GetUsable(model));
  RETURN_IF_ERROR(CheckForecasts(plugin));
  return CheckConfig(model);
}

absl::StatusOr<std::vector<absl::StatusOr<ModelForecast>>> PluginHost::Forecast(
    const Source& model, const plugin::v1::ForecastTable& table,
    const std::function<bool()>& cancelled) {
  return impl_->Forecast(model, table, cancelled);
}

absl::StatusOr<plugin::v1::CheckResult> PluginHost::Check(
    const Source& source, const std::function<bool()>& cancelled) {
  return impl_->Check(source, cancelled);
}

absl::StatusOr<std::vector<series::SeriesInfo>> PluginHost::Discover(
    const Source& source) {
  return impl_->Discover(source);
}

absl::StatusOr<PullReport> PluginHost::Pull(const Source& source,
                                            absl::string_view run,
                                            const PullObserver& observer) {
  return impl_->Pull(source, run, observer);
}

absl::Status PluginHost::Accept(absl::string_view source) {
  return impl_->Accept(source);
}

absl::StatusOr<std::vector<ReplayReport>> PluginHost::Replay(
    const Source& source, const PullChoice& which, bool dry_run,
    const PullObserver& observer) {
  return impl_->Replay(source, which, dry_run, observer);
}

}  // namespace headway::ingest
