// Which sources take the place of others.
#include "daemon/pipeline/definitions/supersession.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace headway::pipeline {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SupersessionTest : public testing::Test {
 protected:
  void Define(const std::string& name, const std::string& supersedes = "",
              bool disabled = false) {
    Source& source = sources_[name];
    source.source.name = name;
    source.supersedes = supersedes;
    source.disabled = disabled;
  }

  std::map<std::string, Source> sources_;
};

TEST_F(SupersessionTest, AnEnabledSourceTakesThePlaceOfTheOther) {
  Define("sample");
  Define("live", "sample");
  EXPECT_THAT(ArrangeSupersession(sources_), IsEmpty());
  EXPECT_EQ(sources_["live"].source.replaces, "sample");
  EXPECT_TRUE(sources_["sample"].disabled);
  EXPECT_EQ(sources_["sample"].superseded_by, "live");
}

TEST_F(SupersessionTest, ADisabledOneLeavesItToTheOther) {
  Define("sample");
  Define("live", "sample", /*disabled=*/true);
  EXPECT_THAT(ArrangeSupersession(sources_), IsEmpty());
  EXPECT_FALSE(sources_["sample"].disabled);
  EXPECT_EQ(sources_["sample"].source.replaces, "live");
  EXPECT_EQ(sources_["live"].source.replaces, "");
}

TEST_F(SupersessionTest, WhatCannotBeIsNamedAndDisablesTheSource) {
  Define("sample");
  Define("itself", "itself");
  Define("lost", "sampel");
  Define("live", "sample");
  Define("rival", "sample");
  Define("chained", "live");
  const std::vector<SupersessionError> errors = ArrangeSupersession(sources_);
  std::map<std::string, std::string> by_source;
  for (const SupersessionError& error : errors) {
    by_source[error.source] = error.message;
    EXPECT_TRUE(sources_[error.source].disabled) << error.source;
  }
  EXPECT_THAT(errors, SizeIs(4));
  EXPECT_THAT(by_source["itself"], HasSubstr("supersedes itself"));
  EXPECT_THAT(by_source["lost"], HasSubstr("did you mean \"sample\""));
  EXPECT_THAT(by_source["rival"], HasSubstr("which \"live\" supersedes"));
  EXPECT_THAT(by_source["chained"], HasSubstr("which supersedes \"sample\""));
  EXPECT_FALSE(sources_["live"].disabled);
}

}  // namespace
}  // namespace headway::pipeline
