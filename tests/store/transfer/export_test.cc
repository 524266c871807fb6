// Series leave the store as text that other programs read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "daemon/series/selector.h"
#include "tests/store/transfer/fixture.h"

namespace headway::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class ExportTest : public TransferTest {
 protected:
  void SetUp() override {
    TransferTest::SetUp();
    info_.unit = series::Unit::Parse("USD").value();
    info_.title = "Exports";
    info_.source_name = "Bureau";
    Batch batch;
    batch.provenance = {.source = "census",
                        .plugin = "p",
                        .plugin_version = "1",
                        .plugin_hash = "abc",
                        .run = "runs/1"};
    batch.updates = {
        Update(info_, "2024-02-01", {{"2023-12", 0.1}, {"2024-01", -0.0}}),
        Update(info_, "2024-03-01", {{"2024-01", 5e-324}}, {"2023-12"})};
    batch.updates[0].statuses = {series::ObservationStatus::kProvisional,
                                 series::ObservationStatus::kFinal};
    batch.updates[1].statuses = {series::ObservationStatus::kPartial};
    Commit(batch);
  }

  std::vector<std::string> Lines(const ExportOptions& options) {
    std::vector<std::string> lines =
        absl::StrSplit(Export(*store_, options), '\n');
    EXPECT_EQ(lines.back(), "") << "the last line ends in a line feed";
    lines.pop_back();
    return lines;
  }

  series::SeriesInfo info_ =
      MonthlySeries("exports_usd", {{"to", "CHN"}, {"hs", "8542"}});
};

TEST_F(ExportTest, CsvIsOneRowAnObservationOfAVintage) {
  const std::string labels = R"("{""hs"":""8542"",""to"":""CHN""}")";
  const std::string head = "exports_usd," + labels + ",monthly,USD,";
  const std::string recorded = ",2024-01-01T00:00:00Z,,";
  const std::string tail =
      recorded + "census,p,1,abc,runs/1,Exports,,native,,Bureau";
  EXPECT_THAT(
      Lines({.format = TransferFormat::kCsv}),
      ElementsAre(
          "metric,labels,frequency,unit,period,value,withdrawn,restated,"
          "status,known_at,recorded_at,covers,source,plugin,plugin_version,"
          "plugin_hash,run,title,description,vintage_kind,release_lag,"
          "source_name",
          head + "2023-12,0.1,false,false,provisional,2024-02-01T00:00:00Z" +
              tail,
          head + "2024-01,-0.0,false,false,,2024-02-01T00:00:00Z" + tail,
          head + "2023-12,,true,false,,2024-03-01T00:00:00Z" + tail,
          head + "2024-01,5e-324,false,false,partial,2024-03-01T00:00:00Z" +
              tail));
}

TEST_F(ExportTest, NdjsonIsOneObjectASeriesFollowedByOneAVintage) {
  using nlohmann::json;
  const std::vector<std::string> lines =
      Lines({.format = TransferFormat::kNdjson});
  ASSERT_THAT(lines, SizeIs(3));
  const json key = {{"metric", "exports_usd"},
                    {"labels", {{"hs", "8542"}, {"to", "CHN"}}},
                    {"frequency", "monthly"}};
  json series = key;
  series.update({{"type", "series"},
                 {"unit", "USD"},
                 {"title", "Exports"},
                 {"description", ""},
                 {"vintage_kind", "native"},
                 {"release_lag", ""},
                 {"source_name", "Bureau"}});
  EXPECT_EQ(json::parse(lines[0]), series);
  json vintage = key;
  vintage.update({{"type", "vintage"},
                  {"known_at", "2024-03-01T00:00:00Z"},
                  {"recorded_at", "2024-01-01T00:00:00Z"},
                  {"periods", {"2024-01"}},
                  {"values", {5e-324}},
                  {"statuses", {"partial"}},
                  {"withdrawn", {"2023-12"}},
                  {"source", "census"},
                  {"plugin", "p"},
                  {"plugin_version", "1"},
                  {"plugin_hash", "abc"},
                  {"run", "runs/1"}});
  EXPECT_EQ(json::parse(lines[2]), vintage);
}

