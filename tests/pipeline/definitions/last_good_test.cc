// What stays in force when a definition is broken.
#include "daemon/pipeline/definitions/last_good.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "tests/support/files.h"
#include "tests/support/store_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kGood[] = R"(pipeline {
  name: "chips"
  schedule { cron: "@daily" }
  indicator { name: "a" expression: "exports_usd" unit: "USD" }
  indicator { name: "b" expression: "2 * a" unit: "USD" }
})";

class LastGoodTest : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    std::filesystem::create_directory(Pipelines());
  }
  std::string Pipelines() const { return directory_.Join("pipelines"); }
  void Write(const std::string& text) {
    WriteFile(absl::StrCat(Pipelines(), "/chips.textproto"), text);
  }

  // As a daemon does: what was valid is read from the store and kept there.
  Definitions Load() {
    const LastGood before = ReadLastGood(*store_->NewReader()).value();
    Definitions loaded =
        LoadDirectory(Pipelines(), {.last_good = &before}).value();
    store::Batch batch;
    batch.records = LastGoodRecords(before, loaded.valid);
    if (!batch.records.empty()) Commit(batch);
    return loaded;
  }
};

TEST_F(LastGoodTest, ABrokenIndicatorStaysAsItWasAndTheRestChanges) {
  Write(kGood);
  Load();
  Write(R"(pipeline {
  name: "chips"
  schedule { cron: "@hourly" }
  indicator { name: "a" expression: "exports_usd +" unit: "USD" }
  indicator { name: "b" expression: "3 * a" unit: "USD" }
})");
  const Definitions definitions = Load();
  EXPECT_EQ(definitions.indicators.at("a").expression, "exports_usd");
  EXPECT_THAT(definitions.indicators.at("a").errors, IsEmpty());
  EXPECT_EQ(definitions.indicators.at("b").expression, "3 * a");
  EXPECT_EQ(definitions.pipelines.at("chips").cron, "@hourly");
  ASSERT_THAT(definitions.errors, Not(IsEmpty()));
  EXPECT_THAT(definitions.errors[0].ToString(),
              HasSubstr("(its last valid version stays in force)"));
  EXPECT_THAT(definitions.pipelines.at("chips").errors, Not(IsEmpty()));
}

TEST_F(LastGoodTest, AFileThatCannotBeParsedStaysAsAWhole) {
  Write(kGood);
  Load();
  Write("pipeline { name: ");
  const Definitions definitions = Load();
  EXPECT_TRUE(definitions.pipelines.at("chips").runs);
  EXPECT_THAT(definitions.expressions, SizeIs(2));
  ASSERT_THAT(definitions.errors, SizeIs(1));
  EXPECT_TRUE(definitions.errors[0].is_kept);
}

TEST_F(LastGoodTest, ABrokenScheduleStaysAsItWas) {
  Write(kGood);
  Load();
  Write(R"(pipeline { name: "chips" schedule { cron: "every day" } })");
  const Definitions definitions = Load();
  EXPECT_TRUE(definitions.pipelines.at("chips").runs);
  EXPECT_EQ(definitions.pipelines.at("chips").cron, "@daily");
  // They were taken out on purpose.
  EXPECT_THAT(definitions.indicators, IsEmpty());
}

TEST_F(LastGoodTest, ItIsRememberedOverManyBrokenVersions) {
  Write(kGood);
  Load();
  Write("pipeline { name: ");
  Load();
  Write(R"(pipeline {
  name: "chips"
  indicator { name: "a" expression: "exports_usd +" unit: "USD" }
})");
  Load();
  EXPECT_EQ(Load().indicators.at("a").expression, "exports_usd");
}

TEST_F(LastGoodTest, WhatNeverWasValidIsDisabled) {
  Write(R"(pipeline {
  name: "chips"
  indicator { name: "a" expression: "exports_usd +" unit: "USD" }
})");
  Load();
  const Definitions definitions = Load();
  EXPECT_THAT(definitions.expressions, IsEmpty());
  EXPECT_THAT(definitions.indicators.at("a").errors, Not(IsEmpty()));
  EXPECT_FALSE(definitions.errors[0].is_kept);
}

TEST_F(LastGoodTest, WhatWasTakenOutDoesNotComeBack) {
  Write(kGood);
  Load();
  Write(R"(pipeline { name: "chips" })");
  Load();
  Write("pipeline { name: ");
  EXPECT_THAT(Load().indicators, IsEmpty());
}

}  // namespace
}  // namespace headway::pipeline
