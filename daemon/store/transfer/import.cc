#include "daemon/store/transfer/import.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/batch_check.h"
#include "daemon/store/transfer/import_reader.h"

namespace headway::store {
namespace {

struct Pending {
  VintageUpdate update;
  Provenance provenance;
};

// About what it takes in memory.
int64_t BytesOf(const Pending& pending) {
  const VintageUpdate& update = pending.update;
  const series::SeriesInfo& info = update.info;
  size_t bytes = sizeof(Pending) + info.key.metric.size() + info.title.size() +
                 info.description.size() + info.source_name.size();
  for (const auto& [name, value] : info.key.labels.pairs()) {
    bytes += 2 * sizeof(std::string) + name.size() + value.size();
  }
  const Provenance& from = pending.provenance;
  bytes += from.source.size() + from.plugin.size() +
           from.plugin_version.size() + from.plugin_hash.size() +
           from.run.size();
  bytes += update.ordinals.size() * (sizeof(int32_t) + sizeof(double)) +
           update.statuses.size() +
           (update.withdrawn.size() + update.restated.size()) * sizeof(int32_t);
  return static_cast<int64_t>(bytes);
}

// Vintages by series, each series' in the order of their known_at.
using Queues = std::vector<std::deque<Pending>>;

// A commit has one provenance. Makes as few commits of the queues as can be
// made with none of a series' vintages before an older one: the provenance
// whose vintages are the oldest goes first, as it once did.
std::vector<Batch> ToBatches(Queues queues) {
  std::map<Provenance, absl::Time> oldest;
  for (const auto& queue : queues) {
    for (const Pending& pending : queue) {
      const absl::Time known_at = pending.update.known_at;
      auto [it, is_new] = oldest.try_emplace(pending.provenance, known_at);
      it->second = std::min(it->second, known_at);
    }
  }
  // The queues by the provenance of their first.
  std::map<std::pair<absl::Time, Provenance>, std::vector<size_t>> ready;
  auto enqueue = [&](size_t index) {
    if (queues[index].empty()) return;
    const Provenance& from = queues[index].front().provenance;
    ready[{oldest.at(from), from}].push_back(index);
  };
  for (size_t i = 0; i < queues.size(); ++i) enqueue(i);
  std::vector<Batch> batches;
  while (!ready.empty()) {
    const std::vector<size_t> indices =
        std::move(ready.extract(ready.begin()).mapped());
    Batch batch;
    batch.provenance = queues[indices.front()].front().provenance;
    for (size_t index : indices) {
      auto& queue = queues[index];
      while (!queue.empty() && queue.front().provenance == batch.provenance) {
        batch.updates.push_back(std::move(queue.front().update));
        queue.pop_front();
      }
      enqueue(index);
    }
    batches.push_back(std::move(batch));
  }
  return batches;
}

}  // namespace

// Takes what the reader reads, and commits it.
class Importer::Intake final : public ImportSink {
 public:
  Intake(Store* store, TransferFormat format, ImportOptions options)
      : store_(*store),
        options_(std::move(options)),
        reader_(ImportReader::Create(format, options_.name, this)) {}

  ImportReader& reader() { return *reader_; }
  const ImportResult& result() const { return result_; }

  absl::Status BeginSeries(const ImportedSeries& series) override;
  absl::Status AddVintage(ImportedVintage vintage) override;
  absl::Status Finish();
  // Takes what is held now from the budget of all imports.
  absl::Status Charge();
  // For an error: what is stored of the text.
  std::string Progress() const;

 private:
  absl::StatusOr<series::SeriesInfo> Describe(const ImportedSeries& series);
  absl::Status ChooseImport(const series::SeriesKey& key);
  absl::Status CheckTime(const VintageUpdate& update) const;
  void EndSeries();
  absl::Status Flush();

  Store& store_;
  const ImportOptions options_;
  const std::unique_ptr<ImportReader> reader_;

