// On what terms numbers were given, as a pull keeps it.
#include "daemon/ingest/source/terms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/plugin_fixture.h"

namespace headway::ingest {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TermsTest : public PluginTest {
 protected:
  TermsTest() { OpenStore(); }

  // Pulls from a plugin with these terms; the error if there is one.
  std::string Pull(absl::string_view terms) {
    Install("p", ShellPlugin("p", "", terms));
    const auto report = host_->Pull(MakeSource("p"), "runs/1", {});
    return report.ok() ? "" : std::string(report.status().message());
  }

  std::map<std::string, SourceTerms> Kept() {
    return ReadTerms(*store_->NewReader()).value();
  }
};

constexpr char kForbidden[] =
    R"(,"terms":{"sharing":"FORBIDDEN","summary":"For your own use.",)"
    R"("url":"https://example.org/terms"})";

TEST_F(TermsTest, AreKeptByAPull) {
  EXPECT_EQ(Pull(kForbidden), "");
  const SourceTerms terms = Kept()["src"];
  EXPECT_TRUE(terms.forbids_sharing);
  EXPECT_EQ(terms.summary, "For your own use.");
  EXPECT_EQ(terms.url, "https://example.org/terms");
}

TEST_F(TermsTest, OfAPluginThatSaysNothingAreNotKept) {
  EXPECT_EQ(Pull(""), "");
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_F(TermsTest, WithoutASentenceOrAnAddressAreRefused) {
  EXPECT_THAT(Pull(R"(,"terms":{"sharing":"ALLOWED","url":"https://a.org"})"),
              HasSubstr("say in one sentence"));
  EXPECT_THAT(Pull(R"(,"terms":{"sharing":"ALLOWED","summary":"Free."})"),
              HasSubstr("give the page on which the publisher says them"));
}

TEST(IsRestrictedTest, TheOperatorsWordGoesBeforeThePublishers) {
  const SourceTerms forbids = {
      .forbids_sharing = true, .summary = "no", .url = ""};
  EXPECT_TRUE(IsRestricted(Sharing::kAsPublisher, forbids));
  EXPECT_FALSE(IsRestricted(Sharing::kAllowed, forbids));
  EXPECT_FALSE(IsRestricted(Sharing::kAsPublisher, {}));
  EXPECT_TRUE(IsRestricted(Sharing::kForbidden, {}));
}

}  // namespace
}  // namespace headway::ingest
