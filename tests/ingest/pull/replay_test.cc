// Replays: a corrected parser corrects the vintages of the pull it reads again,
// and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/series/period.h"
#include "daemon/store/documents.h"
#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

using Values = std::map<std::string, double>;

// Reads the publisher's table, lines of "period value", or in a replay the one
// that was kept. The table is in `points`.
constexpr char kReadTable[] = R"(
def fetch(name):
    replay = os.environ.get('HEADWAY_HTTP_REPLAY')
    if replay:
        with open(os.path.join(replay, name)) as file:
            return file.read()
    with open(os.path.join('PUBLISHER', name)) as file:
        text = file.read()
    with open(os.path.join(os.environ['HEADWAY_HTTP_RECORD'], name), 'w') as file:
        file.write(text)
    return text
def table(name='table'):
    return {line.split()[0]: float(line.split()[1])
            for line in fetch(name).splitlines()}
)";

// The whole of a plugin that delivers the table; a wrong one by ten.
constexpr char kRight[] = R"(
define()
observe(table())
checkpoint('done')
)";
constexpr char kWrong[] = R"(
define()
observe({period: 10 * value for period, value in table().items()})
checkpoint('done')
)";

class ReplayTest : public PluginTest {
 protected:
  void Publish(absl::string_view table, absl::string_view name = "table") {
    WriteFile(directory_.Join(name), table);
  }

  void InstallParser(absl::string_view body) {
    Install("p", PythonPlugin(
                     "p", absl::StrCat(absl::StrReplaceAll(
                                           kReadTable,
                                           {{"PUBLISHER", directory_.path()}}),
                                       body)));
  }

  // Pulls what is published with this parser, a day after the last pull;
  // returns when.
  absl::Time PullWith(absl::string_view parser, absl::string_view run = "r1") {
    clock_.Advance(absl::Hours(24));
    InstallParser(parser);
    // Its description is remembered in a commit: of an earlier instant.
    EXPECT_TRUE(host_->GetPlugin("p").ok());
    clock_.Advance(absl::Seconds(1));
    PullObserver observer;
    observer.last_pull = last_pull_;
    auto report = host_->Pull(MakeSource("p"), run, observer);
    EXPECT_TRUE(report.ok()) << report.status();
    return last_pull_ = clock_.Now();
  }

  absl::StatusOr<ReplayReport> Replay(absl::string_view parser,
                                      absl::string_view run = "r1",
                                      bool dry_run = false) {
    clock_.Advance(absl::Hours(24));
    InstallParser(parser);
    auto reports =
        host_->Replay(MakeSource("p"), {.run = std::string(run)}, dry_run, {});
    if (!reports.ok()) return reports.status();
    if (reports->size() != 1) return absl::InternalError("several pulls");
    return reports->front();
  }

  ReplayReport ReplayWell(absl::string_view parser,
                          absl::string_view run = "r1") {
    auto report = Replay(parser, run);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.value_or(ReplayReport());
  }

  Values Read(absl::Time as_of = absl::InfiniteFuture(),
              absl::string_view metric = "m") {
    auto reader = store_->NewReader();
    auto entry = reader->FindSeries(
        {std::string(metric), {}, series::Frequency::kMonthly});
    if (!entry.ok()) return {};
    auto observations = reader->Read(entry->id, {.as_of = as_of});
    EXPECT_TRUE(observations.ok()) << observations.status();
    Values values;
    for (size_t i = 0; i < observations->size(); ++i) {
      values[series::FormatPeriod(
          {observations->frequency, observations->ordinals[i]})] =
          observations->values[i];
    }
    return values;
  }

  std::vector<store::Vintage> Vintages(absl::string_view metric = "m") {
    auto reader = store_->NewReader();
    auto entry = reader->FindSeries(
        {std::string(metric), {}, series::Frequency::kMonthly});
    EXPECT_TRUE(entry.ok()) << entry.status();
    return *reader->ListVintages(entry->id);
  }

