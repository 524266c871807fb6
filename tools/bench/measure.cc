#include "tools/bench/measure.h"

#include <linux/magic.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace headway::bench {
namespace {

// The number of a line such as "VmHWM:   1234 kB" of the system's word on a
// process.
int64_t StatusNumber(const std::string& process, absl::string_view name) {
  std::ifstream file(absl::StrCat("/proc/", process, "/status"));
  std::string line;
  while (std::getline(file, line)) {
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(": \t"), absl::SkipEmpty());
    int64_t number = 0;
    if (words.size() >= 2 && words[0] == name &&
        absl::SimpleAtoi(words[1], &number)) {
      return number;
    }
  }
  return 0;
}

double StatusMb(const std::string& process, absl::string_view name) {
  return static_cast<double>(StatusNumber(process, name)) * 1024 / 1e6;
}

}  // namespace

double Percentile(std::vector<double> sample, double share) {
  if (sample.empty()) return 0;
  const size_t place =
      std::min(sample.size() - 1,
               static_cast<size_t>(share * static_cast<double>(sample.size())));
  std::nth_element(sample.begin(), sample.begin() + place, sample.end());
  return sample[place];
}

double CpuSeconds() {
  rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * time.tv_usec;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ThreadCpuSeconds() {
  timespec time;
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + 1e-9 * time.tv_nsec;
}

double PeakMemoryMb(pid_t process) {
  return StatusMb(absl::StrCat(process), "VmHWM");
}

double PeakMemoryMb() { return StatusMb("self", "VmHWM"); }

double MemoryMb(pid_t process) {
  return StatusMb(absl::StrCat(process), "VmRSS");
}

double MemoryMb() { return StatusMb("self", "VmRSS"); }

void ResetPeakMemory() {
  malloc_trim(0);
  // 5 is the command that resets VmHWM: proc(5).
  std::ofstream("/proc/self/clear_refs") << 5;
}

void ResetPeakMemory(pid_t process) {
  std::ofstream(absl::StrCat("/proc/", process, "/clear_refs")) << 5;
}

int64_t ThreadCount(pid_t process) {
  return StatusNumber(absl::StrCat(process), "Threads");
}

int64_t DescriptorCount(pid_t process) {
  std::error_code error;
  const std::filesystem::directory_iterator entries(
      absl::StrCat("/proc/", process, "/fd"), error);
  return error ? 0 : std::distance(begin(entries), end(entries));
}

double LoadAverage() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

int64_t DirectoryBytes(const std::string& directory) {
  int64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(directory, error), end;
       !error && it != end; it.increment(error)) {
    std::error_code gone;
    const uint64_t size = it->is_regular_file(gone) ? it->file_size(gone) : 0;
    if (!gone) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

std::string FileSystemName(const std::string& path) {
  struct statfs info;
  if (statfs(path.c_str(), &info) != 0) return "unknown";
  switch (info.f_type) {
    case EXT4_SUPER_MAGIC:
      return "ext4";
    case XFS_SUPER_MAGIC:
      return "xfs";
    case BTRFS_SUPER_MAGIC:
      return "btrfs";
    case OVERLAYFS_SUPER_MAGIC:
      return "overlayfs";
    case TMPFS_MAGIC:
      return "tmpfs";
    default:
      return "unknown";
  }
}

absl::StatusOr<TempDirectory> TempDirectory::Create(const std::string& parent) {
  std::error_code error;
  std::filesystem::create_directories(parent, error);
  std::string pattern = absl::StrCat(parent, "/bench.XXXXXX");
  if (error || mkdtemp(pattern.data()) == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make a directory in ", parent, " (",
                     error ? error.message() : strerror(errno),
                     "); choose another with --dir"));
  }
  return TempDirectory(std::move(pattern));
}

TempDirectory::TempDirectory(TempDirectory&& other) noexcept
    : path_(std::exchange(other.path_, "")) {}

TempDirectory::~TempDirectory() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDirectory::Sub(absl::string_view name) const {
  return absl::StrCat(path_, "/", name);
}

}  // namespace headway::bench
