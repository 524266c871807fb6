#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "plugins/sdk/cpp/csv.h"
#include "tests/support/files.h"
#include "tests/support/http_server.h"
#include "tests/support/plugin_runner.h"
#include "tests/support/temp_directory.h"

namespace headway {
namespace {

using plugin::v1::Error;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

using EpochOptions = std::map<std::string, std::string>;

// The header generations of the models table, without the columns that are not
// read but for one that a careless match would take.
constexpr char kModels2025[] =
    "Model,Domain,Country (from Organization),Publication date,"
    "Training compute (FLOP),Training compute lower bound,"
    "Training compute cost (2023 USD),Model accessibility\n";
constexpr char kModels2026[] =
    "Model,Publication date,Training compute (FLOP),Training compute notes,"
    "Country (of organization),Training compute cost (2023 USD),"
    "Model accessibility,Training compute cost (cloud),Open model weights?\n";
constexpr char kIndex2026Feb[] =
    "Model,Display name,eci,eci_ci_low,eci_ci_high,date,Organization,"
    "Country (of organization),Model accessibility,Accessibility group,"
    "model_versions\n";
constexpr char kIndex2026Mar[] =
    "Model version,ECI Score,Release date,Organization,Country,"
    "Model accessibility,Training compute (FLOP),Confidence,Model name,"
    "Description,Display name\n";

Conversation ReadUrl(const std::string& url, EpochOptions options,
                     std::map<std::string, std::string> checkpoints = {}) {
  options["url"] = url;
  return RunPlugin(PluginPath("epoch"), "read",
                   {.config = options, .checkpoints = std::move(checkpoints)});
}

class EpochPluginTest : public testing::Test {
 protected:
  // Reads the table at one address: a checkpoint holds for an address.
  Conversation ReadEpoch(const std::string& table, EpochOptions options = {},
                         std::map<std::string, std::string> checkpoints = {}) {
    const std::string path = directory_.Join("table.csv");
    WriteFile(path, table);
    return ReadUrl("file://" + path, std::move(options),
                   std::move(checkpoints));
  }

