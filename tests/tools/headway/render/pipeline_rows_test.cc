#include "tools/headway/render/pipeline_rows.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace headway::cli {
namespace {

using ::testing::HasSubstr;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

TEST(RunTableTest, ShowsTheErrorOfTheFirstStepThatFailed) {
  v1::ListRunsResponse response;
  *response.add_runs() = Parse<v1::Run>(R"(
    name: "pipelines/a/runs/1" state: FAILED
    steps { kind: PULL subject: "census" state: SUCCEEDED }
    steps { kind: DERIVE subject: "exports" state: FAILED error: "no series" }
    steps { kind: DERIVE subject: "imports" state: FAILED error: "x" })");
  EXPECT_THAT(RunTable(response.runs()).ToCsv(),
              HasSubstr("derive exports: no series"));
}

TEST(WhatIsWrongTest, PutsTheRunsOwnErrorFirstAndAWaitLast) {
  EXPECT_EQ(WhatIsWrong(Parse<v1::Run>(R"(
    error: "the disk is full"
    steps { kind: PULL subject: "census" state: FAILED error: "x" })")),
            "the disk is full");
  EXPECT_EQ(WhatIsWrong(Parse<v1::Run>(R"(
    steps { kind: PULL subject: "census" state: WAITING
            message: "attempt 1 of 3 failed" })")),
            "pull census: attempt 1 of 3 failed");
  EXPECT_EQ(WhatIsWrong(v1::Run()), "");
}

TEST(PipelineErrorsTest, NamesWhatFailsAndSinceWhen) {
  v1::ListPipelinesResponse response;
  *response.add_pipelines() = Parse<v1::Pipeline>(R"(
    name: "pipelines/chips"
    failures { kind: PULL subject: "census" since { seconds: 1790000000 }
               error: "no such dataset" })");
  EXPECT_EQ(PipelineErrors(response.pipelines()),
            "! chips: pull census has failed since 2026-09-21 14:13 UTC: no "
            "such dataset\n");
}

}  // namespace
}  // namespace headway::cli