TEST_F(ExportTest, AsOfLeavesOutWhatWasNotKnown) {
  Commit({Update(MonthlySeries("later"), "2024-05-01", {{"2024-01", 1}})});
  ExportOptions options;
  options.as_of = At("2024-02-01");
  for (TransferFormat format :
       {TransferFormat::kCsv, TransferFormat::kNdjson}) {
    options.format = format;
    const std::string text = Export(*store_, options);
    EXPECT_THAT(text, HasSubstr("2024-02-01T"));
    EXPECT_THAT(text, Not(HasSubstr("2024-03-01T")));
    EXPECT_THAT(text, Not(HasSubstr("later")));
  }
}

TEST_F(ExportTest, ASelectorChoosesTheSeries) {
  Commit({Update(MonthlySeries("other"), "2024-05-01", {{"2024-01", 1}})});
  ExportOptions options;
  options.selector = series::ParseSelector("other").value();
  const std::vector<std::string> lines = Lines(options);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_THAT(lines[1], HasSubstr("other,{},monthly,1,2024-01,1,"));
}

TEST_F(ExportTest, MoreSeriesThanAPageComeInTheOrderOfTheirKeys) {
  std::vector<VintageUpdate> updates;
  for (int i = 0; i < 600; ++i) {
    updates.push_back(Update(MonthlySeries("many", {{"n", absl::StrCat(i)}}),
                             "2024-01-01", {{"2023-12", i}}));
  }
  Commit(std::move(updates));
  ExportOptions options{.format = TransferFormat::kNdjson};
  options.selector = series::ParseSelector("many").value();
  std::vector<std::string> keys;
  for (const std::string& line : Lines(options)) {
    const auto object = nlohmann::json::parse(line);
    if (object["type"] == "series") keys.push_back(object["labels"]["n"]);
  }
  EXPECT_THAT(keys, SizeIs(600));
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
}

TEST_F(ExportTest, AnExportSeesNothingThatIsCommittedMeanwhile) {
  const auto reader = store_->NewReader();
  Exporter exporter(reader.get(), {});
  Commit({Update(info_, "2024-04-01", {{"2024-03", 7}})});
  EXPECT_THAT(*exporter.Next(), Not(HasSubstr("2024-04-01T")));
  EXPECT_THAT(*exporter.Next(), IsEmpty());
}

TEST_F(ExportTest, RowsThatAnOlderVintageMadeNoNewsAreMarked) {
  const series::SeriesInfo info = MonthlySeries("late");
  Commit({Update(info, "2024-03-01", {{"2024-01", 1}})});
  Commit({Update(info, "2024-02-01", {{"2024-01", 1}})});
  ExportOptions options;
  options.selector = series::ParseSelector("late").value();
  const std::vector<std::string> lines = Lines(options);
  EXPECT_THAT(lines[1], HasSubstr("1,false,false,,2024-02-01"));
  EXPECT_THAT(lines[2], HasSubstr("1,false,true,,2024-03-01"));
}

// Another program's reader: cells with every special character, values to the
// bit.
TEST_F(ExportTest, PythonReadsTheCsv) {
  series::SeriesInfo info = MonthlySeries("odd", {{"k", "a,\"b\" ü"}});
  info.title = "one, \"two\"\nthree";
  Commit({Update(
      info, "2024-02-01",
      {{"2024-01", 1.0 / 3}, {"2024-02", 5e-324}, {"2024-03", 1e300}})});
  ExportOptions options;
  options.selector = series::ParseSelector("odd").value();
  const std::string path = directory_.path() + "/odd.csv";
  std::ofstream(path) << Export(*store_, options);
  const std::string program = R"PY(
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))
assert [float(r["value"]) for r in rows] == [1 / 3, 5e-324, 1e300], rows
assert all(json.loads(r["labels"]) == {"k": 'a,"b" ü'} for r in rows), rows
assert all(r["title"] == 'one, "two"\nthree' for r in rows), rows
)PY";
  const std::string script = directory_.path() + "/read.py";
  std::ofstream(script) << program;
  EXPECT_EQ(std::system(("python3 " + script + " " + path).c_str()), 0);
}

}  // namespace
}  // namespace headway::store
