// Published studies, with the figures that other programs computed of them.
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/evidence/synthetic/difference.h"
#include "tests/support/files.h"
#include "tests/support/status_matchers.h"

namespace headway::evidence {
namespace {

using nlohmann::json;

// A file of units and years, all columns that hold numbers.
struct Study {
  ControlData data;
  std::map<std::string, Eigen::MatrixXd> columns;
  json expected;
  int first_year = 0;

  int UnitOf(const std::string& name) const {
    const auto found = std::find(data.units.begin(), data.units.end(), name);
    return static_cast<int>(found - data.units.begin());
  }
  void Predict(const std::string& column, const std::vector<int>& years) {
    Predictor predictor{column, columns.at(column), {}};
    for (const int year : years) predictor.periods.push_back(year - first_year);
    data.predictors.push_back(std::move(predictor));
  }
};

std::string Folder(const std::string& study) {
  return absl::StrCat(SharedDataDirectory(), "/reference/evidence/", study);
}

struct Layout {
  std::string file;
  size_t unit = 0;
  size_t year = 0;
  std::string outcome;
  int first_year = 0;
  int years = 0;
};

// Absent without the data.
std::optional<Study> Load(const std::string& name, const Layout& layout,
                          const std::string& left_out) {
  std::ifstream file(absl::StrCat(Folder(name), "/", layout.file));
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  Study study{.first_year = layout.first_year};
  const std::vector<std::string> header = absl::StrSplit(line, ',');
  std::vector<std::vector<std::string>> rows;
  while (std::getline(file, line)) {
    rows.push_back(absl::StrSplit(line, ','));
    const std::string& unit = rows.back()[layout.unit];
    if (unit == left_out) {
      rows.pop_back();
    } else if (study.UnitOf(unit) ==
               static_cast<int>(study.data.units.size())) {
      study.data.units.push_back(unit);
    }
  }
  for (size_t column = 0; column < header.size(); ++column) {
    Eigen::MatrixXd values = Eigen::MatrixXd::Constant(
        static_cast<Eigen::Index>(study.data.units.size()), layout.years,
        std::numeric_limits<double>::quiet_NaN());
    for (const auto& row : rows) {
      int year = 0;
      double value = 0;
      if (column < row.size() && absl::SimpleAtoi(row[layout.year], &year) &&
          absl::SimpleAtod(row[column], &value)) {
        values(study.UnitOf(row[layout.unit]), year - layout.first_year) =
            value;
      }
    }
    study.columns[header[column]] = values;
  }
  for (int year = 0; year < layout.years; ++year) {
    study.data.periods.push_back(absl::StrCat(layout.first_year + year));
  }
  study.data.outcomes = study.columns.at(layout.outcome);
  study.expected =
      json::parse(ReadFile(absl::StrCat(Folder(name), "/expected.json")));
  return study;
}

std::vector<int> Years(int from, int to, int step = 1) {
  std::vector<int> years;
  for (int year = from; year <= to; year += step) years.push_back(year);
  return years;
}

std::vector<int> Others(const Study& study, int unit) {
  std::vector<int> others;
  for (int i = 0; i < static_cast<int>(study.data.units.size()); ++i) {
    if (i != unit) others.push_back(i);
  }
  return others;
}

// Those that are named; all others are next to nothing.
void ExpectWeights(const Study& study, const ControlFit& fit,
                   const json& weights, double tolerance) {
  for (size_t j = 0; j < fit.donors.size(); ++j) {
    const std::string& name =
        study.data.units[static_cast<size_t>(fit.donors[j])];
    EXPECT_NEAR(fit.weights[static_cast<Eigen::Index>(j)],
                weights.value(name, 0.0), tolerance)
        << name;
  }
}

class California : public testing::Test {
 protected:
  void SetUp() override {
    study_ = Load("california_prop99",
                  {"smoking.csv", 0, 1, "cigsale", 1970, 31}, "");
    if (!study_) {
      GTEST_SKIP() << "no " << Folder("california_prop99");
    }
    study_->data.before = 19;
    study_->data.fit_end = 19;
    study_->Predict("lnincome", Years(1980, 1988));
    study_->Predict("age15to24", Years(1980, 1988));
    study_->Predict("retprice", Years(1980, 1988));
    study_->Predict("beer", Years(1984, 1988));
    for (const int year : {1988, 1980, 1975})
      study_->Predict("cigsale", {year});
    treated_ = study_->UnitOf("California");
    donors_ = Others(*study_, treated_);
  }
  ControlFit Fit(const ControlOptions& options) {
    EXPECT_THAT(CheckControlData(study_->data), IsOk());
    auto fit = FitControl(study_->data, treated_, donors_, options);
    EXPECT_THAT(fit, IsOk());
    return fit.value_or(ControlFit());
  }
  const json& Computed(const std::string& name) {
    return study_->expected["computed"][name];
  }
  BlockPanel Block() {
    Eigen::MatrixXd rows(39, 31);
    for (int j = 0; j < 38; ++j) {
      rows.row(j) = study_->data.outcomes.row(donors_[static_cast<size_t>(j)]);
    }
    rows.row(38) = study_->data.outcomes.row(treated_);
    return {rows, 1, 19};
  }

