#include "daemon/evidence/math/covariance.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/evidence/examples.h"

namespace headway::evidence {
namespace {

using Columns = std::vector<std::string>;

std::vector<std::string> Labels(const Eigen::VectorXd& values) {
  std::vector<std::string> labels;
  for (const double value : values) labels.push_back(std::to_string(value));
  return labels;
}

struct Petersen {
  LinearFit fit;
  Grouping firm;
  Grouping year;
};

std::optional<Petersen> LoadPetersen() {
  const auto table = ReadExample("clustered_errors/petersen.csv");
  if (!table) return std::nullopt;
  LinearInput input{.y = table->Select({"y"}).col(0),
                    .x = table->Select({"x"}),
                    .names = {"x"}};
  return Petersen{FitLinear(input).value(), MakeGrouping("firm", table->rows),
                  MakeGrouping("year", Labels(table->Select({"year"}).col(0)))};
}

LinearFit Grunfeld(const ExampleTable& table, const Columns& effects) {
  LinearInput input{.y = table.Select({"inv"}).col(0),
                    .x = table.Select({"value", "capital"}),
                    .names = {"value", "capital"}};
  for (const std::string& effect : effects) {
    input.effects.push_back(MakeGrouping(
        effect,
        effect == "firm" ? table.rows : Labels(table.Select({"year"}).col(0))));
  }
  return FitLinear(input).value();
}

CovarianceOptions Clustered(const std::vector<Grouping>& clusters,
                            SmallSample correction) {
  CovarianceOptions options(CovarianceKind::kCluster);
  options.clusters = clusters;
  options.correction = correction;
  return options;
}

std::vector<double> Errors(const LinearFit& fit,
                           const CovarianceOptions& options) {
  const auto covariance = EstimateCovariance(fit, options);
  EXPECT_TRUE(covariance.ok()) << covariance.status();
  std::vector<double> errors;
  for (int j = 0; covariance.ok() && j < fit.slopes(); ++j) {
    errors.push_back(covariance->StandardError(j));
  }
  return errors;
}

void ExpectNear(const std::vector<double>& actual,
                const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t j = 0; j < actual.size(); ++j) {
    EXPECT_NEAR(actual[j], expected[j], 1e-9 * (1 + expected[j])) << j;
  }
}

TEST(CovarianceTest, ClustersOfPetersensDataGiveThePublishedErrors) {
  const auto data = LoadPetersen();
  HEADWAY_SKIP_WITHOUT(data);
  const SmallSample stata = SmallSample::kStata;
  ExpectNear(Errors(data->fit, Clustered({data->firm}, stata)),
             {0.0670127036987728, 0.0505957258840296});
  ExpectNear(Errors(data->fit, Clustered({data->year}, stata)),
             {0.0233867211009489, 0.0333889134119265});
  ExpectNear(Errors(data->fit, Clustered({data->firm, data->year}, stata)),
             {0.0650639181993894, 0.0535580229449379});
}

TEST(CovarianceTest, DriscollKraayOfPetersensDataIsThePublishedOne) {
  const auto data = LoadPetersen();
  HEADWAY_SKIP_WITHOUT(data);
  CovarianceOptions options(CovarianceKind::kDriscollKraay);
  options.periods = data->year;
  options.correction = SmallSample::kNone;
  ExpectNear(Errors(data->fit, options),
             {0.0243573188673526, 0.028163328271977});
}

TEST(CovarianceTest, WithinOfGrunfeldsDataIsThatOfPlm) {
  const auto table = ReadExample("clustered_errors/grunfeld.csv");
  HEADWAY_SKIP_WITHOUT(table);
  const LinearFit fit = Grunfeld(*table, {"firm"});
  EXPECT_NEAR(fit.coefficients[0], 0.110123804120718, 1e-12);
  EXPECT_NEAR(fit.coefficients[1], 0.310065341300139, 1e-12);
  ExpectNear(Errors(fit, CovarianceOptions(CovarianceKind::kClassical)),
             {0.0118566942140438, 0.0173545027755526});
  ExpectNear(Errors(fit, Clustered({MakeGrouping("firm", table->rows)},
                                   SmallSample::kNone)),
             {0.0143421437123503, 0.0497926087237731});
}

TEST(CovarianceTest, TwoWayWithinOfGrunfeldsDataIsThatOfPlm) {
  const auto table = ReadExample("clustered_errors/grunfeld.csv");
  HEADWAY_SKIP_WITHOUT(table);
  const LinearFit fit = Grunfeld(*table, {"firm", "year"});
  EXPECT_NEAR(fit.coefficients[0], 0.117715855082606, 1e-11);
  ExpectNear(Errors(fit, CovarianceOptions(CovarianceKind::kClassical)),
             {0.0137512830036482, 0.0227190108825725});
}

TEST(CovarianceTest, LeverageCorrectionsOfGrunfeldsFirmsAreThoseOfSandwich) {
  const auto table = ReadExample("clustered_errors/grunfeld.csv");
  HEADWAY_SKIP_WITHOUT(table);
  const LinearFit fit = Grunfeld(*table, {});
  const Grouping firm = MakeGrouping("firm", table->rows);
  ExpectNear(Errors(fit, Clustered({firm}, SmallSample::kGroups)),
             {20.3223045261992, 0.0158142639526021, 0.0845390640052911});
  ExpectNear(Errors(fit, Clustered({firm}, SmallSample::kLeverageHalf)),
             {25.6074037717881, 0.0162450777800677, 0.110467620919051});
  ExpectNear(Errors(fit, Clustered({firm}, SmallSample::kLeverageFull)),
             {36.6965269118619, 0.0170024834552216, 0.155300381453048});
}

TEST(CovarianceTest, TwoClustersAreRefused) {
  LinearInput input{.y = Noise(8, 1, 1).col(0), .x = Noise(8, 1, 2)};
  input.names = {"x"};
  const auto covariance = EstimateCovariance(
      FitLinear(input).value(),
      Clustered(
          {MakeGrouping("state", {"a", "a", "a", "a", "b", "b", "b", "b"})},
          SmallSample::kStata));
  EXPECT_EQ(covariance.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace headway::evidence
