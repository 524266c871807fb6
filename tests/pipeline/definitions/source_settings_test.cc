// What a definition says of a source besides its plugin and options.
#include "daemon/pipeline/definitions/source_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pipeline/definitions/definitions_fixture.h"

namespace headway::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using SourceSettingsTest = DefinitionsTest;

TEST_F(SourceSettingsTest, NegativeLimitsAndBackoffsAreErrors) {
  EXPECT_THAT(ErrorsOf(R"txt(pipeline {
  name: "a"
  source {
    name: "s"
    plugin: "csv"
    retry { initial_backoff { seconds: -1 } }
    limits { max_series: -5 }
  }
})txt"),
              ElementsAre("p.textproto:6:13: initial_backoff -1s is negative; "
                          "leave it out for the default, 5s",
                          "p.textproto:7:14: max_series -5 is negative; leave "
                          "it out for the default, 100000"));
}

TEST_F(SourceSettingsTest, ASecretThatIsNoVariableOfItsOwnIsAnError) {
  EXPECT_THAT(
      ErrorsOf(R"txt(pipeline {
  name: "a"
  source {
    name: "s"
    plugin: "csv"
    secret: "0a1b2c3d"
  }
  source {
    name: "t"
    plugin: "csv"
    secret: "LD_PRELOAD"
  }
})txt"),
      ElementsAre(HasSubstr("secret \"0a1b2c3d\" is no name of an environment "
                            "variable"),
                  HasSubstr("secret \"LD_PRELOAD\" is a variable that says how "
                            "programs run")));
}

TEST_F(SourceSettingsTest, ARetentionOfDocumentsThatCannotBeIsAnError) {
  EXPECT_THAT(ErrorsOf(R"txt(pipeline {
  name: "a"
  source {
    name: "s"
    plugin: "csv"
    documents { keep_days: -1 }
  }
  source {
    name: "t"
    plugin: "csv"
    documents { max_document_bytes: 268435457 }
  }
})txt"),
              ElementsAre("p.textproto:6:17: keep_days -1 is negative; leave "
                          "it out for the default, 400",
                          "p.textproto:11:17: max_document_bytes 268435457 is "
                          "more than 268435456, the most"));
}

TEST_F(SourceSettingsTest, SharingIsThePublishersUnlessItIsSaid) {
  Write("p.textproto", R"txt(pipeline {
  name: "a"
  source { name: "as_said" plugin: "csv" }
  source { name: "open" plugin: "csv" sharing: SHARING_ALLOWED }
  source { name: "shut" plugin: "csv" sharing: SHARING_FORBIDDEN }
})txt");
  const Definitions definitions = Load();
  EXPECT_THAT(Errors(definitions), IsEmpty());
  const auto sharing = [&](const char* name) {
    return definitions.sources.at(name).source.sharing;
  };
  EXPECT_EQ(sharing("as_said"), ingest::Sharing::kAsPublisher);
  EXPECT_EQ(sharing("open"), ingest::Sharing::kAllowed);
  EXPECT_EQ(sharing("shut"), ingest::Sharing::kForbidden);
}

}  // namespace
}  // namespace headway::pipeline
