#include "tools/bench/store/store_runs.h"

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "daemon/base/status_macros.h"
#include "tools/bench/measure.h"

namespace headway::bench {
namespace {

// Made ahead of a timed round, for each thread. Enough that the starting of
// threads does not count, few enough that they need little memory.
constexpr int kBatchesAhead = 16;

absl::Status Add(const store::ScanBatch& batch, Scan* scan) {
  // Four sums, for one would wait for itself at each value.
  double sums[4] = {};
  for (size_t i = 0; i < batch.values.size(); ++i) {
    sums[i % 4] += batch.values[i];
  }
  scan->sum += (sums[0] + sums[1]) + (sums[2] + sums[3]);
  scan->points += static_cast<int64_t>(batch.values.size());
  return absl::OkStatus();
}

}  // namespace

Work& Work::operator+=(const Work& other) {
  commits += other.commits;
  points += other.points;
  stored += other.stored;
  seconds += other.seconds;
  cpu_seconds += other.cpu_seconds;
  return *this;
}

Work Ingest::total() const {
  Work work = first_load;
  work += revisions;
  return work;
}

absl::Status RunOnThreads(int threads,
                          const std::function<absl::Status(int)>& work) {
  if (threads == 1) return work(0);
  std::vector<absl::Status> results(threads);
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] { results[t] = work(t); });
  }
  for (std::thread& thread : running) thread.join();
  for (const absl::Status& result : results) RETURN_IF_ERROR(result);
  return absl::OkStatus();
}

CommitFn CommitTo(store::Store* store) {
  return [store](const store::Batch& batch) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(const store::CommitResult result, store->Commit(batch));
    return result.changed_observations;
  };
}

absl::StatusOr<Work> CommitBatches(int count,
                                   const std::function<store::Batch(int)>& make,
                                   const CommitFn& commit, int threads) {
  Work work;
  for (int first = 0; first < count; first += threads * kBatchesAhead) {
    const int end = std::min(count, first + threads * kBatchesAhead);
    std::vector<store::Batch> batches;
    for (int i = first; i < end; ++i) batches.push_back(make(i));
    std::vector<int64_t> stored(threads);
    const double cpu_before = CpuSeconds();
    const Stopwatch stopwatch;
    RETURN_IF_ERROR(RunOnThreads(threads, [&](int thread) -> absl::Status {
      for (size_t i = thread; i < batches.size(); i += threads) {
        ASSIGN_OR_RETURN(const int64_t changed, commit(batches[i]));
        stored[thread] += changed;
      }
      return absl::OkStatus();
    }));
    work.seconds += stopwatch.Seconds();
    work.cpu_seconds += CpuSeconds() - cpu_before;
    work.commits += static_cast<int64_t>(batches.size());
    for (const store::Batch& batch : batches) work.points += NumPoints(batch);
    for (int64_t changed : stored) work.stored += changed;
  }
  return work;
}

absl::StatusOr<Ingest> IngestAll(const SyntheticSet& set,
                                 const CommitFn& commit, int threads) {
  Ingest ingest;
  const Stopwatch stopwatch;
  for (int v = 0; v < set.options().vintages; ++v) {
    ASSIGN_OR_RETURN(
        const Work work,
        CommitBatches(
            set.NumBatches(v), [&](int i) { return set.MakeBatch(v, i); },
            commit, threads));
    (v == 0 ? ingest.first_load : ingest.revisions) += work;
  }
  ingest.wall_seconds = stopwatch.Seconds();
  return ingest;
}

absl::StatusOr<Work> DeliverAgain(const SyntheticSet& set,
                                  const CommitFn& commit, int days) {
  return CommitBatches(
      set.NumWholeBatches(), [&](int i) { return set.MakeWholeBatch(i, days); },
      commit, 1);
}

absl::StatusOr<std::vector<store::SeriesId>> SeriesOf(
    const store::Reader& reader, const std::string& metric) {
  series::Selector selector;
  selector.metric = metric;
  ASSIGN_OR_RETURN(const std::vector<store::SeriesEntry> entries,
                   reader.SelectSeries(selector));
  std::vector<store::SeriesId> ids;
  for (const store::SeriesEntry& entry : entries) ids.push_back(entry.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

absl::StatusOr<std::vector<double>> ReadTimes(
    int series, int count, uint64_t seed,
    const std::function<absl::Status(int, uint64_t)>& read) {
  std::mt19937_64 random(seed);
  std::vector<double> times;
  times.reserve(count);
  for (int i = 0; i < count; ++i) {
    const int place = static_cast<int>(random() % series);
    const uint64_t more = random();
    const Stopwatch stopwatch;
    RETURN_IF_ERROR(read(place, more));
    times.push_back(stopwatch.Seconds());
  }
  return times;
}

absl::StatusOr<Scan> ScanMetric(const store::Reader& reader,
                                const std::string& metric, absl::Time as_of,
                                int threads, ThreadPool* pool) {
  series::Selector selector;
  selector.metric = metric;
  store::ScanOptions options;
  options.read.as_of = as_of;
  options.threads = threads;
  options.pool = pool;
  Scan scan;
  const Stopwatch stopwatch;
  RETURN_IF_ERROR(reader.Scan(
      selector, options,
      [&](const store::ScanBatch& batch) { return Add(batch, &scan); }));
  scan.seconds = stopwatch.Seconds();
  return scan;
}

absl::StatusOr<Scan> ScanSeries(const store::Reader& reader,
                                absl::Span<const store::SeriesId> ids,
                                absl::Time as_of) {
  store::ScanOptions options;
  options.read.as_of = as_of;
  Scan scan;
  const Stopwatch stopwatch;
  RETURN_IF_ERROR(reader.Scan(ids, options, [&](const store::ScanBatch& batch) {
    return Add(batch, &scan);
  }));
  scan.seconds = stopwatch.Seconds();
  return scan;
}

}  // namespace headway::bench