  std::string Checkpoint() {
    auto checkpoints = store_->NewReader()->GetCheckpoints("src");
    return checkpoints->empty() ? "" : checkpoints->front().state;
  }

  absl::Time last_pull_ = absl::InfinitePast();
};

TEST_F(ReplayTest, CorrectsAnObservedVintageUnderItsOwnKnownAt) {
  Publish("2024-01 1\n2024-02 2\n");
  const absl::Time pulled = PullWith(kWrong);
  EXPECT_THAT(Read(), ElementsAre(Pair("2024-01", 10), Pair("2024-02", 20)));
  const ReplayReport report = ReplayWell(kRight);
  EXPECT_EQ(report.observations_read, 2);
  EXPECT_THAT(report.values, SizeIs(2));
  EXPECT_THAT(Read(pulled),
              ElementsAre(Pair("2024-01", 1), Pair("2024-02", 2)));
  EXPECT_THAT(Read(), ElementsAre(Pair("2024-01", 1), Pair("2024-02", 2)));
  EXPECT_THAT(Read(pulled - absl::Microseconds(1)), IsEmpty());
  ASSERT_THAT(Vintages(), SizeIs(1));
  EXPECT_EQ(Vintages()[0].known_at, pulled);
}

TEST_F(ReplayTest, ReadsTheDocumentsAndNotThePublisher) {
  Publish("2024-01 1\n");
  PullWith(kWrong);
  Publish("2024-01 7\n");
  ReplayWell(kRight);
  EXPECT_THAT(Read(), ElementsAre(Pair("2024-01", 1)));
}

TEST_F(ReplayTest, GivesThePluginTheTimeAndTheCheckpointsOfThePull) {
  constexpr char kTell[] = R"(
fetch('table')
say({'log': {'message': request['now'] + json.dumps(request.get('checkpoints'))}})
checkpoint('second')
)";
  Publish("");
  PullWith("fetch('table')\ncheckpoint('first')", "r1");
  const absl::Time pulled = PullWith(kTell, "r2");
  PullWith("checkpoint('third')", "r3");
  EXPECT_THAT(
      ReplayWell(kTell, "r2").log,
      ElementsAre(absl::StrCat(
          absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", pulled, absl::UTCTimeZone()),
          "{\"\": \"first\"}")));
}

TEST_F(ReplayTest, MovesNoCheckpoint) {
  Publish("2024-01 1\n");
  PullWith(kWrong);
  PullWith("checkpoint('later')", "r2");
  ReplayWell(kRight);
  EXPECT_EQ(Checkpoint(), "later");
}

TEST_F(ReplayTest, NamesTheCorrectedPluginAndTheRunInTheProvenance) {
  Publish("2024-01 1\n");
  PullWith(kWrong);
  ReplayWell(kRight);
  const store::Provenance provenance = Vintages()[0].provenance;
  EXPECT_EQ(provenance.run, "r1/replay");
  EXPECT_EQ(provenance.source, "src");
  EXPECT_EQ(provenance.plugin_hash, host_->GetPlugin("p")->hash);
}

TEST_F(ReplayTest, KeepsWhatWasSaidBeforeForAnAuditByRecordedAt) {
  Publish("2024-01 1\n");
  const absl::Time pulled = PullWith(kWrong);
  ReplayWell(kRight);
  auto reader = store_->NewReader();
  auto entry = reader->FindSeries({"m", {}, series::Frequency::kMonthly});
  EXPECT_THAT(reader->Read(entry->id, {.recorded_by = pulled})->values,
              ElementsAre(10));
}