  // Hashes of the keys that there were; two alike are one in 10^19.
  absl::flat_hash_set<size_t> seen_;
  std::optional<series::SeriesInfo> info_;
  Import imported_ = Import::kVerbatim;
  // Absent: that of the provenance of each vintage.
  std::optional<std::string> source_;
  absl::Time last_known_at_ = absl::InfinitePast();

  Queues queues_;
  size_t queued_observations_ = 0;
  int64_t queued_bytes_ = 0;
  std::optional<MemoryBudget::Share> share_;
  ImportResult result_;
};

absl::Status Importer::Intake::BeginSeries(const ImportedSeries& series) {
  if (!seen_.insert(absl::HashOf(series.key)).second) {
    return Refuse(series::FormatSeriesKey(series.key), ", ",
                  series::FrequencyName(series.key.frequency),
                  ", comes a second time; put all lines of a series one after "
                  "another, by rising known_at and period");
  }
  EndSeries();
  ASSIGN_OR_RETURN(info_, Describe(series));
  last_known_at_ = absl::InfinitePast();
  ++result_.series;
  queues_.emplace_back();
  return absl::OkStatus();
}

// Sees to it that a series without vintages comes to be.
void Importer::Intake::EndSeries() {
  if (!info_ || last_known_at_ != absl::InfinitePast()) return;
  Pending pending;
  pending.update.info = *info_;
  pending.update.known_at = absl::UnixEpoch();
  pending.update.imported = imported_;
  pending.update.source = source_;
  queues_.push_back({std::move(pending)});
}

absl::StatusOr<series::SeriesInfo> Importer::Intake::Describe(
    const ImportedSeries& series) {
  series::SeriesInfo info;
  absl::StatusOr<SeriesEntry> known =
      store_.NewReader()->FindSeries(series.key);
  RETURN_IF_ERROR(ChooseImport(series.key));
  if (known.ok()) {
    info = std::move(known->info);
  } else if (!absl::IsNotFound(known.status())) {
    return known.status();
  } else if (!series.unit) {
    return Refuse(series::FormatSeriesKey(series.key),
                  " is new and has no unit; add one, \"1\" for a pure number");
  } else {
    info.key = series.key;
    // The lines date it.
    info.vintage_kind = series::VintageKind::kNative;
  }
  info.unit = series.unit.value_or(info.unit);
  info.title = series.title.value_or(info.title);
  info.description = series.description.value_or(info.description);
  info.vintage_kind = series.vintage_kind.value_or(info.vintage_kind);
  info.release_lag = series.release_lag.value_or(info.release_lag);
  info.source_name = series.source_name.value_or(info.source_name);
  if (imported_ == Import::kMerge) {
    info.key.labels =
        info.key.labels.Without({std::string(series::kSourceLabel)});
  }
  return info;
}

// What a source says of a series that others wrote goes through that series.
absl::Status Importer::Intake::ChooseImport(const series::SeriesKey& key) {
  series::SeriesKey read = key;
  read.labels = key.labels.Without({std::string(series::kSourceLabel)});
  ASSIGN_OR_RETURN(const bool is_verbatim,
                   store_.NewReader()->TakesImports(read));
  imported_ = is_verbatim ? Import::kVerbatim : Import::kMerge;
  source_.reset();
  if (!is_verbatim && read != key) {
    source_ = std::string(key.labels.Get(series::kSourceLabel));
  }
  return absl::OkStatus();
}

absl::Status Importer::Intake::AddVintage(ImportedVintage vintage) {
  if (vintage.known_at <= last_known_at_) {
    return Refuse("known_at ", FormatInstant(vintage.known_at),
                  " does not come after that of the vintage above, ",
                  FormatInstant(last_known_at_),
                  "; put the vintages of a series in that order, each once");
  }
  last_known_at_ = vintage.known_at;
  Pending pending;
  VintageUpdate& update = pending.update;
  update.info = *info_;
  update.known_at = vintage.known_at;
  update.ordinals = std::move(vintage.ordinals);
  update.values = std::move(vintage.values);
  update.statuses = std::move(vintage.statuses);
  update.withdrawn = std::move(vintage.withdrawn);
  update.restated = std::move(vintage.restated);
  update.covers = vintage.covers;
  update.imported = imported_;
  update.source = source_;
  pending.provenance = std::move(vintage.provenance);
  RETURN_IF_ERROR(CheckUpdate(update));
  series::DropFinalStatuses(&update.statuses);
  RETURN_IF_ERROR(CheckTime(update));
  const size_t observations = update.ordinals.size() + update.withdrawn.size();
  if (observations == 0) return Refuse("the vintage says nothing; remove it");
  ++result_.vintages;
  result_.observations += static_cast<int64_t>(observations);
  queued_observations_ += observations;
  queued_bytes_ += BytesOf(pending);
  if (queues_.empty()) queues_.emplace_back();
  queues_.back().push_back(std::move(pending));
  if (queued_observations_ < options_.batch_observations &&
      queued_bytes_ < options_.batch_bytes) {
    return absl::OkStatus();
  }
  return Flush();
}

absl::Status Importer::Intake::CheckTime(const VintageUpdate& update) const {
  if (update.known_at > options_.now) {
    return Refuse("known_at ", FormatInstant(update.known_at),
                  " lies in the future; it is ", FormatInstant(options_.now),
                  ", and a date means the end of its day");
  }
  const series::Period latest =
      series::LatestAccepted(update.info.key.frequency, options_.now);
  for (const auto* ordinals : {&update.ordinals, &update.withdrawn}) {
    if (ordinals->empty()) continue;
    const series::Period last{latest.frequency, ordinals->back()};
    if (last.ordinal > latest.ordinal) {
      return Refuse("period ", series::FormatPeriod(last), " lies more than ",
                    series::kMaxYearsAhead, " years ahead");
    }
  }
  return absl::OkStatus();
}

absl::Status Importer::Intake::Finish() {
  RETURN_IF_ERROR(reader_->Finish());
  EndSeries();
  RETURN_IF_ERROR(Flush());
  share_.reset();
  return absl::OkStatus();
}

absl::Status Importer::Intake::Charge() {
  share_.emplace(options_.budget);
  return share_->Grow(queued_bytes_ +
                      static_cast<int64_t>(reader_->held_bytes()));
}

absl::Status Importer::Intake::Flush() {
  queued_observations_ = 0;
  queued_bytes_ = 0;
  for (const Batch& batch : ToBatches(std::exchange(queues_, {}))) {
    ASSIGN_OR_RETURN(const CommitResult committed, store_.Commit(batch));
    ++result_.commits;
    result_.changed_observations += committed.changed_observations;
  }
  return absl::OkStatus();
}

std::string Importer::Intake::Progress() const {
  return absl::StrCat(
      result_.changed_observations, " observations are stored, in ",
      result_.commits,
      " commits; import the whole again when the cause is gone");
}

Importer::Importer(Store* store, TransferFormat format, ImportOptions options)
    : intake_(std::make_unique<Intake>(store, format, std::move(options))) {}

Importer::~Importer() = default;

absl::Status Importer::Add(absl::string_view bytes) {
  RETURN_IF_ERROR(status_);
  RETURN_IF_ERROR(Keep(intake_->reader().Add(bytes)));
  return Keep(intake_->Charge());
}

absl::StatusOr<ImportResult> Importer::Finish() {
  RETURN_IF_ERROR(status_);
  RETURN_IF_ERROR(Keep(intake_->Finish()));
  return intake_->result();
}

absl::Status Importer::Keep(absl::Status status) {
  if (status.ok()) return status;
  status_ = absl::Status(
      status.code(), absl::StrCat(status.message(), ". ", intake_->Progress()));
  return status_;
}

}  // namespace headway::store
