// What a pull commits: vintages, checkpoints, withdrawals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/series/period.h"
#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

absl::Time Date(int year, int month, int day) {
  return absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone());
}

class PullTest : public PluginTest {
 protected:
  // The series with this metric as known at `as_of`, by period.
  std::map<std::string, double> Read(
      absl::string_view metric, absl::Time as_of = absl::InfiniteFuture()) {
    auto reader = store_->NewReader();
    series::Selector selector;
    selector.metric = std::string(metric);
    auto entries = reader->SelectSeries(selector);
    EXPECT_TRUE(entries.ok()) << entries.status();
    std::map<std::string, double> values;
    for (const store::SeriesEntry& entry : *entries) {
      auto observations = reader->Read(entry.id, {.as_of = as_of});
      EXPECT_TRUE(observations.ok()) << observations.status();
      for (size_t i = 0; i < observations->size(); ++i) {
        values[series::FormatPeriod(
            {observations->frequency, observations->ordinals[i]})] =
            observations->values[i];
      }
    }
    return values;
  }

  std::vector<store::Vintage> Vintages(absl::string_view metric) {
    auto reader = store_->NewReader();
    series::Selector selector;
    selector.metric = std::string(metric);
    auto entries = reader->SelectSeries(selector);
    if (!entries.ok() || entries->size() != 1) {
      ADD_FAILURE() << "no single series " << metric;
      return {};
    }
    auto vintages = reader->ListVintages(entries->front().id);
    EXPECT_TRUE(vintages.ok()) << vintages.status();
    return *std::move(vintages);
  }

  std::map<std::string, std::string> Checkpoints() {
    std::map<std::string, std::string> states;
    auto checkpoints = store_->NewReader()->GetCheckpoints("src");
    EXPECT_TRUE(checkpoints.ok()) << checkpoints.status();
    for (const store::Checkpoint& checkpoint : *checkpoints) {
      states[checkpoint.stream] = checkpoint.state;
    }
    return states;
  }
};

TEST_F(PullTest, ReadsAFourteenLineShellPlugin) {
  std::filesystem::copy_file(HEADWAY_TESTDATA "/rainfall.sh",
                             PathOf("rainfall.sh"));
  auto report = Pull("rainfall");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->series, 1);
  EXPECT_EQ(report->observations_read, 48);
  EXPECT_EQ(report->observations_changed, 48);
  EXPECT_EQ(report->plugin_version, "1.0");
  const auto values = Read("rainfall_mm");
  EXPECT_EQ(values.size(), 48u);
  EXPECT_EQ(values.at("2021-01"), 97.7);
}

TEST_F(PullTest, StampsVintagesWithWhereTheyCameFrom) {
  ASSERT_TRUE(
      PullShell(absl::StrCat(kSeries, "\n", kOnePoint, "\n", kCheckpoint))
          .ok());
  const auto vintages = Vintages("m");
  ASSERT_EQ(vintages.size(), 1u);
  const store::Provenance& provenance = vintages[0].provenance;
  EXPECT_EQ(provenance.source, "src");
  EXPECT_EQ(provenance.plugin, "p");
  EXPECT_EQ(provenance.plugin_version, "1.2");
  EXPECT_EQ(provenance.plugin_hash, host_->GetPlugin("p")->hash);
  EXPECT_EQ(provenance.run, "runs/1");
}

TEST_F(PullTest, ReadsTheBinaryFraming) {
  auto report = PullPython(R"(
out = b'HEADWAY1'
def put(number, body):
    global out
    message = bytes([number << 3 | 2, len(body)]) + body
    out += bytes([len(message)]) + message
put(3, b'\x0a\x01s' b'\x12\x01m' b'\x20\x03' b'\x2a\x01' b'1')
put(4, b'\x0a\x01s' b'\x12\x072024-01' b'\x1a\x08' + b'\0\0\0\0\0\0\xf0\x3f')
put(5, b'\x12\x05state')
sys.stdout.buffer.write(out)
)");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(Read("m"), ElementsAre(Pair("2024-01", 1.0)));
  EXPECT_THAT(Checkpoints(), ElementsAre(Pair("", "state")));
}

