// Text comes back as the history that it tells, or is refused by its line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/store/transfer/fixture.h"
#include "tests/support/random_seed.h"
#include "tests/support/temp_directory.h"

namespace headway::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class RoundTripTest : public TransferTest,
                      public testing::WithParamInterface<TransferFormat> {
 protected:
  void FillFrom(RandomHistory* history, int batches) {
    for (int i = 0; i < batches; ++i) Commit(history->NextBatch());
  }
};

TEST_P(RoundTripTest, EveryHistoryComesBackAndTakesBackDatedVintagesAlike) {
  RandomHistory history(TestSeed());
  FillFrom(&history, 300);
  ImportOptions options;
  options.batch_observations = 50;
  const ImportResult result =
      ImportInto(copy_.get(), GetParam(), Export(*store_, GetParam()), options);
  EXPECT_EQ(result.changed_observations, result.observations);
  ASSERT_NO_FATAL_FAILURE(ExpectSameAnswers());

  for (int i = 0; i < 100; ++i) {
    const Batch batch = history.NextBatch();
    const CommitResult a = Commit(batch);
    const absl::StatusOr<CommitResult> b = copy_->Commit(batch);
    ASSERT_TRUE(b.ok()) << b.status();
    ASSERT_EQ(a.changed_observations, b->changed_observations);
  }
  ExpectSameAnswers();
}

TEST_P(RoundTripTest, ImportingTwiceChangesNothing) {
  RandomHistory history(TestSeed());
  FillFrom(&history, 60);
  const std::string text = Export(*store_, GetParam());
  ImportInto(copy_.get(), GetParam(), text);
  const std::string once = Export(*copy_, GetParam());
  EXPECT_EQ(ImportInto(copy_.get(), GetParam(), text).changed_observations, 0);
  EXPECT_EQ(Export(*copy_, GetParam()), once);
}

TEST_P(RoundTripTest, AnInterruptedImportIsRunAgain) {
  RandomHistory history(TestSeed());
  FillFrom(&history, 100);
  const std::string text = Export(*store_, GetParam());
  {
    ImportOptions options;
    options.batch_observations = 20;
    Importer importer(copy_.get(), GetParam(), options);
    ASSERT_TRUE(importer.Add(text.substr(0, text.size() * 2 / 3)).ok());
  }
  EXPECT_GT(copy_->last_commit(), 0u);
  ImportInto(copy_.get(), GetParam(), text);
  ExpectSameAnswers();
}

TEST_P(RoundTripTest, TextInPiecesOfAnySizeIsTheSame) {
  RandomHistory history(TestSeed());
  FillFrom(&history, 20);
  const std::string text = Export(*store_, GetParam());
  Importer importer(copy_.get(), GetParam(), {});
  for (size_t at = 0; at < text.size();) {
    const size_t size = 1 + history.Random(50);
    ASSERT_TRUE(importer.Add(absl::string_view(text).substr(at, size)).ok());
    at += size;
  }
  ASSERT_TRUE(importer.Finish().ok());
  ExpectSameAnswers();
}

INSTANTIATE_TEST_SUITE_P(Formats, RoundTripTest,
                         testing::Values(TransferFormat::kCsv,
                                         TransferFormat::kNdjson),
                         [](const auto& info) {
                           return info.param == TransferFormat::kCsv ? "Csv"
                                                                     : "Ndjson";
                         });

std::string ErrorOfImport(Store* store, TransferFormat format,
                          absl::string_view text) {
  ImportOptions options;
  options.name = "f";
  options.now = At("2024-06-01");
  const auto result = Import(store, format, text, std::move(options));
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument)
      << result.status();
  return std::string(result.status().message());
}

size_t SeriesIn(const Store& store) {
  return store.NewReader()->SelectSeries({}).value().size();
}

class ImportTest : public TransferTest {
 protected:
  std::string ErrorOf(TransferFormat format, absl::string_view text) {
    return ErrorOfImport(store_.get(), format, text);
  }

  const series::SeriesInfo info_ = MonthlySeries("m", {{"a", "x"}});
};