 private:
  const TempDirectory directory_;
};

const EpochOptions kIndex = {{"dataset", "capability_index"}};

TEST_F(EpochPluginTest, ReadsTheModelsTableOf2025) {
  Conversation said = ReadEpoch(absl::StrCat(
      kModels2025,
      "Alpha,Language,China,2025-01-20,4.56e+24,1e+20,5390000.0,"
      "Open weights (unrestricted)\n"
      "Beta,Vision,United States of America,2024-11-02,,,,API access\n"));
  EXPECT_EQ(said.exit_status, 0) << said.error().message();
  EXPECT_THAT(
      said.Values(),
      ElementsAre(
          "model_open_weights{country=CHN,model=Alpha} 2025-01-20 snapshot = 1",
          "model_release{country=CHN,model=Alpha} 2025-01-20 snapshot = 1",
          "model_release{country=USA,model=Beta} 2024-11-02 snapshot = 1",
          "model_training_compute_flop{country=CHN,model=Alpha} 2025-01-20 "
          "snapshot = 4.56e+24",
          "model_training_cost_usd{country=CHN,model=Alpha} 2025-01-20 "
          "snapshot = 5390000"));
  ASSERT_EQ(said.checkpoints().size(), 1);
  EXPECT_TRUE(said.checkpoints()[0].complete());
  EXPECT_EQ(said.series().at(0).vintage_kind(), plugin::v1::OBSERVED);
  EXPECT_EQ(said.series().at(0).frequency(), plugin::v1::DAILY);
}

TEST_F(EpochPluginTest, ReadsTheModelsTableOf2026) {
  Conversation said = ReadEpoch(absl::StrCat(
      kModels2026,
      "Gamma,2026-06-09,3.87e+25,\"notes,\nof two lines\",Israel,9642947.0,"
      "Unreleased,1.0,Yes\n"
      "Delta,2026-06-10,,,France,,Open weights (non-commercial),,No\n"));
  EXPECT_THAT(
      said.Values(),
      ElementsAre(
          "model_open_weights{country=ISR,model=Gamma} 2026-06-09 snapshot = 1",
          "model_release{country=FRA,model=Delta} 2026-06-10 snapshot = 1",
          "model_release{country=ISR,model=Gamma} 2026-06-09 snapshot = 1",
          "model_training_compute_flop{country=ISR,model=Gamma} 2026-06-09 "
          "snapshot = 3.87e+25",
          "model_training_cost_usd{country=ISR,model=Gamma} 2026-06-09 "
          "snapshot = 9642947"))
      << said.error().message();
}

TEST_F(EpochPluginTest, ReadsBothFormsOfTheCapabilityIndex) {
  Conversation february = ReadEpoch(
      absl::StrCat(kIndex2026Feb,
                   "Gemini 3,Gemini 3 Preview,153.25,151,159,2025-11-18,Google,"
                   "\"United States of America,United Kingdom of Great Britain "
                   "and Northern Ireland\",API access,Closed weights,\n"),
      kIndex);
  EXPECT_THAT(
      february.Values(),
      ElementsAre(
          "model_capability{country=GBR,model=Gemini 3} 2025-11-18 snapshot = "
          "153.25",
          "model_capability{country=USA,model=Gemini 3} 2025-11-18 snapshot = "
          "153.25"))
      << february.error().message();
  EXPECT_EQ(february.series().at(0).unit(), "index");

  Conversation march =
      ReadEpoch(absl::StrCat(kIndex2026Mar,
                             "qwen-3_high,140.5,2026-02-05,Alibaba,China,,,,"
                             "\"Qwen 3\n\",,\n"
                             "unscored,,2026-02-05,Alibaba,China,,,,X,,\n"
                             "undated,130,,Alibaba,China,,,,X,,\n"),
                kIndex);
  EXPECT_THAT(march.Values(),
              ElementsAre("model_capability{country=CHN,model=qwen-3_high} "
                          "2026-02-05 snapshot = 140.5"))
      << march.error().message();
  EXPECT_THAT(march.log(),
              HasSubstr("1 models of 3 rows; 1 without a date and 1 without a "
                        "score are left out"));
}

std::string ModelRow(const std::string& name, const std::string& country) {
  return absl::StrCat(name, ",2026-01-01,,,\"", country, "\",,,,\n");
}

TEST_F(EpochPluginTest, MakesASeriesForEachCountryOnce) {
  Conversation said = ReadEpoch(
      absl::StrCat(kModels2026, ModelRow("A", "China,China,Hong Kong"),
                   ModelRow("B", "Multinational,Korea (Republic of)"),
                   ModelRow("C", "Multinational"), ModelRow("D", "")));
  EXPECT_THAT(said.Values(),
              UnorderedElementsAre(
                  "model_release{country=CHN,model=A} 2026-01-01 snapshot = 1",
                  "model_release{country=HKG,model=A} 2026-01-01 snapshot = 1",
                  "model_release{country=KOR,model=B} 2026-01-01 snapshot = 1",
                  "model_release{country=Multinational,model=C} 2026-01-01 "
                  "snapshot = 1",
                  "model_release{model=D} 2026-01-01 snapshot = 1"))
      << said.error().message();
  EXPECT_THAT(said.log(), Not(HasSubstr("not known")));
}

TEST_F(EpochPluginTest, KeepsTheNameOfAnUnknownCountryAndSaysSo) {
  Conversation said =
      ReadEpoch(absl::StrCat(kModels2026, ModelRow("A", "Atlantis  East"),
                             ModelRow("B", "Atlantis East")));
  EXPECT_THAT(said.Values(),
              Contains("model_release{country=Atlantis East,model=A} "
                       "2026-01-01 snapshot = 1"));
  EXPECT_THAT(said.log(), HasSubstr("country \"Atlantis East\" is not known"));
}

TEST_F(EpochPluginTest, KeepsTheFirstOfTwoRowsOfOneNameAndSaysSo) {
  Conversation said =
      ReadEpoch(absl::StrCat(kModels2026, "Same,2026-01-01,1e20,,China,,,,\n",
                             "\"Same\n\",2026-02-02,2e20,,Japan,,,,\n"));
  EXPECT_THAT(
      said.Values(),
      ElementsAre(
          "model_release{country=CHN,model=Same} 2026-01-01 snapshot = 1",
          "model_training_compute_flop{country=CHN,model=Same} 2026-01-01 "
          "snapshot = 1e+20"));
  EXPECT_THAT(said.log(), HasSubstr(":3: model \"Same\" is listed again; the "
                                    "row on line 2 is kept"));
}

TEST_F(EpochPluginTest, LeavesOutWhatIsNotPlausibleAndNamesIt) {
  Conversation said = ReadEpoch(absl::StrCat(
      kModels2026, "A,2026-01-01,-5,,China,1e99,,,\n",
      "B,2026-01-01,plenty,,China,0,,,\n", "C,2026-13-01,1,,China,,,,\n",
      "D,1066-10-14,1,,China,,,,\n", "E,2035-01-01,1,,China,,,,\n",
      "F,2026-01-01,1,,China,,,,\n", "G,2026-01-01,1,,China,,,,\n",
      ",2026-01-01,1,,China,,,,\n"));
  EXPECT_EQ(said.series().size(), 6) << said.error().message();
  EXPECT_THAT(
      said.log(),
      AllOf(
          HasSubstr("model \"A\": the compute \"-5\" is not a number between"),
          HasSubstr("model \"A\": the cost \"1e99\""),
          HasSubstr("model \"B\": the compute \"plenty\""),
          HasSubstr("model \"C\": the release date \"2026-13-01\""),
          HasSubstr("model \"D\": the release date 1066-10-14 is not"),
          HasSubstr("model \"E\": the release date 2035-01-01 is not"),
          HasSubstr(":9: the row names no model")));
}

TEST_F(EpochPluginTest, RefusesATableThatChangedItsForm) {
  Conversation renamed =
      ReadEpoch("Model,Launch,Country\nA,2026-01-01,China\n");
  EXPECT_EQ(renamed.exit_status, 1);
  EXPECT_EQ(renamed.error().class_(), Error::SYSTEM);
  EXPECT_THAT(renamed.error().message(),
              AllOf(HasSubstr("no column for the date"),
                    HasSubstr("publicationdate, releasedate, date"),
                    HasSubstr("the table has Model, Launch, Country")));
  Conversation undated = ReadEpoch(absl::StrCat(
      kModels2026, "A,,1,,China,,,,\nB,,1,,China,,,,\nC,2026-01-01,,,,,,,\n"));
  EXPECT_THAT(undated.error().message(),
              HasSubstr("only 1 of 3 rows can be used"));
  EXPECT_THAT(undated.checkpoints(), IsEmpty());
  Conversation html = ReadEpoch("<html><body>Not\nfound</body></html>\n");
  EXPECT_EQ(html.error().class_(), Error::SYSTEM);
}

TEST_F(EpochPluginTest, DatesAnOldVintageThatIsLoaded) {
  Conversation said =
      ReadEpoch(absl::StrCat(kModels2026, ModelRow("A", "China")),
                {{"known_at", "2026-01-26"}});
  EXPECT_THAT(
      said.Values(),
      ElementsAre("model_release{country=CHN,model=A} "
                  "2026-01-01@2026-01-26T23:59:59.999999Z snapshot = 1"));
  EXPECT_EQ(said.series().at(0).vintage_kind(), plugin::v1::NATIVE);
  EXPECT_EQ(said.checkpoints().at(0).known_at().seconds(), 1769471999);
  EXPECT_THAT(ReadEpoch("x\n", {{"known_at", "lately"}}).error().message(),
              HasSubstr("option known_at: \"lately\""));
}

TEST_F(EpochPluginTest, DeliversNothingWhenTheTableDidNotChange) {
  const std::string table =
      absl::StrCat(kModels2026, ModelRow("A", "China"), ModelRow("B", "Japan"));
  Conversation first = ReadEpoch(table);
  Conversation again = ReadEpoch(table, {}, first.states());
  EXPECT_EQ(again.exit_status, 0) << again.error().message();
  EXPECT_THAT(again.series(), IsEmpty());
  EXPECT_FALSE(again.checkpoints().at(0).complete());
  Conversation edited = ReadEpoch(absl::StrCat(table, ModelRow("C", "India")),
                                  {}, again.states());
  EXPECT_EQ(edited.series().size(), 3);
}

TEST_F(EpochPluginTest, RefusesATableThatLostMostOfItsModels) {
  std::string table(kModels2026);
  for (char name = 'A'; name < 'K'; ++name) {
    table += ModelRow(std::string(1, name), "China");
  }
  Conversation whole = ReadEpoch(table);
  // The unchanged table keeps the count.
  Conversation again = ReadEpoch(table, {}, whole.states());
  const std::string cut =
      absl::StrCat(kModels2026, ModelRow("A", "China"), ModelRow("B", "China"));
  Conversation refused = ReadEpoch(cut, {}, again.states());
  EXPECT_EQ(refused.error().class_(), Error::SYSTEM);
  EXPECT_THAT(refused.error().message(),
              HasSubstr("the table holds 2 models, the last one held 10"));
  EXPECT_THAT(refused.checkpoints(), IsEmpty());
}

TEST_F(EpochPluginTest, NamesADatasetThatThereIsNot) {
  Conversation said = ReadEpoch("x\n", {{"dataset", "chips"}});
  EXPECT_EQ(said.error().class_(), Error::CONFIG);
  EXPECT_THAT(said.error().message(),
              HasSubstr("option dataset = \"chips\" is none of models, "
                        "capability_index"));
}

TEST_F(EpochPluginTest, FollowsEditsAcrossAServerWithEtags) {
  std::string table =
      absl::StrCat(kModels2026, ModelRow("A", "China"), ModelRow("B", "Japan"));
  HttpServer server([&](const ServedRequest& request) -> ServedAnswer {
    const std::string tag = absl::StrCat("\"", table.size(), "\"");
    auto asked = request.headers.find("if-none-match");
    if (asked != request.headers.end() && asked->second == tag) {
      return {.status = 304};
    }
    return {
        .body = table, .content_type = "text/csv", .headers = {{"ETag", tag}}};
  });
  Conversation first = ReadUrl(server.url() + "/notable.csv", {});
  ASSERT_EQ(first.exit_status, 0) << first.error().message();
  Conversation same =
      ReadUrl(server.url() + "/notable.csv", {}, first.states());
  EXPECT_THAT(same.series(), IsEmpty());
  server.Between([&] { table += ModelRow("C", "India"); });
  Conversation edited =
      ReadUrl(server.url() + "/notable.csv", {}, same.states());
  EXPECT_EQ(edited.series().size(), 3);
}

// The vintages that Epoch AI published.
class EpochVintageTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(SharedDataDirectory())) {
      GTEST_SKIP() << "needs Epoch AI's downloads; set HEADWAY_SHARED_DATA";
    }
  }

  static std::string Path(const std::string& name) {
    return SharedDataDirectory() + "/models/" + name;
  }

  static Conversation ReadVintage(const std::string& name,
                                  EpochOptions options = {}) {
    Conversation said = ReadUrl("file://" + Path(name), std::move(options));
    EXPECT_EQ(said.exit_status, 0) << said.error().message();
    return said;
  }

  // Models by country that the plugin delivers with a metric.
  static std::map<std::string, std::set<std::string>> ByCountry(
      const Conversation& said, absl::string_view metric) {
    std::map<std::string, std::set<std::string>> models;
    for (const auto& series : said.series()) {
      if (series.metric() != metric) continue;
      auto country = series.labels().find("country");
      models[country == series.labels().end() ? "" : country->second].insert(
          series.labels().at("model"));
    }
    return models;
  }
};

