#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/pipeline/retention.h"
#include "tests/support/store_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::ElementsAre;

class DocumentRetentionTest : public store::StoreTest {
 protected:
  void Keep(const std::string& source) {
    store::Pull pull;
    pull.source = source;
    pull.start_time = pull.end_time = clock_.Now();
    store::DocumentArchive::Fetched fetched;
    fetched.document.file = "table.csv";
    fetched.document.fetched_at = clock_.Now();
    fetched.body = "1,2,3";
    ASSERT_TRUE(store_->documents().Put({fetched}, &pull).ok());
  }

  std::vector<std::string> Sources() {
    return store_->documents().ListSources().value();
  }

  std::shared_ptr<Definitions> definitions_ = std::make_shared<Definitions>();
};

TEST_F(DocumentRetentionTest, DocumentsOfASourceThatIsGoneExpire) {
  definitions_->sources["live"] = {};
  Keep("live");
  Keep("removed");
  DocumentRetention retention(&clock_, store_.get(),
                              [this] { return definitions_; });
  retention.DoSome();
  EXPECT_THAT(Sources(), ElementsAre("live", "removed"));
  clock_.Advance(absl::Hours(24 * 401));
  retention.DoSome();
  EXPECT_THAT(Sources(), ElementsAre("live"));
}

TEST_F(DocumentRetentionTest, LooksOnceADay) {
  DocumentRetention retention(&clock_, store_.get(),
                              [this] { return definitions_; });
  EXPECT_EQ(retention.DoSome(), clock_.Now() + absl::Hours(24));
}

}  // namespace
}  // namespace headway::pipeline
