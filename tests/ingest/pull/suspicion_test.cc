// Pulls that look like an accident at the publisher are held back.
#include "daemon/ingest/pull/suspicion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/plugin_fixture.h"
#include "tests/support/status_matchers.h"

namespace headway::ingest {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SuspicionTest : public PluginTest {
 protected:
  absl::StatusOr<PullReport> PullSeries(const std::vector<double>& values,
                                        const std::string& more = "") {
    std::string points;
    for (size_t i = 0; i < values.size(); ++i) {
      absl::StrAppend(&points, "'", 2020 + i / 12, "-", i % 12 < 9 ? "0" : "",
                      i % 12 + 1, "': ", values[i], ", ");
    }
    clock_.Advance(absl::Hours(24));
    return PullPython(absl::StrCat(
        values.empty() ? ""
                       : absl::StrCat("define()\nobserve({", points,
                                      "}, snapshot=True)\n"),
        "checkpoint(complete=True", more, ")"));
  }

  std::vector<double> Read() {
    const auto reader = store_->NewReader();
    const auto entries = reader->SelectSeries(series::Selector()).value();
    return reader->Read(entries.at(0).id).value().values;
  }

  static std::vector<double> Steady(size_t count, double scale = 1) {
    std::vector<double> values;
    for (size_t i = 0; i < count; ++i) {
      values.push_back(scale * (100 + static_cast<double>(i)));
    }
    return values;
  }

  void ExpectHeld(const absl::StatusOr<PullReport>& report,
                  const std::string& why) {
    EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(
        std::string(report.status().message()),
        AllOf(HasSubstr("held back"), HasSubstr(why), HasSubstr("accept src")));
  }
};

TEST_F(SuspicionTest, ACompleteTableWithoutRowsIsHeldBack) {
  ASSERT_THAT(PullSeries({1, 2}), IsOk());
  ExpectHeld(PullSeries({}), "it delivers nothing, and 2 values of it stood");
  EXPECT_EQ(Read(), (std::vector<double>{1, 2}));
}

TEST_F(SuspicionTest, ATableCutShortIsHeldBack) {
  ASSERT_THAT(PullSeries(Steady(128)), IsOk());
  ExpectHeld(PullSeries(Steady(39)), "89 of 128 values would be withdrawn");
  EXPECT_EQ(Read().size(), 128u);
}

TEST_F(SuspicionTest, ValuesInAnotherMagnitudeAreHeldBack) {
  ASSERT_THAT(PullSeries(Steady(24)), IsOk());
  ExpectHeld(PullSeries(Steady(24, 0.001)), "0.001 times what they were");
  EXPECT_EQ(Read(), Steady(24));
}

TEST_F(SuspicionTest, ALeapOfTheNextValueIsHeldBack) {
  ASSERT_THAT(PullSeries(Steady(24)), IsOk());
  std::vector<double> leaping = Steady(24);
  leaping.push_back(124000);
  ExpectHeld(PullSeries(leaping), "leaps to a hundredfold");
}

TEST_F(SuspicionTest, WhatPublishersDoEveryMonthIsStored) {
  ASSERT_THAT(PullSeries(Steady(24)), IsOk());
  std::vector<double> next = Steady(25);
  next[3] = 50;     // revised by half
  next[24] = 1240;  // ten times the last
  ASSERT_THAT(PullSeries(next), IsOk());
  EXPECT_EQ(Read(), next);
  // Three of the oldest years' months are dropped.
  std::vector<double> fewer(next.begin(), next.end() - 3);
  ASSERT_THAT(PullSeries(fewer), IsOk());
  EXPECT_EQ(Read(), fewer);
}

TEST_F(SuspicionTest, AFirstPullIsStored) {
  ASSERT_THAT(PullSeries(Steady(3)), IsOk());
  EXPECT_EQ(Read(), Steady(3));
}

TEST_F(SuspicionTest, WhatIsAcceptedIsStoredByTheNextPullAlone) {
  ASSERT_THAT(PullSeries(Steady(24)), IsOk());
  ExpectHeld(PullSeries(Steady(24, 1000)), "1e+03 times");
  ASSERT_THAT(Accept("src", store_.get()), IsOk());
  ASSERT_THAT(PullSeries(Steady(24, 1000)), IsOk());
  EXPECT_EQ(Read(), Steady(24, 1000));
  ExpectHeld(PullSeries(Steady(24)), "0.001 times");
}

TEST_F(SuspicionTest, NothingIsAcceptedWhereNothingIsHeldBack) {
  ASSERT_THAT(PullSeries(Steady(24)), IsOk());
  EXPECT_EQ(Accept("src", store_.get()).code(), absl::StatusCode::kNotFound);
  ExpectHeld(PullSeries({}), "delivers nothing");
  ASSERT_THAT(PullSeries(Steady(24)), IsOk());
  EXPECT_EQ(Accept("src", store_.get()).code(), absl::StatusCode::kNotFound);
}

TEST_F(SuspicionTest, ASourceMayAcceptAll) {
  ASSERT_THAT(PullSeries(Steady(24)), IsOk());
  Source source = MakeSource("p");
  source.accept_suspicious = true;
  Install("p", PythonPlugin("p", "checkpoint(complete=True)"));
  ASSERT_THAT(host_->Pull(source, "runs/1", {}), IsOk());
  EXPECT_TRUE(Read().empty());
}

}  // namespace
}  // namespace headway::ingest
