#include "tools/headway/plugin_new/plugin_new.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/files.h"
#include "tests/support/plugin_runner.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace headway::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class PluginNewTest : public testing::Test {
 protected:
  const TempDirectory parent_{TempDirectory::Place::kDisk};
  const std::string directory_ = parent_.Join("new");
};

TEST_F(PluginNewTest, WritesAPythonPluginThatDelivers) {
  ASSERT_TRUE(
      WriteNewPlugin("moons", PluginKind::kSource, "python", directory_).ok());
  const TempFile table("m.csv", "period,value\n2024,1\n");
  const Ask ask{.config = {{"url", table.url()}}};
  Conversation said = RunPlugin(directory_ + "/moons", "read", ask);
  EXPECT_THAT(said.Values(), ElementsAre("my_metric{} 2024 = 1"))
      << said.standard_error;
  Conversation described = RunPlugin(directory_ + "/moons", "describe", {});
  EXPECT_EQ(described.messages.at(0).description().name(), "moons");
}

TEST_F(PluginNewTest, WritesAPythonModelThatForecasts) {
  ASSERT_TRUE(
      WriteNewPlugin("walk", PluginKind::kModel, "python", directory_).ok());
  Conversation described = RunPlugin(directory_ + "/walk", "describe", {});
  EXPECT_TRUE(described.messages.at(0).description().forecasts());
  EXPECT_EQ(described.messages.at(0).description().name(), "walk");
}

TEST_F(PluginNewTest, AModelHasNoTemplateInOtherLanguages) {
  EXPECT_THAT(
      WriteNewPlugin("walk", PluginKind::kModel, "sh", directory_).message(),
      HasSubstr("a model in the language \"sh\" has no template"));
}

TEST_F(PluginNewTest, WritesAShellPluginThatDelivers) {
  ASSERT_TRUE(
      WriteNewPlugin("moons", PluginKind::kSource, "sh", directory_).ok());
  const Ask ask{.environment = {{"PATH", "/usr/bin:/bin"}}};
  const std::string program = directory_ + "/moons";
  EXPECT_EQ(
      RunPlugin(program, "describe", ask).messages.at(0).description().name(),
      "moons");
  EXPECT_TRUE(RunPlugin(program, "check", ask).messages.at(0).check().ok());
  EXPECT_THAT(RunPlugin(program, "discover", ask).messages, SizeIs(1));
  Conversation said = RunPlugin(program, "read", ask);
  EXPECT_EQ(said.exit_status, 0);
  EXPECT_THAT(said.Values(), SizeIs(1));
  EXPECT_THAT(said.checkpoints(), SizeIs(1));
}

TEST_F(PluginNewTest, WritesTheCppPluginThatIsTestedBesideThis) {
  ASSERT_TRUE(
      WriteNewPlugin("moons", PluginKind::kSource, "cpp", directory_).ok());
  EXPECT_THAT(ReadFile(directory_ + "/moons/main.cc"),
              HasSubstr("Plugin plugin{\"moons\","));
  const std::string build = ReadFile(directory_ + "/moons/CMakeLists.txt");
  EXPECT_THAT(build, HasSubstr("add_executable(moons main.cc)"));
  EXPECT_THAT(build, Not(HasSubstr("my-plugin")));
}

TEST_F(PluginNewTest, OverwritesNothing) {
  ASSERT_TRUE(
      WriteNewPlugin("moons", PluginKind::kSource, "sh", directory_).ok());
  absl::Status again =
      WriteNewPlugin("moons", PluginKind::kSource, "python", directory_);
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kAlreadyExists,
                              HasSubstr("/moons is there already")));
  EXPECT_FALSE(fs::exists(directory_ + "/headway_plugin.py"));
  // A second plugin uses the SDK that is there.
  ASSERT_TRUE(
      WriteNewPlugin("stars", PluginKind::kSource, "python", directory_).ok());
  EXPECT_TRUE(
      WriteNewPlugin("suns", PluginKind::kSource, "python", directory_).ok());
}

TEST_F(PluginNewTest, NamesWhatIsWrongWithAnArgument) {
  EXPECT_THAT(WriteNewPlugin("My Plugin", PluginKind::kSource, "sh", directory_)
                  .message(),
              HasSubstr("plugin name \"My Plugin\": write lower-case"));
  EXPECT_THAT(
      WriteNewPlugin("../up", PluginKind::kSource, "sh", directory_).message(),
      HasSubstr("plugin name"));
  EXPECT_THAT(WriteNewPlugin("moons", PluginKind::kSource, "perl", directory_)
                  .message(),
              HasSubstr("language \"perl\" is none of cpp, python, sh"));
  EXPECT_THAT(WriteNewPlugin("moons", PluginKind::kSource, "sh",
                             "/proc/no/such/directory")
                  .message(),
              HasSubstr("/proc/no/such/directory/moons: cannot be written"));
}

}  // namespace
}  // namespace headway::cli