TEST_F(PullTest, GivesTheLastCheckpointsBack) {
  const char body[] = R"(
seen = request.get('checkpoints', {})
say({'log': {'message': 'seen ' + json.dumps(seen, sort_keys=True)}})
checkpoint('1' + seen.get('a', ''), stream='a')
checkpoint('2' + seen.get('b', ''), stream='b')
)";
  ASSERT_TRUE(PullPython(body).ok());
  EXPECT_THAT(Checkpoints(), ElementsAre(Pair("a", "1"), Pair("b", "2")));
  auto second = Pull("p");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(second->log, ElementsAre(R"(seen {"a": "1", "b": "2"})"));
  EXPECT_THAT(Checkpoints(), ElementsAre(Pair("a", "11"), Pair("b", "22")));
}

TEST_F(PullTest, CommitsAllOrNothingBetweenCheckpoints) {
  auto report = PullPython(R"(
define()
observe({'2024-01': 1})
checkpoint('one')
observe({'2024-02': 2})
observe({'2024-03': 3})
os.kill(os.getpid(), signal.SIGKILL)
)");
  EXPECT_EQ(report.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Read("m"), ElementsAre(Pair("2024-01", 1.0)));
  EXPECT_THAT(Checkpoints(), ElementsAre(Pair("", "one")));
}

TEST_F(PullTest, StoresNothingOfABatchWithABadRecord) {
  auto report = PullPython(R"(
define()
observe({'2024-01': 1, '2024-02': 2})
observe({'2024-03': 'NaN'})
checkpoint()
)");
  EXPECT_THAT(std::string(report.status().message()),
              ::testing::AllOf(HasSubstr("source src: plugin p, read: line 3"),
                               HasSubstr("2024-03"), HasSubstr("finite")));
  EXPECT_THAT(Read("m"), IsEmpty());
}

TEST_F(PullTest, JoinsSeveralBatchesOfASeries) {
  auto report = PullPython(R"(
define()
observe({'2024-01': 1, '2024-02': 2})
observe({'2024-02': 5, '2024-03': 3})
checkpoint()
)");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->series, 1);
  EXPECT_EQ(report->observations_read, 4);
  EXPECT_THAT(Read("m"), ElementsAre(Pair("2024-01", 1.0), Pair("2024-02", 5.0),
                                     Pair("2024-03", 3.0)));
}

TEST_F(PullTest, RefusesToLoseEverythingForWantOfACheckpoint) {
  auto report = PullShell(absl::StrCat(kSeries, "\n", kOnePoint));
  EXPECT_EQ(report.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(report.status().message()),
              HasSubstr("send a checkpoint after the last batch"));
  EXPECT_THAT(Read("m"), IsEmpty());
}

TEST_F(PullTest, WarnsOfWhatFollowsTheLastCheckpoint) {
  auto report = PullPython(R"(
define()
observe({'2024-01': 1})
checkpoint()
observe({'2024-02': 2, '2024-03': 3})
)");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->observations_read, 1);
  ASSERT_EQ(report->log.size(), 1u);
  EXPECT_THAT(report->log[0], HasSubstr("2 observations after the last"));
  EXPECT_THAT(Read("m"), ElementsAre(Pair("2024-01", 1.0)));
}

TEST_F(PullTest, AcceptsThatThereIsNothingNew) {
  auto report = PullPython("checkpoint('same')");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->series, 0);
}

TEST_F(PullTest, WritesNoVintageForUnchangedValues) {
  for (const char* kind : {"OBSERVED", "ASSUMED"}) {
    const std::string body = absl::StrCat(
        "define(metric='", kind, "', vintage_kind='", kind, "')",
        "\nobserve({'2024-01': 1, '2024-02': 2})\ncheckpoint('x')");
    ASSERT_TRUE(PullPython(body).ok());
    const size_t before = Vintages(kind).size();
    clock_.Advance(absl::Hours(24));
    auto second = Pull("p");
    ASSERT_TRUE(second.ok()) << second.status();
    EXPECT_EQ(second->observations_read, 2);
    EXPECT_EQ(second->observations_changed, 0);
    EXPECT_THAT(second->changed_series, IsEmpty());
    EXPECT_EQ(Vintages(kind).size(), before);
  }
}

TEST_F(PullTest, DatesObservedVintagesByTheRead) {
  ASSERT_TRUE(
      PullPython("define()\nobserve({'2024-01': 1})\ncheckpoint()").ok());
  const absl::Time first = clock_.Now();
  clock_.Advance(absl::Hours(24));
  ASSERT_TRUE(
      PullPython("define()\nobserve({'2024-01': 9})\ncheckpoint()").ok());
  EXPECT_THAT(Read("m", first - absl::Microseconds(1)), IsEmpty());
  EXPECT_THAT(Read("m", first), ElementsAre(Pair("2024-01", 1.0)));
  EXPECT_THAT(Read("m", clock_.Now()), ElementsAre(Pair("2024-01", 9.0)));
}

