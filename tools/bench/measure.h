// Measurements of time, memory and disk space.
#ifndef HEADWAY_TOOLS_BENCH_MEASURE_H_
#define HEADWAY_TOOLS_BENCH_MEASURE_H_

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::bench {

class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

// Processor time of this process so far, all its threads together, in seconds.
double CpuSeconds();

// Processor time of the calling thread so far, in seconds.
double ThreadCpuSeconds();

// The value that a `share` of the sample does not exceed; 0 if it is empty.
double Percentile(std::vector<double> sample, double share);

// The most memory that a process has held since it started or since the last
// ResetPeakMemory, in MB of 10^6 bytes; 0 if the system does not say.
double PeakMemoryMb(pid_t process);
double PeakMemoryMb();
// The memory that a process holds now, in the same unit.
double MemoryMb(pid_t process);
double MemoryMb();
// Gives freed memory back to the system and restarts PeakMemoryMb() from the
// memory held now.
void ResetPeakMemory();
// The latter alone, of another process.
void ResetPeakMemory(pid_t process);

// What a process has now; 0 if the system does not say.
int64_t ThreadCount(pid_t process);
int64_t DescriptorCount(pid_t process);

// How many programs wanted a processor in the last minute: with more than there
// are, times say little.
double LoadAverage();

// The sum of the lengths of all files below the directory, in bytes, whatever
// blocks the disk gives them.
int64_t DirectoryBytes(const std::string& directory);

// "ext4", "tmpfs" and so on; "unknown" if it is none of the usual ones.
std::string FileSystemName(const std::string& path);

// A new directory in `parent`, which is removed with everything in it when the
// object is destroyed.
class TempDirectory {
 public:
  static absl::StatusOr<TempDirectory> Create(const std::string& parent);
  ~TempDirectory();
  TempDirectory(TempDirectory&& other) noexcept;
  TempDirectory& operator=(TempDirectory&&) = delete;

  // The path of `name` in the directory; nothing is made.
  std::string Sub(absl::string_view name) const;

 private:
  explicit TempDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace headway::bench

#endif  // HEADWAY_TOOLS_BENCH_MEASURE_H_
