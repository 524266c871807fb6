#include "daemon/ingest/egress/quotas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/ingest/egress/quota_request.h"

namespace headway::ingest {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

class MemoryLedger final : public QuotaLedger {
 public:
  absl::StatusOr<std::optional<DayCount>> Read(
      const std::string& host) override {
    const auto found = counts.find(host);
    if (found == counts.end()) return std::nullopt;
    return found->second;
  }
  absl::Status Write(const std::string& host, const DayCount& count) override {
    ++writes;
    counts[host] = count;
    return failure;
  }

  std::map<std::string, DayCount> counts;
  int writes = 0;
  absl::Status failure;
};

class QuotaKeeperTest : public ::testing::Test {
 protected:
  static HostLimit Limit(int64_t per_second, int64_t per_minute,
                         int64_t per_day) {
    return {.host = "api.test",
            .per_second = per_second,
            .per_minute = per_minute,
            .per_day = per_day};
  }

  absl::StatusOr<QuotaAnswer> Take(
      const HostLimit& limit, int64_t requests = 1,
      absl::Duration longest_wait = absl::Minutes(10)) {
    return keeper_->Take(limit, requests, longest_wait);
  }
  // The seconds to wait before each of so many requests.
  std::vector<double> Waits(const HostLimit& limit, int requests) {
    std::vector<double> waits;
    for (int i = 0; i < requests; ++i) {
      const auto answer = Take(limit);
      EXPECT_TRUE(answer.ok() && answer->is_granted) << i;
      waits.push_back(answer.ok() ? absl::ToDoubleSeconds(answer->wait) : -1);
    }
    return waits;
  }
  // As the next daemon does.
  void Restart() {
    keeper_.reset();
    keeper_ = std::make_unique<QuotaKeeper>(&clock_, &ledger_);
  }

  SimulatedClock clock_{
      absl::FromCivil(absl::CivilSecond(2025, 6, 15, 12), absl::UTCTimeZone())};
  MemoryLedger ledger_;
  std::unique_ptr<QuotaKeeper> keeper_ =
      std::make_unique<QuotaKeeper>(&clock_, &ledger_);
};

TEST_F(QuotaKeeperTest, LetsSoManyGoAtOnceAndTheOthersLater) {
  EXPECT_THAT(Waits(Limit(2, 0, 0), 5), ElementsAre(0, 0, 1, 1, 2));
}

TEST_F(QuotaKeeperTest, KeepsTheLimitsOfAllSpans) {
  EXPECT_THAT(Waits(Limit(1, 3, 0), 5), ElementsAre(0, 1, 2, 60, 61));
}

TEST_F(QuotaKeeperTest, ForgetsWhatIsLongerAgo) {
  EXPECT_THAT(Waits(Limit(0, 2, 0), 2), ElementsAre(0, 0));
  clock_.Advance(absl::Seconds(59));
  EXPECT_THAT(Waits(Limit(0, 2, 0), 1), ElementsAre(1));
  clock_.Advance(absl::Minutes(3));
  EXPECT_THAT(Waits(Limit(0, 2, 0), 1), ElementsAre(0));
}

TEST_F(QuotaKeeperTest, CountsEachHostByItself) {
  HostLimit other = Limit(1, 0, 0);
  other.host = "other.test";
  EXPECT_THAT(Waits(Limit(1, 0, 0), 2), ElementsAre(0, 1));
  EXPECT_THAT(Waits(other, 1), ElementsAre(0));
}

TEST_F(QuotaKeeperTest, WaitsForTheLastOfSeveral) {
  const auto answer = Take(Limit(2, 0, 0), 2);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->wait, absl::ZeroDuration());
  EXPECT_THAT(Waits(Limit(2, 0, 0), 1), ElementsAre(1));
}

TEST_F(QuotaKeeperTest, RefusesMoreAtOnceThanTheLimitEverAllows) {
  const absl::Status status = Take(Limit(0, 5, 0), 6).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("ask for 1 to 5"));
  EXPECT_TRUE(absl::IsInvalidArgument(Take(Limit(1, 0, 0), 0).status()));
}

TEST_F(QuotaKeeperTest, CountsNothingThatWouldWaitTooLong) {
  EXPECT_THAT(Waits(Limit(0, 1, 0), 1), ElementsAre(0));
  const auto answer = Take(Limit(0, 1, 0), 1, absl::Seconds(30));
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->is_granted);
  EXPECT_EQ(answer->wait, absl::Minutes(1));
  EXPECT_THAT(Waits(Limit(0, 1, 0), 1), ElementsAre(60));
}

