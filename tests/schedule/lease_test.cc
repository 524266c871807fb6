#include "daemon/schedule/lease.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/store_fixture.h"

namespace headway::schedule {
namespace {

using ::testing::HasSubstr;

class LeaseTest : public store::StoreTest {
 protected:
  absl::StatusOr<Lease> Take(const std::string& holder) {
    store::Batch batch;
    auto lease = Lease::Take(*store_->NewReader(), "run/1", holder,
                             clock_.Now(), absl::Hours(1), batch);
    if (lease.ok()) Commit(batch);
    return lease;
  }
  absl::Status CommitUnder(const Lease& lease) {
    store::Batch batch;
    batch.records.push_back({store::RecordKind::kState, "work", "done"});
    batch.preconditions.push_back(lease.Holds());
    return store_->Commit(batch).status();
  }
};

TEST_F(LeaseTest, IsOneHoldersUntilItExpires) {
  ASSERT_TRUE(Take("a").ok());
  EXPECT_THAT(Take("b"),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("run/1 is held by a until 2024-01-01T01:00")));
  clock_.Advance(absl::Hours(1));
  EXPECT_TRUE(Take("b").ok());
}

TEST_F(LeaseTest, CommitsOfAHolderThatWasReplacedAreRefused) {
  const auto a = Take("a");
  EXPECT_TRUE(CommitUnder(*a).ok());
  clock_.Advance(absl::Hours(2));
  // Nobody has taken it: lateness alone does no harm.
  EXPECT_TRUE(CommitUnder(*a).ok());
  const auto b = Take("b");
  EXPECT_TRUE(absl::IsAborted(CommitUnder(*a)));
  EXPECT_TRUE(CommitUnder(*b).ok());
}

TEST_F(LeaseTest, ItsHolderTakesItAnewAndFencesOffItsOlderSelf) {
  const auto before = Take("a");
  const auto after = Take("a");
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->token(), before->token() + 1);
  EXPECT_TRUE(absl::IsAborted(CommitUnder(*before)));
}

TEST_F(LeaseTest, OfTwoWhoTakeItAtOnceOneIsRefused) {
  const auto reader = store_->NewReader();
  store::Batch first, second;
  ASSERT_TRUE(
      Lease::Take(*reader, "run/1", "a", clock_.Now(), absl::Hours(1), first)
          .ok());
  ASSERT_TRUE(
      Lease::Take(*reader, "run/1", "b", clock_.Now(), absl::Hours(1), second)
          .ok());
  EXPECT_TRUE(store_->Commit(first).ok());
  EXPECT_TRUE(absl::IsAborted(store_->Commit(second).status()));
}

TEST_F(LeaseTest, RunsOnWhenItIsRenewed) {
  auto a = Take("a");
  clock_.Advance(absl::Minutes(50));
  store::Batch batch;
  a->Renew(clock_.Now(), absl::Hours(1), batch);
  Commit(batch);
  clock_.Advance(absl::Minutes(50));
  EXPECT_TRUE(absl::IsUnavailable(Take("b").status()));
  EXPECT_TRUE(CommitUnder(*a).ok());
}

TEST_F(LeaseTest, OfAThingThatIsForgottenLetsNothingBeCommitted) {
  const auto a = Take("a");
  store::Batch batch;
  Lease::Forget("run/1", batch);
  Commit(batch);
  EXPECT_TRUE(absl::IsAborted(CommitUnder(*a)));
}

}  // namespace
}  // namespace headway::schedule
