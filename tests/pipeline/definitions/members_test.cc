// The members that an indicator must have, as its definition names them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "tests/support/files.h"
#include "tests/support/temp_directory.h"

namespace headway::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MembersTest : public ::testing::Test {
 protected:
  // An indicator of that expression and those members.
  Definitions Define(absl::string_view expression, absl::string_view members) {
    WriteFile(directory_.Join("p.textproto"),
              absl::StrCat("pipeline { name: \"a\" indicator {\n"
                           "  name: \"x\" unit: \"1\" expression: \"",
                           expression, "\"\n  ", members, " } }"));
    absl::StatusOr<Definitions> loaded = LoadDirectory(directory_.path(), {});
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return loaded.ok() ? *std::move(loaded) : Definitions();
  }

  static std::vector<std::string> Errors(const Definitions& definitions) {
    std::vector<std::string> errors;
    for (const DefinitionError& error : definitions.errors) {
      errors.push_back(error.ToString());
    }
    return errors;
  }

  TempDirectory directory_;
};

TEST_F(MembersTest, AreTakenAsTheDefinitionNamesThem) {
  const Definitions definitions = Define(
      "sum(m)", R"txt(members { label: "to" value: "CHN" value: "JPN" })txt");
  EXPECT_THAT(Errors(definitions), IsEmpty());
  EXPECT_THAT(definitions.expressions.at("x").members,
              ElementsAre(query::MemberSet{"to", {"CHN", "JPN"}}));
}

TEST_F(MembersTest, ThatNoSelectorTakesAreAnErrorWhereTheyStand) {
  EXPECT_THAT(
      Errors(
          Define("sum(m{to='CHN'})",
                 R"txt(members { label: "to" value: "CHN" value: "JPN" })txt")),
      ElementsAre(HasSubstr("p.textproto:3:3: member \"JPN\" of label \"to\": "
                            "every selector of the expression leaves it out")));
}

TEST_F(MembersTest, ChangeTheFingerprint) {
  const auto fingerprint = [this](absl::string_view members) {
    return Define("sum(m)", members).indicators.at("x").fingerprint;
  };
  const uint64_t without = fingerprint("");
  const uint64_t with =
      fingerprint(R"txt(members { label: "to" value: "CHN" })txt");
  EXPECT_NE(with, without);
  EXPECT_NE(fingerprint(R"txt(members { label: "to" value: "JPN" })txt"), with);
}

}  // namespace
}  // namespace headway::pipeline
