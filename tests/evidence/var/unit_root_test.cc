#include "daemon/evidence/var/unit_root.h"

#include <gtest/gtest.h>

#include "tests/evidence/examples.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using ::testing::HasSubstr;

TEST(CanadaUnitRoots, AdfIsThatOfUrca) {
  const auto table = ReadExample("granger_var/canada.csv");
  const auto json = ReadExampleJson("granger_var/expected.json");
  HEADWAY_SKIP_WITHOUT(table);
  for (size_t j = 0; j < table->columns.size(); ++j) {
    const std::string& name = table->columns[j];
    const auto test =
        TestAdf(name, table->values.col(j), 2, Deterministic::kConstant);
    ASSERT_THAT(test, IsOk());
    EXPECT_NEAR(test->tau, (*json)["computed"]["canada"]["adf"][name]["tau"],
                1e-6);
    EXPECT_NEAR(test->critical[1], -2.89, 0.02);
  }
}

TEST(CanadaUnitRoots, JohansenIsThatOfUrca) {
  const auto table = ReadExample("granger_var/canada.csv");
  const auto json = ReadExampleJson("granger_var/expected.json");
  HEADWAY_SKIP_WITHOUT(table);
  const auto test = TestJohansen({table->columns, table->values}, 2);
  ASSERT_THAT(test, IsOk());
  const nlohmann::json& expected =
      (*json)["computed"]["canada"]["johansen_trace_K2_const"];
  for (int rank = 0; rank < 4; ++rank) {
    EXPECT_NEAR(test->rows[rank].trace, expected["teststat"][3 - rank], 1e-6);
    EXPECT_EQ(test->rows[rank].critical[1], expected["cval"]["5pct"][3 - rank]);
  }
}

TEST(TestAdf, TellsNoiseFromAWalk) {
  const auto noise =
      TestAdf("noise", Noise(200, 1, 2), -1, Deterministic::kConstant);
  const auto walk =
      TestAdf("walk", Walks(200, 1, 2), -1, Deterministic::kConstant);
  ASSERT_THAT(noise, IsOk());
  EXPECT_LT(noise->p, 0.01);
  EXPECT_GT(walk->p, 0.05);
}

// The p-value at MacKinnon's own asymptotic critical value.
TEST(TestAdf, AgreesWithItsCriticalValues) {
  for (int seed = 1; seed < 40; ++seed) {
    const auto test =
        TestAdf("walk", Walks(2000, 1, seed), 0, Deterministic::kConstant);
    ASSERT_THAT(test, IsOk());
    EXPECT_EQ(test->p < 0.1, test->tau < test->critical[2]) << test->tau;
  }
}

TEST(TestKpss, TellsAWalkFromNoise) {
  EXPECT_EQ(TestKpss("noise", Noise(200, 1, 2), false)->p, 0.1);
  EXPECT_EQ(TestKpss("walk", Walks(400, 1, 3), false)->p, 0.01);
}

TEST(OrderOfIntegration, IsHowOftenToDifference) {
  Eigen::MatrixXd twice = Walks(300, 1, 4);
  for (int t = 1; t < 300; ++t) twice(t, 0) += twice(t - 1, 0);
  EXPECT_EQ(*OrderOfIntegration("noise", Noise(300, 1, 4)), 0);
  EXPECT_EQ(*OrderOfIntegration("walk", Walks(300, 1, 4)), 1);
  EXPECT_EQ(*OrderOfIntegration("twice", twice), 2);
}

TEST(TestAdf, NamesASeriesThatIsTooShort) {
  EXPECT_THAT(TestAdf("gdp", Noise(4, 1, 1), 2, Deterministic::kConstant),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("gdp")));
}

}  // namespace
}  // namespace headway::evidence