TEST_F(ReplayTest, TakesBackPeriodsThatThePullShouldNotHaveDelivered) {
  Publish("2024-01 1\n2024-02 2\n");
  PullWith(kRight, "r0");
  Publish("2024-01 1\n2024-02 5\n2024-03 3\n");
  const absl::Time pulled = PullWith(R"(
define()
observe({'2024-02': 99, '2024-05': 4})
checkpoint()
)");
  // It kept nothing: a pull without documents cannot be replayed.
  EXPECT_EQ(Replay(kRight).status().code(), absl::StatusCode::kNotFound);
  const absl::Time again = PullWith(R"(
fetch('table')
define()
observe({'2024-02': 98, '2024-06': 4})
checkpoint()
)",
                                    "r2");
  const ReplayReport report = ReplayWell(R"(
fetch('table')
define()
observe({'2024-03': 3})
checkpoint()
)",
                                         "r2");
  EXPECT_THAT(Read(again), ElementsAre(Pair("2024-01", 1), Pair("2024-02", 99),
                                       Pair("2024-03", 3), Pair("2024-05", 4)));
  EXPECT_THAT(Read(pulled), ElementsAre(Pair("2024-01", 1), Pair("2024-02", 99),
                                        Pair("2024-05", 4)));
  EXPECT_THAT(report.values, SizeIs(3));
}

TEST_F(ReplayTest, TakesBackSeriesThatThePullShouldNotHaveDelivered) {
  constexpr char kMisnamed[] = R"(
define(metric='mm')
observe(table())
checkpoint(complete=True)
)";
  Publish("2024-01 1\n");
  const absl::Time pulled = PullWith(kMisnamed);
  ReplayWell(absl::StrReplaceAll(kMisnamed, {{"'mm'", "'m'"}}));
  EXPECT_THAT(Read(pulled, "mm"), IsEmpty());
  EXPECT_THAT(Read(pulled, "m"), ElementsAre(Pair("2024-01", 1)));
}

TEST_F(ReplayTest, LaterPullsTakeACorrectionOverUnlessTheySaidOtherwise) {
  Publish("2024-01 1\n2024-02 2\n");
  PullWith(kWrong, "r1");
  Publish("2024-01 1\n2024-02 7\n");
  const absl::Time later = PullWith(R"(
define()
observe({'2024-01': 10, '2024-02': 7})
fetch('table')
checkpoint()
)",
                                    "r2");
  ReplayWell(kRight, "r1");
  EXPECT_THAT(Read(later), ElementsAre(Pair("2024-01", 1), Pair("2024-02", 7)));
}

TEST_F(ReplayTest, SecondReplayChangesNothing) {
  Publish("2024-01 1\n2024-02 2\n");
  PullWith(kWrong);
  ReplayWell(kRight);
  EXPECT_THAT(ReplayWell(kRight).values, IsEmpty());
  EXPECT_THAT(Vintages(), SizeIs(1));
}

TEST_F(ReplayTest, ACorrectionCanBeCorrected) {
  Publish("2024-01 1\n2024-02 2\n");
  PullWith(kWrong);
  ReplayWell("define()\nobserve({'2024-07': 7})\ncheckpoint()");
  EXPECT_THAT(Read(), ElementsAre(Pair("2024-07", 7)));
  ReplayWell(kRight);
  EXPECT_THAT(Read(), ElementsAre(Pair("2024-01", 1), Pair("2024-02", 2)));
}

TEST_F(ReplayTest, ADryRunSaysWhatWouldChangeAndStoresNothing) {
  Publish("2024-01 1\n2024-02 2\n");
  const absl::Time pulled = PullWith(kWrong);
  const store::CommitNumber commit = store_->last_series_commit();
  auto report = Replay(kRight, "r1", true);
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_THAT(report->values, SizeIs(2));
  const ReplayedValue& value = report->values[1];
  EXPECT_EQ(value.series.metric, "m");
  EXPECT_EQ(series::FormatPeriod({series::Frequency::kMonthly, value.ordinal}),
            "2024-02");
  EXPECT_EQ(value.known_at, pulled);
  EXPECT_EQ(value.before, 20);
  EXPECT_EQ(value.after, 2);
  EXPECT_EQ(store_->last_series_commit(), commit);
  EXPECT_EQ(Read().at("2024-01"), 10);
}

