// Where backups go.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>

#include "daemon/store/upkeep/backup.h"
#include "tests/support/store_fixture.h"

namespace headway::store {
namespace {

class BackupPathsTest : public StoreTest {
 protected:
  TempDirectory beside_;
};

TEST_F(BackupPathsTest, ARelativeDirectoryIsAsGoodAsAWholePath) {
  const std::string relative =
      std::filesystem::relative(beside_.path() + "/backups");
  ASSERT_TRUE(std::filesystem::path(relative).is_relative());
  const auto backup =
      CreateBackup(*store_, {.directory = relative, .keep = 100});
  ASSERT_TRUE(backup.ok()) << backup.status();
  EXPECT_EQ(ListBackups(relative)->size(), 1);
  int problems = 0;
  const auto counts = VerifyBackups(relative, std::nullopt,
                                    [&](const Problem&) { ++problems; });
  EXPECT_TRUE(counts.ok()) << counts.status();
  EXPECT_EQ(problems, 0);
}

}  // namespace
}  // namespace headway::store
