#include "daemon/forecast/records.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/math/normal.h"
#include "daemon/forecast/math/stop.h"

namespace headway::forecast {
namespace {

// The rate of arrivals changes over the years, so that only the newest records
// tell it. Conventions.
constexpr size_t kLeastRises = 3;
constexpr size_t kMostRises = 12;
constexpr double kDoubled = 2;

std::vector<Release> RecordsOf(absl::Span<const Release> releases) {
  std::vector<Release> records;
  for (const Release& release : releases) {
    if (!records.empty() && release.value <= records.back().value) continue;
    records.push_back(release);
  }
  return records;
}

// How records rose of late.
struct Rises {
  // Of the logarithm, if by a factor.
  std::vector<double> sizes;
  bool is_by_factor = false;
  // That they took, up to the last day that is known.
  double days = 0;
  double record = 0;
};

Rises RisesOf(absl::Span<const Release> records, int32_t known_until) {
  const size_t count = std::min(records.size() - 1, kMostRises);
  const absl::Span<const Release> newest = records.last(count + 1);
  const double first = newest.front().value;
  Rises rises;
  rises.record = newest.back().value;
  rises.is_by_factor = first > 0 && rises.record >= kDoubled * first;
  for (size_t i = 1; i < newest.size(); ++i) {
    const double now = newest[i].value;
    const double before = newest[i - 1].value;
    rises.sizes.push_back(rises.is_by_factor ? std::log(now / before)
                                             : now - before);
  }
  rises.days = std::max(1.0, static_cast<double>(known_until) -
                                 static_cast<double>(newest.front().day));
  return rises;
}

// The random numbers of one path, in order.
class Stream {
 public:
  Stream(uint64_t seed, int path)
      : seed_(StableHash().Add(seed).Add(static_cast<uint64_t>(path)).value()) {
  }

  double Uniform() { return UniformAt(seed_, ++counter_); }
  double Exponential() { return -std::log(Uniform()); }

 private:
  uint64_t seed_;
  uint64_t counter_ = 0;
};

void DrawPath(const Rises& rises, int days, Stream stream, size_t path,
              PathRows& rows) {
  // A gamma variable of whole shape is a sum of exponential ones.
  double arrivals = 0;
  for (size_t i = 0; i < rises.sizes.size(); ++i) {
    arrivals += stream.Exponential();
  }
  const double rate = arrivals / rises.days;
  double record = rises.record;
  for (double day = stream.Exponential() / rate; day < days;
       day += stream.Exponential() / rate) {
    const size_t which = static_cast<size_t>(
        stream.Uniform() * static_cast<double>(rises.sizes.size()));
    const double size = rises.sizes[which];
    record = rises.is_by_factor ? record * std::exp(size) : record + size;
    if (!std::isfinite(record)) return;
    rows[static_cast<size_t>(day)][path] = record;
  }
}

}  // namespace

absl::StatusOr<PathRows> DrawRecords(absl::Span<const Release> releases,
                                     const RecordOptions& options) {
  RETURN_IF_ERROR(CheckPathCount(options.count));
  const std::vector<Release> records = RecordsOf(releases);
  if (records.size() <= kLeastRises) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the series has ", records.size(), " record",
        records.size() == 1 ? "" : "s",
        "; the paths of a record need at least ", kLeastRises + 1));
  }
  const Rises rises = RisesOf(records, options.known_until);
  StopLatch latch(options.stopped);
  const StopRequest stop(latch);
  PathRows rows(static_cast<size_t>(options.days),
                std::vector<double>(static_cast<size_t>(options.count),
                                    std::numeric_limits<double>::quiet_NaN()));
  for (int path = 0; path < options.count; ++path) {
    if (stop.RequestedAfter(100)) return GivenUp();
    DrawPath(rises, options.days, Stream(options.seed, path),
             static_cast<size_t>(path), rows);
  }
  return rows;
}

}  // namespace headway::forecast