TEST_F(PullTest, DatesNativeVintagesByThePublisher) {
  ASSERT_TRUE(PullPython(R"(
define(vintage_kind='NATIVE')
observe({'2024-01': 2}, known_at='2024-03-20T00:00:00Z')
observe({'2024-01': 1}, known_at='2024-02-20T00:00:00Z')
checkpoint()
)")
                  .ok());
  EXPECT_THAT(Read("m", Date(2024, 2, 19)), IsEmpty());
  EXPECT_THAT(Read("m", Date(2024, 3, 1)), ElementsAre(Pair("2024-01", 1.0)));
  EXPECT_THAT(Read("m", Date(2024, 4, 1)), ElementsAre(Pair("2024-01", 2.0)));
}

const char kAssumed[] =
    "define(vintage_kind='ASSUMED', release_lag='864000s')\n";  // ten days

TEST_F(PullTest, DatesAFirstReleaseByItsUsualLag) {
  ASSERT_TRUE(PullPython(absl::StrCat(kAssumed, R"(
observe({'2024-01': 1, '2024-02': 2})
checkpoint()
)"))
                  .ok());
  EXPECT_THAT(Read("m", Date(2024, 2, 10)), IsEmpty());
  EXPECT_THAT(Read("m", Date(2024, 2, 11)), ElementsAre(Pair("2024-01", 1.0)));
  EXPECT_EQ(Read("m", Date(2024, 3, 11)).size(), 2u);
}

TEST_F(PullTest, DatesAnEarlyFirstReleaseByTheRead) {
  // On 15 June the figure of May would usually come on 11 June, that of June
  // on 11 July.
  ASSERT_TRUE(PullPython(absl::StrCat(kAssumed, R"(
observe({'2025-06': 6})
checkpoint()
)"))
                  .ok());
  EXPECT_THAT(Read("m", clock_.Now() - absl::Microseconds(1)), IsEmpty());
  EXPECT_THAT(Read("m", clock_.Now()), ElementsAre(Pair("2025-06", 6.0)));
}

TEST_F(PullTest, DatesARevisionOfAnAssumedSeriesByTheRead) {
  ASSERT_TRUE(PullPython(absl::StrCat(kAssumed, R"(
observe({'2024-01': 1, '2024-02': 2})
checkpoint()
)"))
                  .ok());
  clock_.Advance(absl::Hours(24));
  ASSERT_TRUE(PullPython(absl::StrCat(kAssumed, R"(
observe({'2024-01': 7, '2024-02': 2, '2024-03': 3})
checkpoint()
)"))
                  .ok());
  EXPECT_THAT(Read("m", clock_.Now() - absl::Microseconds(1)),
              ElementsAre(Pair("2024-01", 1.0), Pair("2024-02", 2.0),
                          Pair("2024-03", 3.0)));
  EXPECT_THAT(Read("m", clock_.Now()),
              ElementsAre(Pair("2024-01", 7.0), Pair("2024-02", 2.0),
                          Pair("2024-03", 3.0)));
}

TEST_F(PullTest, DatesAGapFilledLateInAnAssumedSeriesByTheRead) {
  ASSERT_TRUE(PullPython(absl::StrCat(kAssumed, R"(
observe({'2024-01': 1, '2024-03': 3})
checkpoint()
)"))
                  .ok());
  clock_.Advance(absl::Hours(24));
  ASSERT_TRUE(PullPython(absl::StrCat(kAssumed, R"(
observe({'2024-02': 2})
checkpoint()
)"))
                  .ok());
  EXPECT_EQ(Read("m", clock_.Now() - absl::Microseconds(1)).size(), 2u);
  EXPECT_EQ(Read("m", clock_.Now()).size(), 3u);
}

TEST_F(PullTest, BringsAWithdrawnPeriodOfAnAssumedSeriesBack) {
  for (const char* batch : {"observe({'2024-01': 1, '2024-02': 2})",
                            "observe({}, withdrawn_periods=['2024-01'])",
                            "observe({'2024-01': 1, '2024-02': 2})"}) {
    clock_.Advance(absl::Hours(24));
    ASSERT_TRUE(
        PullPython(absl::StrCat(kAssumed, batch, "\ncheckpoint()")).ok());
  }
  const absl::Time last = clock_.Now();
  EXPECT_EQ(Read("m", last - absl::Hours(25)).size(), 2u);
  EXPECT_THAT(Read("m", last - absl::Hours(1)),
              ElementsAre(Pair("2024-02", 2.0)));
  EXPECT_EQ(Read("m", last).size(), 2u);
}

TEST_F(PullTest, WithdrawsWhatASnapshotLeavesOut) {
  for (const char* kind : {"OBSERVED", "ASSUMED"}) {
    const std::string define = absl::StrCat("define(metric='", kind,
                                            "', vintage_kind='", kind, "')\n");
    ASSERT_TRUE(PullPython(absl::StrCat(define, R"(
observe({'2024-01': 1, '2024-02': 2, '2024-03': 3})
checkpoint()
)"))
                    .ok());
    clock_.Advance(absl::Hours(24));
    ASSERT_TRUE(PullPython(absl::StrCat(define, R"(
observe({'2024-01': 1, '2024-03': 4}, snapshot=True)
checkpoint()
)"))
                    .ok());
    EXPECT_THAT(Read(kind),
                ElementsAre(Pair("2024-01", 1.0), Pair("2024-03", 4.0)));
    EXPECT_EQ(Read(kind, clock_.Now() - absl::Microseconds(1)).size(), 3u);
  }
}

// Delivers the series named, complete.
std::string Complete(const std::vector<std::string>& metrics,
                     absl::string_view more = "") {
  std::string body;
  for (const std::string& metric : metrics) {
    absl::StrAppend(&body, "define(id='", metric, "', metric='", metric,
                    "')\nobserve({'2024-01': 1}, series='", metric, "')\n");
  }
  return absl::StrCat(body, "checkpoint(complete=True", more, ")");
}

TEST_F(PullTest, WithdrawsSeriesThatACompleteStreamNoLongerDelivers) {
  ASSERT_TRUE(PullPython(Complete({"a", "b", "c"})).ok());
  clock_.Advance(absl::Hours(24));
  auto report = PullPython(Complete({"a", "c"}));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->observations_changed, 1);
  EXPECT_EQ(report->changed_series.size(), 1u);
  EXPECT_EQ(Read("a").size(), 1u);
  EXPECT_THAT(Read("b"), IsEmpty());
  EXPECT_EQ(Read("b", clock_.Now() - absl::Microseconds(1)).size(), 1u);
  EXPECT_EQ(Read("c").size(), 1u);
}

TEST_F(PullTest, BringsAWithdrawnSeriesBack) {
  for (const auto& metrics :
       std::vector<std::vector<std::string>>{{"a", "b"}, {"a"}, {"a", "b"}}) {
    clock_.Advance(absl::Hours(24));
    ASSERT_TRUE(PullPython(Complete(metrics)).ok());
  }
  EXPECT_EQ(Read("b").size(), 1u);
}

TEST_F(PullTest, WithdrawsAsOfTheCheckpointsDate) {
  ASSERT_TRUE(PullPython(Complete({"a", "b"})).ok());
  const absl::Time first = clock_.Now();
  clock_.Advance(absl::Hours(48));
  ASSERT_TRUE(
      PullPython(Complete({"a"}, ", known_at='2025-06-16T00:00:00Z'")).ok());
  EXPECT_EQ(Read("b", first).size(), 1u);
  EXPECT_THAT(Read("b", Date(2025, 6, 16)), IsEmpty());
}

TEST_F(PullTest, LeavesSeriesOfOtherStreamsAndOfIncompleteOnesAlone) {
  ASSERT_TRUE(PullPython(Complete({"a", "b"})).ok());
  ASSERT_TRUE(PullPython(Complete({"c"}, ", stream='other'")).ok());
  ASSERT_TRUE(PullPython("define(metric='a')\nobserve({'2024-01': 1})\n"
                         "checkpoint(complete=False)")
                  .ok());
  for (const char* metric : {"a", "b", "c"}) {
    EXPECT_EQ(Read(metric).size(), 1u) << metric;
  }
}

TEST_F(PullTest, RefusesMoreSeriesThanTheLimit) {
  Install("p", PythonPlugin("p", Complete({"a", "b", "c"})));
  Source source = MakeSource("p");
  source.limits.max_series = 2;
  auto report = host_->Pull(source, "runs/1", {});
  EXPECT_THAT(std::string(report.status().message()),
              ::testing::AllOf(HasSubstr("\"c\""), HasSubstr("max_series")));
}

TEST_F(PullTest, RefusesMoreSeriesThanTheLimitOverAllReads) {
  // A label that is new at every read; the one before is withdrawn.
  Install("p", PythonPlugin("p", R"(
count = int(request.get('checkpoints', {}).get('', '0'))
define(labels={'read': str(count % 5)})
observe({'2024-01': 1})
checkpoint(str(count + 1), complete=True)
)"));
  Source source = MakeSource("p");
  source.limits.max_series = 3;
  for (int i = 0; i < 3; ++i) {
    const auto report = host_->Pull(source, "runs/1", {});
    EXPECT_TRUE(report.ok()) << report.status();
  }
  const auto refused = host_->Pull(source, "runs/1", {});
  EXPECT_THAT(
      std::string(refused.status().message()),
      ::testing::AllOf(HasSubstr("1 new series"), HasSubstr("m{read=\"3\"}"),
                       HasSubstr("4, more"), HasSubstr("max_series")));
  source.limits.max_series = 5;
  // What comes back was counted, withdrawn or not.
  for (int i = 0; i < 7; ++i) {
    const auto report = host_->Pull(source, "runs/1", {});
    EXPECT_TRUE(report.ok()) << report.status();
  }
}

TEST_F(PullTest, NamesAnUndefinedSeriesWithTheNearest) {
  auto report = PullPython(
      "define(id='imports')\nobserve({'2024-01': 1}, series='import')");
  EXPECT_THAT(std::string(report.status().message()),
              ::testing::AllOf(HasSubstr("line 2"), HasSubstr("\"import\""),
                               HasSubstr("did you mean \"imports\"?")));
}

TEST_F(PullTest, RefusesTwoIdsForOneSeries) {
  auto report = PullPython("define(id='a')\ndefine(id='b')");
  EXPECT_THAT(std::string(report.status().message()),
              HasSubstr("series \"b\" and \"a\" are both m{}"));
}

TEST_F(PullTest, RefusesAnAnswerToAnotherVerb) {
  auto report = PullPython("say({'check': {'ok': True}})");
  EXPECT_EQ(report.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("line 1"));
}

TEST_F(PullTest, ReportsProgress) {
  Install("p", PythonPlugin("p", R"(
say({'progress': {'done': 1, 'total': 4, 'message': 'page 1'}})
say({'progress': {'done': 9}})
checkpoint()
)"));
  std::vector<std::pair<std::optional<double>, std::string>> seen;
  PullObserver observer;
  observer.on_progress = [&](std::optional<double> fraction,
                             absl::string_view message) {
    seen.emplace_back(fraction, std::string(message));
  };
  ASSERT_TRUE(host_->Pull(MakeSource("p"), "runs/1", observer).ok());
  EXPECT_THAT(seen, ElementsAre(Pair(::testing::Optional(0.25), "page 1"),
                                Pair(::testing::Eq(std::nullopt), "")));
}

TEST_F(PullTest, StopsWhenCancelledAndKeepsWhatWasCommitted) {
  Install("p", PythonPlugin("p", R"(
define()
observe({'2024-01': 1})
checkpoint('one')
time.sleep(1000)
)"));
  // Which is remembered in a commit as well.
  ASSERT_TRUE(host_->GetPlugin("p").ok());
  PullObserver observer;
  observer.cancelled = [&, before = store_->last_commit()] {
    return store_->last_commit() > before;
  };
  auto report = host_->Pull(MakeSource("p"), "runs/1", observer);
  EXPECT_EQ(report.status().code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(Checkpoints(), ElementsAre(Pair("", "one")));
}

TEST_F(PullTest, SaysThatANewerVersionWroteTheCheckpoint) {
  const std::string text = PythonPlugin("p", R"(
define()
observe({'2024-01': 1})
checkpoint('1')
)");
  Install("p", text);
  ASSERT_TRUE(Pull("p").ok());
  EXPECT_THAT(Pull("p")->log, ::testing::IsEmpty());
  Install("p", absl::StrReplaceAll(
                   text, {{R"("version":"1.2")", R"("version":"1.1")"}}));
  EXPECT_THAT(Pull("p")->log,
              ::testing::ElementsAre(HasSubstr(
                  "were written by version 1.2 of the plugin, which is newer "
                  "than this, 1.1")));
}

}  // namespace
}  // namespace headway::ingest