TEST_F(EpochVintageTest, CountsTheModelsOf2026ByCountry) {
  const std::string name = "notable_ai_models__2026-07-vintage.csv";
  auto models = ByCountry(ReadVintage(name), "model_release");
  // Straight from the table: dated rows whose cell holds the country's name.
  std::map<std::string, size_t> expected;
  const std::string text = ReadFile(Path(name));
  sdk::CsvReader rows(text, name);
  ASSERT_TRUE(rows.ReadHeader().ok());
  const size_t country = *rows.Column("Country (of organization)");
  const size_t date = *rows.Column("Publication date");
  const std::pair<const char*, const char*> kCountries[] = {
      {"USA", "United States of America"},
      {"CHN", "China"},
      {"GBR", "United Kingdom of Great Britain and Northern Ireland"},
      {"KOR", "Korea (Republic of)"},
      {"HKG", "Hong Kong"},
      {"FRA", "France"}};
  while (*rows.Next()) {
    if (rows.cell(date).empty()) continue;
    std::set<std::string> names =
        absl::StrSplit(rows.cell(country), absl::ByString(","));
    for (const auto& [code, full_name] : kCountries) {
      expected[code] += names.count(full_name);
    }
  }
  for (const auto& [code, count] : expected) {
    EXPECT_GT(count, 0);
    EXPECT_EQ(models[code].size(), count) << code;
  }
}