TEST_F(ImportTest, ACsvWrittenByHandNeedsFewColumns) {
  const ImportResult result = ImportInto(store_.get(), TransferFormat::kCsv,
                                         "\xEF\xBB\xBF"
                                         "metric,labels,unit,known_at,period,"
                                         "value,withdrawn\r\n"
                                         "m,\"{\"\"a\"\":\"\"x\"\"}\",USD,"
                                         "2024-02-01T00:00:00Z,2024-01,1.5,\r\n"
                                         "m,\"{\"\"a\"\":\"\"x\"\"}\",USD,"
                                         "2024-03-01T00:00:00+01:00,2024-01,,"
                                         "true\r\n");
  EXPECT_EQ(result.series, 1);
  EXPECT_EQ(result.vintages, 2);
  EXPECT_EQ(result.changed_observations, 2);
  EXPECT_EQ(ReadAsOf(info_, "2024-02-01"), (Values{{"2024-01", 1.5}}));
  EXPECT_THAT(Read(info_), IsEmpty());
  const auto vintages = store_->NewReader()->ListVintages(Find(info_));
  EXPECT_EQ((*vintages)[1].known_at, At("2024-03-01") - absl::Hours(1));
}

TEST_F(ImportTest, ADateIsTheEndOfThatDay) {
  ImportInto(store_.get(), TransferFormat::kCsv,
             "metric,unit,known_at,period,value\n"
             "m,1,2024-02-01,2024-01,2\n");
  const auto vintages =
      store_->NewReader()->ListVintages(Find(MonthlySeries("m")));
  ASSERT_THAT(*vintages, SizeIs(1));
  EXPECT_EQ((*vintages)[0].known_at, At("2024-02-02") - absl::Microseconds(1));
}

TEST_F(ImportTest, WholeVintagesAreStoredAsWhatTheyChange) {
  ImportInto(store_.get(), TransferFormat::kCsv,
             "metric,unit,known_at,period,value\n"
             "m,1,2024-02-01T00:00:00Z,2023-12,1\n"
             "m,1,2024-02-01T00:00:00Z,2024-01,2\n"
             "m,1,2024-03-01T00:00:00Z,2023-12,1\n"
             "m,1,2024-03-01T00:00:00Z,2024-01,3\n");
  const auto vintages =
      store_->NewReader()->ListVintages(Find(MonthlySeries("m")));
  ASSERT_THAT(*vintages, SizeIs(2));
  EXPECT_THAT((*vintages)[1].values, testing::ElementsAre(3));
}

TEST_F(ImportTest, WhatTheTextDoesNotTellOfASeriesStaysAsItIs) {
  series::SeriesInfo info = info_;
  info.unit = series::Unit::Parse("USD").value();
  info.title = "A title";
  info.description = "old";
  Commit({Update(info, "2024-01-01", {{"2023-12", 1}})});
  ImportInto(store_.get(), TransferFormat::kNdjson,
             R"({"type":"series","metric":"m","labels":{"a":"x"},)"
             R"("frequency":"monthly","description":"new"})"
             "\n");
  info.description = "new";
  EXPECT_EQ(store_->NewReader()->FindSeries(info.key)->info, info);
}

TEST_F(ImportTest, ASeriesWithoutVintagesComesBack) {
  Commit({Update(info_, "2024-01-01", {})});
  ImportInto(copy_.get(), TransferFormat::kNdjson,
             Export(*store_, TransferFormat::kNdjson));
  EXPECT_EQ(copy_->NewReader()->FindSeries(info_.key)->info, info_);
}

TEST_F(ImportTest, RecordedAtIsGivenByTheStore) {
  Commit({Update(info_, "2024-01-01", {{"2023-12", 1}})});
  const std::string text = Export(*store_, TransferFormat::kCsv);
  clock_.AdvanceTo(At("2024-08-01"));
  ImportInto(copy_.get(), TransferFormat::kCsv, text);
  const auto reader = copy_->NewReader();
  const SeriesId id = reader->FindSeries(info_.key)->id;
  EXPECT_EQ(reader->ListVintages(id)->front().recorded_at, At("2024-08-01"));
}

