// AdminService.ExportSeries and ImportSeries over a real channel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/service/admin/transfer.h"
#include "tests/support/server_fixture.h"

namespace headway::service {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr absl::string_view kHeader =
    "metric,labels,unit,period,value,known_at\n";

class SeriesTransferTest : public ServerTest {
 protected:
  grpc::Status Export(const v1::ExportSeriesRequest& request, std::string* text,
                      v1::TransferCounts* counts) {
    grpc::ClientContext context;
    const auto stream = admin_->ExportSeries(&context, request);
    v1::ExportSeriesResponse part;
    while (stream->Read(&part)) {
      *text += part.text();
      if (part.has_counts()) *counts = part.counts();
    }
    return stream->Finish();
  }

  // Sends the text in pieces, and the end of it.
  grpc::Status Import(v1::TransferFormat format, absl::string_view text,
                      size_t piece, v1::ImportSeriesResponse* response) {
    grpc::ClientContext context;
    const auto stream = admin_->ImportSeries(&context, response);
    v1::ImportSeriesRequest request;
    request.set_format(format);
    request.set_name("history.csv");
    bool open = stream->Write(request);
    request.Clear();
    while (open && !text.empty()) {
      request.set_text(std::string(text.substr(0, piece)));
      text.remove_prefix(request.text().size());
      open = stream->Write(request);
    }
    if (open) stream->WritesDone();
    return stream->Finish();
  }