TEST_F(ReplayTest, APullWhoseParserFailedDeliversAsOfItsEnd) {
  Publish("2024-01 1\n");
  clock_.Advance(absl::Hours(24));
  InstallParser(
      "fetch('table')\nsay({'error': {'message': 'what is this?'}})\n"
      "sys.exit(1)");
  EXPECT_FALSE(host_->Pull(MakeSource("p"), "r1", {}).ok());
  const absl::Time pulled = clock_.Now();
  ReplayWell(kRight);
  EXPECT_THAT(Read(pulled), ElementsAre(Pair("2024-01", 1)));
  EXPECT_EQ(Checkpoint(), "");
}

TEST_F(ReplayTest, AReplayThatFailsInTheMiddleChangesNothing) {
  Publish("2024-01 1\n");
  PullWith(kWrong);
  auto report = Replay(absl::StrCat(kRight, "observe({'2024-01': 'x'})"));
  EXPECT_EQ(report.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(report.status().message()),
              HasSubstr("source src: plugin p, read"));
  EXPECT_EQ(Read().at("2024-01"), 10);
}

TEST_F(ReplayTest, GivesEachCommitItsOwnKnownAt) {
  // The daemon's clock moves between the two checkpoints.
  constexpr char kTwice[] = R"(
define()
points = table()
observe({'2024-01': points['2024-01'] * FACTOR})
checkpoint('a')
say({'progress': {'done': 1}})
observe({'2024-02': points['2024-02'] * FACTOR})
checkpoint('b')
)";
  Publish("2024-01 1\n2024-02 2\n");
  InstallParser(absl::StrReplaceAll(kTwice, {{"FACTOR", "10"}}));
  const absl::Time first = clock_.Now();
  PullObserver observer;
  observer.on_progress = [&](std::optional<double>, absl::string_view) {
    clock_.Advance(absl::Hours(1));
  };
  ASSERT_TRUE(host_->Pull(MakeSource("p"), "r1", observer).ok());
  ReplayWell(absl::StrReplaceAll(kTwice, {{"FACTOR", "1"}}));
  const std::vector<store::Vintage> vintages = Vintages();
  ASSERT_THAT(vintages, SizeIs(2));
  EXPECT_EQ(vintages[0].known_at, first);
  EXPECT_THAT(vintages[0].values, ElementsAre(1));
  EXPECT_EQ(vintages[1].known_at, first + absl::Hours(1));
  EXPECT_THAT(vintages[1].values, ElementsAre(2));
}

constexpr char kAssumedVintages[] = R"(
define(vintage_kind='ASSUMED', release_lag='864000s')
observe({period: FACTOR * value for period, value in table().items()})
checkpoint()
)";

TEST_F(ReplayTest, CorrectsAnAssumedFirstReleaseWhereItStands) {
  const std::string right =
      absl::StrReplaceAll(kAssumedVintages, {{"FACTOR", "1"}});
  Publish("2024-01 1\n2024-02 2\n");
  PullWith(absl::StrReplaceAll(kAssumedVintages, {{"FACTOR", "10"}}), "r1");
  Publish("2024-01 1\n2024-02 2\n2024-03 3\n");
  PullWith(absl::StrReplaceAll(kAssumedVintages, {{"FACTOR", "10"}}), "r2");
  ReplayWell(right, "r1");
  const absl::Time march =
      absl::FromCivil(absl::CivilDay(2024, 3, 1), absl::UTCTimeZone());
  EXPECT_THAT(Read(march), ElementsAre(Pair("2024-01", 1)));
  EXPECT_THAT(Read(), ElementsAre(Pair("2024-01", 1), Pair("2024-02", 2),
                                  Pair("2024-03", 30)));
  ReplayWell(right, "r2");
  EXPECT_THAT(Read(), ElementsAre(Pair("2024-01", 1), Pair("2024-02", 2),
                                  Pair("2024-03", 3)));
  EXPECT_THAT(Vintages(), SizeIs(3));
}

constexpr char kNative[] = R"(
define(vintage_kind='NATIVE')
observe({period: FACTOR * value for period, value in table().items()},
        known_at='2024-06-01T00:00:00Z')