  std::optional<Study> study_;
  int treated_ = 0;
  std::vector<int> donors_;
};

TEST_F(California, FixedVHasTheWeightsAndGapsOfTheReference) {
  const json& expected = Computed("fixed_V_stata");
  const ControlFit fit = Fit({.v_method = VMethod::kFixed,
                              .v = expected["V"].get<std::vector<double>>()});
  ExpectWeights(*study_, fit, expected["weights"], 1e-6);
  for (int t = 0; t < 31; ++t) {
    EXPECT_NEAR(fit.gaps[t],
                expected["gaps"][absl::StrCat(1970 + t)].get<double>(), 1e-6);
  }
}

TEST_F(California, EqualVIsNoGoodChoice) {
  const json& expected = Computed("fixed_V_equal");
  const ControlFit fit = Fit({.v_method = VMethod::kEqual});
  ExpectWeights(*study_, fit, expected["weights"], 1e-6);
  EXPECT_NEAR(fit.effect, expected["att"].get<double>(), 1e-6);
}

TEST_F(California, NestedVReachesTheLeastGap) {
  const json& expected = Computed("nested");
  const ControlFit fit = Fit({});
  EXPECT_LE(fit.fit_mspe, expected["pre_mspe"].get<double>() + 1e-3);
  ExpectWeights(*study_, fit, expected["weights"], 0.005);
  EXPECT_NEAR(fit.ratio, 129.0, 1);
}

TEST_F(California, OutcomesAloneRankThird) {
  const ControlOptions options{.v_method = VMethod::kOutcomes};
  const json& expected = Computed("outcome_only_19_lags_V_identity_unscaled");
  const ControlFit fit = Fit(options);
  ExpectWeights(*study_, fit, expected["weights"], 1e-6);
  const auto test =
      TestInSpace(study_->data, fit,
                  FitPlacebos(study_->data, {treated_}, donors_, options,
                              PlaceboPool::kWithTreated, {}),
                  {});
  ASSERT_THAT(test, IsOk());
  EXPECT_EQ(test->rank, 3);
  EXPECT_EQ(test->counted, 39);
}

TEST_F(California, SyntheticDifferenceHasThePublishedEffects) {
  const json& expected = Computed("sdid");
  const BlockPanel block = Block();
  const auto effect = [&block](DifferenceEstimator estimator) {
    return FitDifference(block, estimator)->effect;
  };
  EXPECT_NEAR(effect(DifferenceEstimator::kSynthetic),
              expected["sdid"].get<double>(), 1e-6);
  EXPECT_NEAR(effect(DifferenceEstimator::kControl),
              expected["sc_no_intercept"].get<double>(), 1e-6);
  EXPECT_NEAR(effect(DifferenceEstimator::kDifference),
              expected["did"].get<double>(), 1e-9);
}

TEST_F(California, SyntheticDifferenceHasThePlaceboErrorsOfAllDonors) {
  const BlockPanel block = Block();
  const json& expected = Computed("sdid")["placebo_se_all_38"];
  const std::pair<const char*, DifferenceEstimator> estimators[] = {
      {"sdid", DifferenceEstimator::kSynthetic},
      {"sc", DifferenceEstimator::kControl},
      {"did", DifferenceEstimator::kDifference}};
  for (const auto& [name, estimator] : estimators) {
    const auto fit = FitDifference(block, estimator);
    const auto error = EstimateError(block, estimator, *fit, {}, {});
    ASSERT_THAT(error, IsOk());
    EXPECT_NEAR(error->standard_error, expected[name].get<double>(), 1e-4)
        << name;
  }
}

class BasqueCountry : public testing::Test {
 protected:
  void SetUp() override {
    study_ = Load("basque_terrorism", {"basque.csv", 1, 2, "gdpcap", 1955, 43},
                  "Spain (Espana)");
    if (!study_) GTEST_SKIP() << "no " << Folder("basque_terrorism");
    study_->data.before = 20;  // to 1974
    study_->data.fit_begin = 5;
    study_->data.fit_end = 15;
    for (const char* name : {"school.illit", "school.prim", "school.med",
                             "school.high", "school.post.high", "invest"}) {
      study_->Predict(name, Years(1964, 1969));
    }
    study_->Predict("gdpcap", Years(1960, 1969));
    for (const char* name :
         {"sec.agriculture", "sec.energy", "sec.industry", "sec.construction",
          "sec.services.venta", "sec.services.nonventa"}) {
      study_->Predict(name, Years(1961, 1969, 2));
    }
    study_->Predict("popdens", {1969});
  }
  ControlFit Fit(const ControlOptions& options) {
    EXPECT_THAT(CheckControlData(study_->data), IsOk());
    const int treated = study_->UnitOf("Basque Country (Pais Vasco)");
    auto fit =
        FitControl(study_->data, treated, Others(*study_, treated), options);
    EXPECT_THAT(fit, IsOk());
    return fit.value_or(ControlFit());
  }

  std::optional<Study> study_;
};

TEST_F(BasqueCountry, EqualVHasTheWeightsOfTheReference) {
  const json& expected = study_->expected["computed"]["fixed_V_equal_16"];
  const ControlFit fit = Fit({.v_method = VMethod::kEqual});
  ExpectWeights(*study_, fit, expected["weights"], 1e-6);
  EXPECT_NEAR(fit.effect, expected["att_1975_1997"].get<double>(), 1e-6);
}

TEST_F(BasqueCountry, NestedVIsBetterThanThePublishedOptimum) {
  const ControlFit fit = Fit({});
  EXPECT_LE(fit.fit_mspe, 0.00429 + 2e-4);
  EXPECT_NEAR(fit.effect, -1.02, 0.03);
}

TEST_F(BasqueCountry, OutcomesAloneHaveTheWeightsOfTheReference) {
  study_->data.fit_begin = 0;
  const ControlFit fit = Fit({.v_method = VMethod::kOutcomes});
  ExpectWeights(
      *study_, fit,
      study_->expected["computed"]["outcome_only_1955_1969_16"]["weights"],
      1e-6);
}

}  // namespace
}  // namespace headway::evidence
