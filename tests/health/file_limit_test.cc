// The limit of open files, in a process of its own.
#include "daemon/health/file_limit.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace headway::health {
namespace {

// Runs `check` in a child, whose limits are its own.
template <typename Check>
bool InAChild(Check check) {
  const pid_t child = fork();
  if (child == 0) _exit(check() ? 0 : 1);
  int status = 0;
  return waitpid(child, &status, 0) == child && status == 0;
}

TEST(FileLimitTest, TheSoftLimitIsRaisedToTheHardOne) {
  EXPECT_TRUE(InAChild([] {
    rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < 100) {
      return false;
    }
    limit.rlim_cur = 50;
    limit.rlim_max = 100;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    if (!RaiseFileLimit().ok()) return false;
    const auto files = CountFileDescriptors();
    return files.ok() && files->limit == 100 && RaiseFileLimit().ok();
  }));
}

TEST(FileLimitTest, OpenFilesAreCounted) {
  const auto before = CountFileDescriptors();
  ASSERT_TRUE(before.ok()) << before.status();
  const int file = open("/dev/null", O_RDONLY);
  EXPECT_EQ(CountFileDescriptors()->open, before->open + 1);
  close(file);
  EXPECT_EQ(CountFileDescriptors()->open, before->open);
}

}  // namespace
}  // namespace headway::health
