#include "daemon/ingest/plugin/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/files.h"
#include "tests/support/plugin_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace headway::ingest {
namespace {

using ::testing::HasSubstr;

const char kHash[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

class ManifestTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::optional<Manifest>> Read() {
    return Manifest::Read(directory_.path());
  }

  TempDirectory directory_{TempDirectory::Place::kDisk};
};

TEST_F(ManifestTest, ADirectoryNeedNotHaveOne) {
  const auto manifest = Read();
  ASSERT_TRUE(manifest.ok());
  EXPECT_FALSE(manifest->has_value());
}

TEST_F(ManifestTest, IsReadAsItWasWritten) {
  Manifest written;
  written.Set("moons", {kHash, "1.2 beta"});
  written.Set("module.py", {kHash, ""});
  ASSERT_TRUE(written.Write(directory_.path()).ok());
  const auto read = Read();
  ASSERT_TRUE(read.ok() && read->has_value());
  EXPECT_EQ((*read)->Find("moons")->version, "1.2 beta");
  EXPECT_EQ((*read)->Find("module.py")->hash, kHash);
  EXPECT_EQ((*read)->Find("stars"), nullptr);
}

TEST_F(ManifestTest, ALineThatIsNoneIsNamed) {
  WriteFile(directory_.Join("plugins.sha256"), "# moons version 1\nmoons\n");
  EXPECT_THAT(Read(), StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("plugins.sha256:2: \"moons\"")));
}

class ApprovalTest : public PluginTest {
 protected:
  void InstallGood() {
    Install("p", ShellPlugin("p", "exit 1"));
    Install("q", ShellPlugin("q", "exit 1"));
  }
  // Of the plugin as it lies there now.
  void ApprovePlugin() {
    Manifest manifest;
    manifest.Set("p", {*HashFile(PathOf("p")), "1.2"});
    ASSERT_TRUE(manifest.Write(plugins()).ok());
  }
  Approval ApprovalNow(absl::string_view name) {
    const auto plugin = host_->GetPlugin(name);
    return plugin.ok() ? plugin->approval : Approval::kNoManifest;
  }
  void RequireApproval() {
    host_ = std::make_unique<PluginHost>(
        PluginHost::Options{.directories = {plugins()},
                            .require_approval = true},
        &clock_, store_.get());
  }
};

TEST_F(ApprovalTest, IsSaidOfEachPlugin) {
  InstallGood();
  EXPECT_EQ(ApprovalNow("p"), Approval::kNoManifest);
  ApprovePlugin();
  EXPECT_EQ(ApprovalNow("p"), Approval::kApproved);
  EXPECT_EQ(ApprovalNow("q"), Approval::kUnapproved);
}

TEST_F(ApprovalTest, IsLostWithAnotherExecutable) {
  InstallGood();
  ApprovePlugin();
  Install("p", ShellPlugin("p", "exit 2"));
  EXPECT_EQ(ApprovalNow("p"), Approval::kChanged);
  EXPECT_THAT(host_->LastApprovalOf("p").message(),
              HasSubstr("is another than the one that was approved"));
}

TEST_F(ApprovalTest, IsNoConditionUnlessItIsRequired) {
  InstallGood();
  ApprovePlugin();
  EXPECT_TRUE(host_->GetPlugin("q")->status.ok());
  RequireApproval();
  EXPECT_TRUE(host_->GetPlugin("p")->status.ok());
  EXPECT_THAT(host_->GetPlugin("q")->status,
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("was never approved")));
}

TEST_F(ApprovalTest, NothingIsApprovedWhereThereIsNoManifest) {
  InstallGood();
  RequireApproval();
  EXPECT_THAT(host_->GetPlugin("p")->status.message(),
              HasSubstr("headway plugin install"));
}

}  // namespace
}  // namespace headway::ingest
