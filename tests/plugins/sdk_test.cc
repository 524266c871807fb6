// The C++ SDK's side of the conversation, on a plugin of thirty lines and on a
// Writer whose messages are kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sdk/cpp/text.h"
#include "plugins/sdk/cpp/writer.h"
#include "tests/support/files.h"
#include "tests/support/plugin_runner.h"
#include "tests/support/temp_directory.h"

namespace headway::sdk {
namespace {

using plugin::v1::Error;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// What `headway plugin new` writes for C++, as it stands.
std::string FirstPlugin() {
  return std::string(HEADWAY_BIN_DIR) + "/tests/plugins/my-plugin";
}

class FirstPluginTest : public testing::Test {
 protected:
  Ask AskForTable() const { return {.config = {{"url", table_.url()}}}; }

 private:
  const TempFile table_{"table.csv", "period,value\n2024,1\n2025,2\n"};
};

TEST_F(FirstPluginTest, DeliversASeriesInThirtyLines) {
  const std::string source =
      ReadFile(HEADWAY_SOURCE_DIR "/plugins/sdk/templates/plugin.cc");
  EXPECT_LE(std::count(source.begin(), source.end(), '\n'), 30);
  Conversation said = headway::RunPlugin(FirstPlugin(), "read", AskForTable());
  EXPECT_EQ(said.exit_status, 0) << said.error().message();
  EXPECT_THAT(said.Values(),
              ElementsAre("my_metric{} 2024 = 1", "my_metric{} 2025 = 2"));
  ASSERT_EQ(said.checkpoints().size(), 1);
  EXPECT_TRUE(said.checkpoints()[0].complete());
}

TEST_F(FirstPluginTest, WritesTheBinaryFramingUnlessToldToWriteJson) {
  Ask ask = AskForTable();
  Conversation binary = headway::RunPlugin(FirstPlugin(), "read", ask);
  EXPECT_EQ(binary.standard_output.substr(0, 8), "HEADWAY1");
  ask.arguments = {"--json"};
  Conversation json = headway::RunPlugin(FirstPlugin(), "read", ask);
  EXPECT_EQ(json.standard_output[0], '{');
  EXPECT_EQ(json.Values(), binary.Values());
}

TEST_F(FirstPluginTest, DescribesItself) {
  Conversation said = headway::RunPlugin(FirstPlugin(), "describe", {});
  ASSERT_EQ(said.messages.size(), 1);
  const auto& description = said.messages[0].description();
  EXPECT_EQ(description.name(), "my-plugin");
  EXPECT_EQ(description.protocol_version(), 1);
  ASSERT_EQ(description.config_size(), 1);
  EXPECT_TRUE(description.config(0).required());
}

TEST_F(FirstPluginTest, DiscoversByReadingAndChecksWithoutAskingThePublisher) {
  Conversation discovered =
      headway::RunPlugin(FirstPlugin(), "discover", AskForTable());
  EXPECT_EQ(discovered.series().size(), 1);
  EXPECT_EQ(discovered.messages.size(), 1);
  Conversation checked =
      headway::RunPlugin(FirstPlugin(), "check", AskForTable());
  ASSERT_EQ(checked.messages.size(), 1);
  EXPECT_TRUE(checked.messages[0].check().ok());
  EXPECT_THAT(checked.messages[0].check().message(),
              HasSubstr("the publisher was not asked"));
  // Nor does it fail for a publisher that is not there.
  Conversation unasked =
      headway::RunPlugin(FirstPlugin(), "check",
                         {.config = {{"url", "http://127.0.0.1:1/table.csv"}}});
  ASSERT_EQ(unasked.messages.size(), 1);
  EXPECT_TRUE(unasked.messages[0].check().ok());
}

TEST_F(FirstPluginTest, NamesAnUnknownAndAMissingOption) {
  Conversation unknown =
      headway::RunPlugin(FirstPlugin(), "read", {.config = {{"ulr", "x"}}});
  EXPECT_EQ(unknown.exit_status, 1);
  EXPECT_EQ(unknown.error().class_(), Error::CONFIG);
  EXPECT_THAT(
      unknown.error().message(),
      HasSubstr("unknown option \"ulr\" of plugin my-plugin; it has url"));
  Conversation missing = headway::RunPlugin(FirstPlugin(), "read", {});
  EXPECT_THAT(missing.error().message(),
              HasSubstr("option \"url\" is missing: Address of the table."));
}

TEST_F(FirstPluginTest, ExplainsItselfToWhoeverCallsItWithoutAVerb) {
  Conversation said = headway::RunPlugin(FirstPlugin(), "dance", {});
  EXPECT_EQ(said.exit_status, 2);
  EXPECT_THAT(said.standard_error,
              HasSubstr("usage: my-plugin describe|check"));
}

class WriterTest : public testing::Test {
 protected:
  WriterTest()
      : writer_(
            [this](const plugin::v1::PluginMessage& m) {
              said_.messages.push_back(m);
            },
            {"s3cret"}, false) {}