TEST_F(ImportTest, VintagesOfOneRunAreOneCommitAcrossSeries) {
  for (int run = 1; run <= 3; ++run) {
    Batch batch;
    batch.provenance.run = absl::StrCat("runs/", run);
    for (int i = 0; i < 20; ++i) {
      batch.updates.push_back(
          Update(MonthlySeries("m", {{"n", absl::StrCat(i)}}),
                 absl::StrCat("2024-0", run, "-01"), {{"2023-12", run}}));
    }
    Commit(batch);
  }
  const ImportResult result =
      ImportInto(copy_.get(), TransferFormat::kNdjson,
                 Export(*store_, TransferFormat::kNdjson));
  EXPECT_EQ(result.observations, 60);
  EXPECT_EQ(result.commits, 3);
}

TEST_F(ImportTest, AnErrorSaysWhatIsStoredAndComesAgain) {
  ImportOptions options;
  options.name = "f";
  options.batch_observations = 1;
  Importer importer(store_.get(), TransferFormat::kCsv, options);
  const absl::Status status = importer.Add(
      "metric,unit,known_at,period,value\n"
      "m,1,2024-02-01T00:00:00Z,2023-12,1\n"
      "m,1,2024-03-01T00:00:00Z,2023-12,2\n"
      "m,1,2024-04-01T00:00:00Z,2023-12,abc\n"
      "n,1,2024-04-01T00:00:00Z,2023-12,4\n");
  EXPECT_THAT(std::string(status.message()),
              AllOf(StartsWith("f:4: column value: \"abc\" is not"),
                    HasSubstr("2 observations are stored, in 2 commits")));
  EXPECT_EQ(importer.Add(""), status);
  EXPECT_EQ(importer.Finish().status(), status);
  EXPECT_EQ(SeriesIn(*store_), 1u);
}

struct BadLine {
  std::string name;
  // What of a good line is replaced, and by what.
  std::string from;
  std::string to;
  std::string error;
};

void PrintTo(const BadLine& bad, std::ostream* out) { *out << bad.name; }

std::string NameOf(const testing::TestParamInfo<BadLine>& info) {
  return info.param.name;
}

// One store for all of them: none is to leave anything in it.
class BadLineTest : public testing::TestWithParam<BadLine> {
 protected:
  static void SetUpTestSuite() {
    directory_ = new TempDirectory();
    clock_ = new SimulatedClock(At("2024-01-01"));
    store_ = Store::Open(directory_->path(), clock_, {}).value().release();
  }
  static void TearDownTestSuite() {
    delete std::exchange(store_, nullptr);
    delete std::exchange(clock_, nullptr);
    delete std::exchange(directory_, nullptr);
  }

  static std::string ErrorOf(TransferFormat format, absl::string_view good) {
    const BadLine& bad = GetParam();
    const std::string text = absl::StrReplaceAll(good, {{bad.from, bad.to}});
    EXPECT_NE(text, good);
    return ErrorOfImport(store_, format, text);
  }

  static TempDirectory* directory_;
  static SimulatedClock* clock_;
  static Store* store_;
};

TempDirectory* BadLineTest::directory_ = nullptr;
SimulatedClock* BadLineTest::clock_ = nullptr;
Store* BadLineTest::store_ = nullptr;

class BadCsvTest : public BadLineTest {};

constexpr absl::string_view kGoodCsv =
    "metric,labels,frequency,unit,period,value,withdrawn,restated,status,"
    "known_at,recorded_at,covers,vintage_kind,release_lag,title,run\n"
    "m,\"{\"\"a\"\":\"\"x\"\"}\",monthly,USD,2023-12,1.5,false,false,"
    "estimated,2024-02-01T00:00:00Z,2024-03-01T00:00:00Z,2023-11/"
    "2024-01,assumed,840h,"
    "T,r1\n";

TEST_F(ImportTest, TheLinesThatTheBadOnesAreMadeOfAreGood) {
  ImportInto(store_.get(), TransferFormat::kCsv, kGoodCsv);
  EXPECT_EQ(Read(info_), (Values{{"2023-12", 1.5}}));
}