  size_t CountSeries() {
    return store_->NewReader()->SelectSeries({}).value().size();
  }
};

TEST_F(SeriesTransferTest, WhatIsExportedIsImportedAsNoNews) {
  Write("cargo_tonnes", "A", {{"2025-01", 0.1}, {"2025-02", 2}}, "2025-03-01");
  Write("cargo_tonnes", "A", {{"2025-01", 1.5}}, "2025-04-01");
  for (v1::TransferFormat format : {v1::CSV, v1::NDJSON}) {
    v1::ExportSeriesRequest request;
    request.set_format(format);
    std::string text;
    v1::TransferCounts counts;
    ASSERT_TRUE(Export(request, &text, &counts).ok());
    EXPECT_EQ(counts.series(), 1);
    EXPECT_EQ(counts.vintages(), 2);
    EXPECT_EQ(counts.observations(), 3);
    v1::ImportSeriesResponse response;
    const grpc::Status status = Import(format, text, 7, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.counts().observations(), 3);
    EXPECT_EQ(response.changed_observations(), 0);
  }
}

TEST_F(SeriesTransferTest, AnExportOfManyPiecesIsWhole) {
  // Some megabytes, so that there are several messages.
  std::string text(kHeader);
  for (int series = 0; series < 60; ++series) {
    for (int year = 1800; year < 2000; ++year) {
      absl::StrAppend(&text, "m,\"{\"\"n\"\":\"\"", series, "\"\"}\",1,", year,
                      ",", year + series / 7.0, ",2025-01-01T00:00:00Z\n");
    }
  }
  v1::ImportSeriesResponse response;
  ASSERT_TRUE(Import(v1::CSV, text, 100000, &response).ok());
  EXPECT_EQ(response.changed_observations(), 12000);
  v1::ExportSeriesRequest request;
  request.set_format(v1::CSV);
  std::string exported;
  v1::TransferCounts counts;
  ASSERT_TRUE(Export(request, &exported, &counts).ok());
  EXPECT_EQ(counts.observations(), 12000);
  EXPECT_GT(exported.size(), size_t{1} << 20);
  EXPECT_EQ(std::count(exported.begin(), exported.end(), '\n'), 12001);
  ASSERT_TRUE(Import(v1::CSV, exported, 100000, &response).ok());
  EXPECT_EQ(response.changed_observations(), 0);
}

TEST_F(SeriesTransferTest, AFilterAndAsOfChooseWhatIsExported) {
  Write("cargo_tonnes", "A", {{"2025-01", 1}}, "2025-03-01");
  Write("cargo_tonnes", "A", {{"2025-01", 2}}, "2025-04-01");
  Write("cargo_tonnes", "B", {{"2025-01", 3}}, "2025-03-01");
  v1::ExportSeriesRequest request;
  request.set_format(v1::NDJSON);
  request.set_filter("cargo_tonnes{port=\"A\"}");
  *request.mutable_as_of() = Midnight("2025-03-15");
  std::string text;
  v1::TransferCounts counts;
  ASSERT_TRUE(Export(request, &text, &counts).ok());
  EXPECT_THAT(text, AllOf(HasSubstr("[1]"), Not(HasSubstr("[2]")),
                          Not(HasSubstr("[3]"))));
}

TEST_F(SeriesTransferTest, AStalledExportLetsGoOfItsStateWhenACommitComes) {
  Write("cargo_tonnes", "A", {{"2025-01", 1}}, "2025-03-01");
  v1::ExportSeriesRequest request;
  request.set_format(v1::CSV);
  const Parts parts = {
      .clock = &clock_, .store = store_.get(), .pipelines = manager_.get()};
  const auto exported =
      SeriesExport::Create(parts, {.is_operator = true}, request);
  ASSERT_TRUE(exported.ok()) << exported.status();
  ASSERT_TRUE((*exported)->Next().ok());
  Write("cargo_tonnes", "A", {{"2025-01", 2}}, "2025-04-01");
  clock_.Advance(SeriesExport::kPatience + absl::Seconds(1));
  // Nothing is held back before there is a commit.
  const auto counts = (*exported)->Next();
  ASSERT_TRUE(counts.ok()) << counts.status();
  EXPECT_EQ(counts->message->counts().observations(), 1);
  clock_.Advance(SeriesExport::kPatience + absl::Seconds(1));
  Write("cargo_tonnes", "A", {{"2025-01", 3}}, "2025-05-01");
  const absl::Status let_go = (*exported)->Next().status();
  EXPECT_EQ(let_go.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(let_go.message()),
              HasSubstr("nothing was taken of the export for 5m"));
}

TEST_F(SeriesTransferTest, AnImportWakesWhoWatches) {
  std::atomic<int> commits = 0;
  const auto subscription =
      store_->Subscribe([&](const store::CommitNotice& commit) {
        if (commit.kind == store::CommitKind::kSeries) ++commits;
      });
  v1::ImportSeriesResponse response;
  ASSERT_TRUE(
      Import(v1::CSV,
             absl::StrCat(kHeader, "m,{},1,2024-01,5,2025-01-01T00:00:00Z\n"),
             1000, &response)
          .ok());
  EXPECT_EQ(commits, 1);
  EXPECT_EQ(response.commits(), 1);
}

TEST_F(SeriesTransferTest, ABadLineIsNamedAndNothingOfItIsStored) {
  v1::ImportSeriesResponse response;
  const grpc::Status status = Import(
      v1::CSV,
      absl::StrCat(kHeader, "m,{},1,2024-01,five,2025-01-01T00:00:00Z\n"), 1000,
      &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(),
              StartsWith("history.csv:2: column value: \"five\" is not"));
  EXPECT_EQ(CountSeries(), 0u);
}

TEST_F(SeriesTransferTest, WhatCannotHaveBeenKnownYetIsRefused) {
  v1::ImportSeriesResponse response;
  const grpc::Status status = Import(
      v1::CSV, absl::StrCat(kHeader, "m,{},1,2024-01,5,2025-06-16T00:00:00Z\n"),
      1000, &response);
  EXPECT_THAT(status.error_message(), HasSubstr("lies in the future"));
}

TEST_F(SeriesTransferTest, ACancelledImportStoresNothingMore) {
  grpc::ClientContext context;
  v1::ImportSeriesResponse response;
  const auto stream = admin_->ImportSeries(&context, &response);
  v1::ImportSeriesRequest request;
  request.set_format(v1::CSV);
  request.set_text(
      absl::StrCat(kHeader, "m,{},1,2024-01,5,2025-01-01T00:00:00Z\n"));
  ASSERT_TRUE(stream->Write(request));
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  // Waits for the calls under way.
  server_.reset();
  EXPECT_EQ(CountSeries(), 0u);
}

TEST_F(SeriesTransferTest, AFormatIsNeeded) {
  std::string text;
  v1::TransferCounts counts;
  EXPECT_THAT(ViolationOf(Export({}, &text, &counts)),
              StartsWith("format: is neither CSV nor NDJSON"));
  v1::ImportSeriesResponse response;
  EXPECT_THAT(
      ViolationOf(Import(v1::TRANSFER_FORMAT_UNSPECIFIED, "", 1, &response)),
      StartsWith("format: is neither CSV nor NDJSON"));
}

}  // namespace
}  // namespace headway::service