  std::string DefineMonthly(VintageKind kind = VintageKind::kObserved) {
    return writer_.Define({.id = "x",
                           .metric = "m",
                           .frequency = Frequency::kMonthly,
                           .unit = "USD",
                           .vintage_kind = kind});
  }

  Conversation said_;
  Writer writer_;
};

TEST_F(WriterTest, KeepsTheFirstMistakeAndWritesNothingAfterIt) {
  std::string id = DefineMonthly();
  writer_.Write({.series = id, .observations = {{*ParsePeriod("2024"), 1}}});
  writer_.Checkpoint({});
  EXPECT_THAT(writer_.status().message(),
              HasSubstr("x: period 2024 does not fit the series, which is "
                        "monthly"));
  EXPECT_THAT(said_.checkpoints(), IsEmpty());
}

TEST_F(WriterTest, RefusesWhatTheDaemonWouldRefuse) {
  const Period month = *ParsePeriod("2024-01");
  auto mistake = [&](const Batch& batch, VintageKind kind) {
    Writer writer([](const plugin::v1::PluginMessage&) {}, {}, false);
    writer.Define({.id = "x",
                   .metric = "m",
                   .frequency = Frequency::kMonthly,
                   .unit = "USD",
                   .vintage_kind = kind});
    writer.Write(batch);
    return std::string(writer.status().message());
  };
  const VintageKind observed = VintageKind::kObserved;
  EXPECT_THAT(mistake({.series = "y"}, observed),
              HasSubstr("no such series was defined"));
  EXPECT_THAT(
      mistake({.series = "x", .observations = {{month, NAN}}}, observed),
      HasSubstr("the value at 2024-01 is nan"));
  EXPECT_THAT(mistake({.series = "x", .observations = {{month, 1}, {month, 2}}},
                      observed),
              HasSubstr("period 2024-01 occurs twice"));
  EXPECT_THAT(mistake({.series = "x"}, VintageKind::kNative),
              HasSubstr("needs a known_at"));
  EXPECT_THAT(mistake({.series = "x", .known_at = absl::UnixEpoch()}, observed),
              HasSubstr("known_at is for native series only"));
}

TEST_F(WriterTest, SaysHowFirmValuesAre) {
  const std::string id = DefineMonthly();
  writer_.Observe(id, "2024-01", 1);
  writer_.Observe(id, "2024-02", 2, ObservationStatus::kPartial);
  writer_.Checkpoint({});
  ASSERT_THAT(said_.batches(), SizeIs(1));
  EXPECT_THAT(said_.batches()[0].statuses(),
              ElementsAre(plugin::v1::FINAL, plugin::v1::PARTIAL));
}

TEST_F(WriterTest, RefusesValuesThatNoCheckpointCovers) {
  writer_.Observe(DefineMonthly(), "2024-01", 1);
  EXPECT_THAT(writer_.status().message(),
              HasSubstr("values follow the last checkpoint"));
  writer_.Checkpoint({});
  EXPECT_TRUE(writer_.status().ok()) << writer_.status();
}

TEST_F(WriterTest, RefusesAStateBeyondTheProtocolsBound) {
  writer_.Checkpoint({.state = std::string(64 * 1024 + 1, 'x')});
  EXPECT_THAT(writer_.status().message(), HasSubstr("more than 65536"));
}

TEST_F(WriterTest, ShortensAnIdThatTheDaemonWouldRefuse) {
  std::map<std::string, std::string> labels;
  for (char c = 'a'; c < 'g'; ++c) {
    labels[std::string(1, c)] = std::string(250, c);
  }
  EXPECT_EQ(writer_.Define({.metric = "m",
                            .labels = labels,
                            .frequency = Frequency::kAnnual,
                            .unit = "1"}),
            "#0");
}

TEST_F(WriterTest, MakesAllTextUtf8) {
  writer_.Info("caf\xE9");
  ASSERT_EQ(said_.messages.size(), 1);
  EXPECT_EQ(said_.messages[0].log().message(), "caf\xEF\xBF\xBD");
}

TEST(ValidUtf8PrefixTest, StopsAtWhatUnicodeForbids) {
  const std::string good = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x99\x82";
  EXPECT_EQ(ValidUtf8Prefix(good), good.size());
  for (const char* bad :
       {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xFF", "\xE2\x82"}) {
    EXPECT_EQ(ValidUtf8Prefix("ab" + std::string(bad)), 2);
  }
}

TEST_F(WriterTest, StrikesSecretsOutOfAllText) {
  writer_.Info("key=s3cret");
  writer_.Progress(1, 2, "s3cret");
  writer_.Fail(TransientError("https://x/?key=s3cret", absl::Seconds(90)));
  std::string all;
  for (const auto& m : said_.messages) all += m.ShortDebugString();
  EXPECT_THAT(all, AllOf(Not(HasSubstr("s3cret")), HasSubstr("[secret]")));
  EXPECT_EQ(said_.error().class_(), Error::TRANSIENT);
  EXPECT_EQ(said_.error().retry_after().seconds(), 90);
}

}  // namespace
}  // namespace headway::sdk