TEST_F(EpochVintageTest, KnowsEveryCountryOfEveryVintage) {
  for (const char* name : {"all_ai_models__2025-04-vintage.csv",
                           "notable_ai_models__2025-02-24-vintage.csv",
                           "notable_ai_models__2025-06-vintage.csv",
                           "notable_ai_models__2025-11-vintage.csv",
                           "notable_ai_models__2025-12-02-vintage.csv",
                           "notable_ai_models__2026-01-26-vintage.csv",
                           "notable_ai_models__2026-07-vintage.csv",
                           "large_scale_ai_models__2026-01-vintage.csv",
                           "frontier_ai_models__2026-01-vintage.csv",
                           "frontier_ai_models__2026-05-vintage.csv"}) {
    Conversation said = ReadVintage(name);
    EXPECT_THAT(said.log(), Not(HasSubstr("is not known"))) << name;
    EXPECT_FALSE(ByCountry(said, "model_training_compute_flop")["CHN"].empty())
        << name;
  }
}

TEST_F(EpochVintageTest, ReadsTheCapabilityIndexInItsFourVintages) {
  // Rows with a score and a date, counted apart from the plugin.
  const std::pair<const char*, size_t> kVintages[] = {
      {"eci_scores__2026-02-vintage.csv", 139},
      {"epoch_capabilities_index__2026-03-vintage.csv", 280},
      {"epoch_capabilities_index__2026-04-11-vintage.csv", 297},
      {"epoch_capabilities_index__2026-05-vintage.csv", 345}};
  for (const auto& [name, count] : kVintages) {
    std::set<std::string> models;
    for (const auto& series : ReadVintage(name, kIndex).series()) {
      models.insert(series.labels().at("model"));
    }
    EXPECT_EQ(models.size(), count) << name;
  }
}

TEST_F(EpochVintageTest, LeavesOutTheModelsThatWereRemovedBetweenVintages) {
  auto earlier = ByCountry(ReadVintage("notable_ai_models__2025-06-vintage.csv",
                                       {{"known_at", "2025-06-15"}}),
                           "model_release");
  Conversation said = ReadVintage("notable_ai_models__2025-11-vintage.csv",
                                  {{"known_at", "2025-11-01"}});
  auto later = ByCountry(said, "model_release");
  std::vector<std::string> removed;
  for (const std::string& model : earlier["USA"]) {
    if (later["USA"].count(model) == 0) removed.push_back(model);
  }
  EXPECT_THAT(removed, Not(IsEmpty()));
  // It is this that makes the daemon withdraw them.
  EXPECT_TRUE(said.checkpoints().at(0).complete());
}

}  // namespace
}  // namespace headway