TEST_F(ImportTest, TakesWhatPandasWritesBack) {
  const std::string text = absl::StrReplaceAll(
      kGoodCsv, {{"2024-02-01T00:00:00Z", "2024-02-01 00:00:00+00:00"},
                 {"2024-03-01T00:00:00Z", "2024-03-01 00:00:00.25+00:00"},
                 {",false,false", ",False,False"}});
  ImportInto(store_.get(), TransferFormat::kCsv, text);
  EXPECT_EQ(Read(info_), (Values{{"2023-12", 1.5}}));
}

TEST_F(ImportTest, TakesADateForItsFirstInstant) {
  ImportInto(
      store_.get(), TransferFormat::kCsv,
      absl::StrReplaceAll(kGoodCsv, {{"2024-02-01T00:00:00Z", "2024-02-01"}}));
  EXPECT_EQ(Read(info_), (Values{{"2023-12", 1.5}}));
}

TEST_F(ImportTest, TakesTheApostropheOffATitleThatASpreadsheetWouldRun) {
  ImportInto(store_.get(), TransferFormat::kCsv,
             absl::StrReplaceAll(kGoodCsv, {{"T,r1", "'=1,r1"}}));
  EXPECT_EQ(store_->NewReader()->FindSeries(info_.key)->info.title, "=1");
}

TEST_P(BadCsvTest, IsRefusedByLineAndColumn) {
  EXPECT_THAT(ErrorOf(TransferFormat::kCsv, kGoodCsv),
              StartsWith(GetParam().error));
  EXPECT_EQ(SeriesIn(*store_), 0u) << "nothing half valid is stored";
}