checkpoint()
)";

TEST_F(ReplayTest, LeavesANativeVintageThatALaterPullCorrected) {
  const std::string right = absl::StrReplaceAll(kNative, {{"FACTOR", "1"}});
  Publish("2024-01 1\n");
  PullWith(absl::StrReplaceAll(kNative, {{"FACTOR", "10"}}), "r1");
  Publish("2024-01 2\n");
  PullWith(right, "r2");
  EXPECT_EQ(ReplayWell(right, "r1").superseded, 1);
  EXPECT_THAT(Read(), ElementsAre(Pair("2024-01", 2)));
  Publish("2024-01 5\n");
  // The documents of r2 hold 2, whatever is published now.
  EXPECT_EQ(ReplayWell(right, "r2").superseded, 0);
  EXPECT_THAT(Read(), ElementsAre(Pair("2024-01", 2)));
}

TEST_F(ReplayTest, KeepsTheWithdrawalsOfACompleteStream) {
  constexpr char kComplete[] = R"(
for name, value in table().items():
    say({'series': {'id': name, 'metric': name, 'frequency': 'MONTHLY',
                    'unit': 'USD'}})
    say({'observations': {'series': name, 'periods': ['2024-01'],
                          'values': [value * FACTOR]}})
checkpoint(complete=True)
)";
  const std::string wrong = absl::StrReplaceAll(kComplete, {{"FACTOR", "10"}});
  Publish("a 1\nb 2\n");
  const absl::Time first = PullWith(wrong, "r1");
  Publish("a 1\n");
  const absl::Time second = PullWith(wrong, "r2");
  Publish("a 1\nc 3\n");
  const absl::Time third = PullWith(wrong, "r3");
  for (const char* run : {"r1", "r2", "r3"}) {
    ReplayWell(absl::StrReplaceAll(kComplete, {{"FACTOR", "1"}}), run);
  }
  EXPECT_THAT(Read(first, "b"), ElementsAre(Pair("2024-01", 2)));
  EXPECT_THAT(Read(second, "b"), IsEmpty());
  EXPECT_THAT(Read(second, "a"), ElementsAre(Pair("2024-01", 1)));
  EXPECT_THAT(Read(second, "c"), IsEmpty());
  EXPECT_THAT(Read(third, "c"), ElementsAre(Pair("2024-01", 3)));
}

TEST_F(ReplayTest, RefusesAPullOfWhichADocumentWasNotKept) {
  Publish("2024-01 1\n");
  clock_.Advance(absl::Hours(24));
  InstallParser(kWrong);
  Source source = MakeSource("p");
  source.documents.max_document_bytes = 5;
  ASSERT_TRUE(host_->Pull(source, "r1", {}).ok());
  const absl::Status status = Replay(kRight).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("document table was not kept: it has 10 bytes"));
}

TEST_F(ReplayTest, ChoosesTheNewestPullThatDeliveredOrFailed) {
  Publish("2024-01 1\n");
  PullWith(kWrong, "r1");
  const absl::Time second = PullWith(kWrong, "r2");
  PullWith("fetch('table')\ncheckpoint()", "r3");  // nothing new
  InstallParser(kRight);
  auto run_of = [&](const PullChoice& which) -> std::string {
    auto reports = host_->Replay(MakeSource("p"), which, true, {});
    return reports.ok() ? reports->at(0).pull.run
                        : std::string(reports.status().message());
  };
  EXPECT_EQ(run_of({}), "r2");
  EXPECT_EQ(run_of({.at = second}), "r2");
  EXPECT_EQ(run_of({.at = second - absl::Seconds(1)}), "r1");
  EXPECT_EQ(run_of({.at = second + absl::Hours(100)}), "r3");
  EXPECT_THAT(run_of({.at = absl::UnixEpoch()}),
              HasSubstr("that had begun by 1970-01-01"));
  EXPECT_THAT(run_of({.run = "r9"}), HasSubstr("of r9 are kept"));
}

}  // namespace
}  // namespace headway::ingest