TEST_F(QuotaKeeperTest, RefusesWhatIsBeyondTheDayUntilTheNext) {
  EXPECT_THAT(Waits(Limit(0, 0, 2), 2), ElementsAre(0, 0));
  const auto answer = Take(Limit(0, 0, 2));
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->is_granted);
  EXPECT_EQ(answer->wait, absl::Hours(12));
  EXPECT_THAT(
      answer->why,
      HasSubstr("the 2 requests of the day are used up until 2025-06-16"));
  clock_.Advance(absl::Hours(12));
  EXPECT_THAT(Waits(Limit(0, 0, 2), 1), ElementsAre(0));
}

TEST_F(QuotaKeeperTest, KnowsTheDayAfterARestart) {
  EXPECT_THAT(Waits(Limit(0, 0, 3), 2), ElementsAre(0, 0));
  Restart();
  EXPECT_THAT(Waits(Limit(0, 0, 3), 1), ElementsAre(0));
  EXPECT_FALSE(Take(Limit(0, 0, 3))->is_granted);
}

TEST_F(QuotaKeeperTest, GrantsNothingTwiceAfterAnEndWithoutWarning) {
  EXPECT_THAT(Waits(Limit(0, 0, 100), 99).back(), 0);
  // What the ledger has while this daemon still runs.
  QuotaKeeper next(&clock_, &ledger_);
  int granted = 0;
  while (next.Take(Limit(0, 0, 100), 1, absl::ZeroDuration())->is_granted) {
    ++granted;
  }
  EXPECT_LE(granted, 1);
}

TEST_F(QuotaKeeperTest, WritesTheLedgerRarelyWhereTheDayIsLong) {
  Waits(Limit(0, 0, 100000), 1000);
  EXPECT_EQ(ledger_.writes, 10);
}

TEST_F(QuotaKeeperTest, WritesNothingWhereNoDayIsLimited) {
  Waits(Limit(100, 0, 0), 5);
  EXPECT_EQ(ledger_.writes, 0);
}

TEST_F(QuotaKeeperTest, CountsForTheDayWhatPluginsWithoutOneSend) {
  Waits(Limit(0, 0, 3), 1);
  Waits(Limit(9, 0, 0), 2);
  Restart();
  EXPECT_FALSE(Take(Limit(0, 0, 3))->is_granted);
}

TEST_F(QuotaKeeperTest, GrantsNothingThatItCannotCount) {
  ledger_.failure = absl::InternalError("the disk is full");
  EXPECT_FALSE(Take(Limit(0, 0, 3)).ok());
  ledger_.failure = absl::OkStatus();
  Restart();
}

TEST_F(QuotaKeeperTest, GivesEachThreadATurnOfItsOwn) {
  std::vector<double> first, second;
  std::thread one([&] { first = Waits(Limit(1, 0, 0), 3); });
  std::thread two([&] { second = Waits(Limit(1, 0, 0), 3); });
  one.join();
  two.join();
  first.insert(first.end(), second.begin(), second.end());
  EXPECT_THAT(first, UnorderedElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(QuotaQuestionTest, NamesHostNumberAndPatience) {
  const auto question =
      ParseQuotaQuestion("/take?host=API.test&requests=3&longest_wait=5");
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_EQ(question->host, "api.test");
  EXPECT_EQ(question->requests, 3);
  EXPECT_EQ(question->longest_wait, absl::Seconds(5));
}

TEST(QuotaQuestionTest, IsForOneRequestWhereNothingIsSaid) {
  const auto question = ParseQuotaQuestion("/take?host=%5B::1%5D");
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_EQ(question->host, "[::1]");
  EXPECT_EQ(question->requests, 1);
}

TEST(QuotaQuestionTest, SaysHowToAsk) {
  for (const char* target :
       {"/", "", "/take", "/take?host=", "/give?host=a", "/take?host=a&b=1",
        "/take?host=a&requests=x", "/take?host=a&longest_wait=-1",
        "/take?host=a&longest_wait=99999999"}) {
    const absl::Status status = ParseQuotaQuestion(target).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << target;
    EXPECT_THAT(std::string(status.message()), HasSubstr("/take?host=HOST"));
  }
}

TEST(QuotaAnswerTest, IsTheSecondsToWait) {
  EXPECT_THAT(
      FormatQuotaAnswer({.is_granted = true, .wait = absl::Milliseconds(1250)}),
      AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\n\r\n1.250")));
}

TEST(QuotaAnswerTest, SaysWhenToComeAgain) {
  EXPECT_THAT(
      FormatQuotaAnswer({.wait = absl::Milliseconds(1250), .why = "used up"}),
      AllOf(StartsWith("HTTP/1.1 429 "), HasSubstr("Retry-After: 2\r\n"),
            HasSubstr("used up")));
}

}  // namespace
}  // namespace headway::ingest