INSTANTIATE_TEST_SUITE_P(
    Lines, BadCsvTest,
    testing::Values(
        BadLine{"UnknownColumn", ",title,", ",titel,",
                "f:1: column \"titel\" is not known; did you mean \"title\"?"},
        BadLine{"ColumnTwice", ",run\n", ",unit\n",
                "f:1: column unit is there twice"},
        BadLine{"NoValueColumn", "value,withdrawn", "plugin,withdrawn",
                "f:1: there is no column value; there are metric, labels,"},
        BadLine{"CellMissing", ",r1\n", "\n",
                "f:2: the row has 15 cells, the header 16"},
        BadLine{"Status", "estimated", "guessed",
                "f:2: column status: \"guessed\" is no status of an "
                "observation; write final, provisional, partial, estimated, "
                "break"},
        BadLine{"StatusOfAWithdrawal", "1.5,false", ",true",
                "f:2: column status: \"estimated\" stands in a row that is "
                "withdrawn"},
        BadLine{"Metric", "m,\"", "1m,\"", "f:2: column metric: metric \"1m\""},
        BadLine{"LabelsNoJson", "\"{\"\"a\"\":\"\"x\"\"}\"", "a=x",
                "f:2: column labels: column 1: it is no JSON at \"a\""},
        BadLine{"LabelNumber", "\"\"x\"\"", "1",
                "f:2: column labels: member \"a\": a number is not taken"},
        BadLine{"LabelTwice", "\"\"x\"\"", "\"\"x\"\",\"\"a\"\":\"\"y\"\"",
                "f:2: column labels: member \"a\": it is there twice"},
        BadLine{"LabelName", "{\"\"a", "{\"\"a b",
                "f:2: column labels: label name \"a b\""},
        BadLine{"Frequency", "monthly", "mounthly", "f:2: column frequency: "},
        BadLine{"Unit", ",USD,", ",U$D,", "f:2: column unit: unit \"U$D\""},
        BadLine{"NewSeriesWithoutUnit", "frequency,unit", "frequency,plugin",
                "f:2: m{a=\"x\"} is new and has no unit"},
        BadLine{"Period", ",2023-12,", ",2023-13,", "f:2: column period: "},
        BadLine{"PeriodOfAnotherFrequency", ",2023-12,", ",2023-Q4,",
                "f:2: column period: "},
        BadLine{"PeriodFarAhead", ",2023-12,", ",2075-01,",
                "f:2: period 2075-01 lies more than 50 years ahead"},
        BadLine{"Value", ",1.5,", ",1.5x,",
                "f:2: column value: \"1.5x\" is not a finite number"},
        BadLine{"ValueEmpty", ",1.5,", ",,",
                "f:2: column value: \"\" is not a finite number"},
        BadLine{"ValueInfinite", ",1.5,", ",inf,",
                "f:2: column value: \"inf\" is not a finite number"},
        BadLine{"ValueTooLarge", ",1.5,", ",1e999,",
                "f:2: column value: \"1e999\" lies beyond what a double"},
        BadLine{"ValueWithdrawn", ",false,false", ",true,false",
                "f:2: column value: \"1.5\" stands in a row that is withdrawn"},
        BadLine{"Withdrawn", ",false,false", ",no,false",
                "f:2: column withdrawn: \"no\" is neither true nor false"},
        BadLine{"Restated", ",false,false", ",false,1",
                "f:2: column restated: \"1\" is neither true nor false"},
        BadLine{"KnownAt", "2024-02-01T00:00:00Z", "2024-02",
                "f:2: column known_at: \"2024-02\" is neither an instant"},
        BadLine{"KnownAtTooFine", "2024-02-01T00:00:00Z",
                "2024-02-01T00:00:00.1234567Z",
                "f:2: column known_at: \"2024-02-01T00:00:00.1234567Z\" is "
                "finer than a microsecond"},
        BadLine{"KnownAtBeforeAllTime", "2024-02-01T00:00:00Z",
                "1599-02-01T00:00:00Z", "f:2: known_at 1599-02-01"},
        BadLine{"KnownAtInTheFuture", "2024-02-01T00:00:00Z",
                "2024-07-01T00:00:00Z",
                "f:2: known_at 2024-07-01T00:00:00Z lies in the future"},
        BadLine{"RecordedAt", "2024-03-01T00:00:00Z", "infinite-past",
                "f:2: column recorded_at: \"infinite-past\" is neither an "
                "instant"},
        BadLine{"Covers", "2023-11/2024-01", "2023-11",
                "f:2: column covers: \"2023-11\" covers nothing"},
        BadLine{"CoversBackwards", "2023-11/2024-01", "2023-11/2023-01",
                "f:2: column covers: \"2023-11/2023-01\": the first period "
                "comes after"},
        BadLine{"VintageKind", ",assumed,", ",asumed,",
                "f:2: column vintage_kind: \"asumed\" is no kind of vintages; "
                "use native, observed or assumed; did you mean \"assumed\"?"},
        BadLine{"ReleaseLag", ",840h,", ",-840h,",
                "f:2: column release_lag: \"-840h\" is not a time from 0"},
        BadLine{"QuoteWithinACell", ",T,", ",T\"\"T,", "f:2: cell 15: "},
        BadLine{"TextAfterAQuote", ",T,", ",\"T\"T,",
                "f:2: cell 15: text follows its closing quote"},
        BadLine{"QuoteNotClosed", ",T,", ",\"T,",
                "f:2: a quoted cell is not closed"},
        BadLine{"NotUtf8", ",T,", ",\xFF,", "f:2: the line is not UTF-8"},
        BadLine{"TextTooLong", ",T,", "," + std::string(5000, 'T') + ",",
                "f:2: column title: \"TTT"},
        BadLine{"LineTooLong", ",T,", "," + std::string(300000, 'T') + ",",
                "f:2: the line is longer than 262144 bytes"},
        BadLine{"NoLineFeedAtTheEnd", "r1\n", "r1",
                "f:2: the last line does not end in a line feed"}),
    NameOf);

TEST_F(ImportTest, RowsOfOneVintageMustAgree) {
  auto csv = [](absl::string_view rows) {
    return absl::StrCat("metric,unit,known_at,period,value,title,run\n", rows);
  };
  const std::string first = "m,1,2024-02-01T00:00:00Z,2023-12,1,T,r\n";
  EXPECT_THAT(
      ErrorOf(TransferFormat::kCsv,
              csv(first + "m,1,2024-02-01T00:00:00Z,2024-01,1,U,r\n")),
      StartsWith("f:3: unit, title, description, vintage_kind, release_lag or "
                 "source_name of m{} is not that of line 2"));
  EXPECT_THAT(
      ErrorOf(TransferFormat::kCsv,
              csv(first + "m,1,2024-02-01T00:00:00Z,2024-01,1,T,s\n")),
      StartsWith("f:3: recorded_at, covers or provenance is not that of "
                 "line 2"));
  EXPECT_THAT(ErrorOf(TransferFormat::kCsv,
                      csv(first + "m,1,2024-02-01T00:00:00Z,2023-12,2,T,r\n")),
              StartsWith("f:3: column period: 2023-12 comes after 2023-12"));
  EXPECT_THAT(
      ErrorOf(TransferFormat::kCsv,
              csv(first + "m,1,2024-01-01T00:00:00Z,2023-12,2,T,r\n")),
      StartsWith("f:3: known_at 2024-01-01T00:00:00Z does not come after"));
  EXPECT_THAT(ErrorOf(TransferFormat::kCsv,
                      csv(absl::StrCat(
                          first, "n,1,2024-01-01T00:00:00Z,2023-12,2,T,r\n",
                          "m,1,2024-03-01T00:00:00Z,2023-12,2,T,r\n"))),
              StartsWith("f:4: m{}, monthly, comes a second time"));
  EXPECT_EQ(SeriesIn(*store_), 0u);
}

class BadNdjsonTest : public BadLineTest {};

constexpr absl::string_view kGoodNdjson =
    R"({"type":"series","metric":"m","labels":{"a":"x"},"frequency":"monthly",)"
    R"("unit":"USD"})"
    "\n"
    R"({"type":"vintage","metric":"m","labels":{"a":"x"},)"
    R"("frequency":"monthly","known_at":"2024-02-01T00:00:00Z",)"
    R"("periods":["2023-11","2023-12"],"values":[1,-2.5],)"
    R"("statuses":["final","partial"],)"
    R"("withdrawn":["2023-10"],"restated":["2023-10"],"run":"r"})"
    "\n";

TEST_F(ImportTest, TheObjectsThatTheBadOnesAreMadeOfAreGood) {
  ImportInto(store_.get(), TransferFormat::kNdjson, kGoodNdjson);
  EXPECT_EQ(Read(info_), (Values{{"2023-11", 1}, {"2023-12", -2.5}}));
}

TEST_P(BadNdjsonTest, IsRefusedByLineAndMember) {
  EXPECT_THAT(ErrorOf(TransferFormat::kNdjson, kGoodNdjson),
              StartsWith(GetParam().error));
  EXPECT_EQ(SeriesIn(*store_), 0u) << "nothing half valid is stored";
}

INSTANTIATE_TEST_SUITE_P(
    Lines, BadNdjsonTest,
    testing::Values(
        BadLine{"NoJson", "\"values\":[1,", "\"values\":[1,,",
                "f:2: column 151: it is no JSON at"},
        BadLine{"NoObject", "{\"type\":\"series\"", "[{\"type\":\"series\"",
                "f:1: "},
        BadLine{"TwoObjects", "\"r\"}", "\"r\"} {}", "f:2: column "},
        BadLine{"NestedTooDeep", "[1,-2.5]", "[1,[2.5]]",
                "f:2: member \"values\": an array is not taken there"},
        BadLine{"Null", "\"r\"", "null",
                "f:2: member \"run\": null is not taken; leave it out"},
        BadLine{"Type", "\"vintage\"", "\"vintages\"",
                "f:2: member \"type\" is \"vintages\"; it must be"},
        BadLine{"Status", "\"partial\"", "\"part\"",
                "f:2: member \"statuses\": \"part\" is no status of an"},
        BadLine{"StatusOfNoValue", "\"partial\"", "\"partial\",\"final\"",
                "f:2: 2 values, but 3 statuses"},
        BadLine{"UnknownMember", "\"run\"", "\"ran\"",
                "f:2: member \"ran\" is not known here; did you mean \"run\"?"},
        BadLine{"MemberTwice", "\"run\"", "\"known_at\"",
                "f:2: member \"known_at\": it is there twice"},
        BadLine{"KnownAtMissing", R"("known_at":"2024-02-01T00:00:00Z",)", "",
                "f:2: member \"known_at\": it is missing"},
        BadLine{"LabelsNoObject", R"({"a":"x"})", R"("a")",
                "f:1: member \"labels\": it must be an object"},
        BadLine{"OtherSeries", R"("vintage","metric":"m")",
                R"("vintage","metric":"n")",
                "f:2: the vintage is of n{a=\"x\"}, monthly, but the series "
                "above is m{a=\"x\"}, monthly"},
        BadLine{"PeriodsAndValuesDiffer", ",-2.5", "",
                "f:2: 2 periods, but 1 values"},
        BadLine{"PeriodsFall", "2023-11", "2024-11",
                "f:2: member \"periods\": 2023-12 comes after 2024-11"},
        BadLine{"Period", "2023-11", "11/2023", "f:2: member \"periods\": "},
        BadLine{"WithdrawnAndThere", "[\"2023-10\"", "[\"2023-11\"",
                "f:2: period 2023-11 has a value and is withdrawn"},
        BadLine{"ValuesOfText", "[1,-2.5]", "[\"1\",\"2\"]",
                "f:2: member \"values\": \"1\" is a text; values are numbers"},
        BadLine{"ValueTooLarge", "-2.5", "1e999",
                "f:2: column 155: \"1e999\" lies beyond what a double holds"},
        BadLine{"NumberForText", "\"r\"", "7",
                "f:2: member \"run\": a number is not taken there"},
        BadLine{"RestatedIsNotSaid", "\"restated\":[\"2023-10\"",
                "\"restated\":[\"2023-09\"",
                "f:2: period 2023-09 is restated, but the vintage says "
                "nothing of it"},
        BadLine{"NoLineFeedAtTheEnd", "\"r\"}\n", "\"r\"}",
                "f:2: the last line does not end in a line feed"}),
    NameOf);

TEST_F(ImportTest, AVintageBeforeItsSeriesIsRefused) {
  const size_t second = kGoodNdjson.find('\n') + 1;
  EXPECT_THAT(ErrorOf(TransferFormat::kNdjson, kGoodNdjson.substr(second)),
              StartsWith("f:1: the line of a series must come before"));
}

// A row a vintage, so that what describes the series is the most of it.
std::string ManyVintages(int vintages) {
  std::string text = "metric,unit,period,value,known_at\n";
  for (int i = 0; i < vintages; ++i) {
    absl::StrAppend(
        &text, "m,1,2020-01,", i, ",",
        absl::FormatTime(absl::RFC3339_sec, At("2021-01-01") + absl::Minutes(i),
                         absl::UTCTimeZone()),
        "\n");
  }
  return text;
}

TEST_F(ImportTest, ABatchIsBoundedByTheMemoryThatItTakes) {
  ImportOptions options;
  options.batch_bytes = 100000;
  const ImportResult result = ImportInto(store_.get(), TransferFormat::kCsv,
                                         ManyVintages(2000), options);
  EXPECT_EQ(result.changed_observations, 2000);
  EXPECT_GT(result.commits, 5);
}

TEST_F(ImportTest, ImportsTogetherHoldNoMoreThanTheirBudget) {
  MemoryBudget budget("imports", 500000);
  ImportOptions options;
  options.budget = &budget;
  const std::string text = ManyVintages(800);
  Importer first(store_.get(), TransferFormat::kCsv, options);
  ASSERT_TRUE(first.Add(text).ok());
  EXPECT_GT(budget.used(), 250000);
  Importer second(copy_.get(), TransferFormat::kCsv, options);
  const absl::Status refused = second.Add(text);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("all imports together"), HasSubstr("try again")));
  ASSERT_TRUE(first.Finish().ok());
  EXPECT_EQ(budget.used(), 0);
  EXPECT_EQ(ImportInto(copy_.get(), TransferFormat::kCsv, text, options)
                .changed_observations,
            800);
}

// The longest part of a line that has not ended counts, too.
TEST_F(ImportTest, ALineWithoutAnEndCountsAgainstTheBudget) {
  MemoryBudget budget("imports", 100000);
  ImportOptions options;
  options.budget = &budget;
  Importer importer(store_.get(), TransferFormat::kNdjson, options);
  EXPECT_EQ(importer.Add(std::string(200000, ' ')).code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(ImportTest, AnEmptyCsvLacksItsHeader) {
  EXPECT_THAT(ErrorOf(TransferFormat::kCsv, ""),
              StartsWith("f:1: there is no header; its columns are metric,"));
}

}  // namespace
}  // namespace headway::store
