#include "daemon/pipeline/definitions/evidence/evidence_files.h"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/pipeline/definitions/text/name.h"
#include "daemon/series/period.h"
#include "daemon/series/selector.h"

namespace headway::pipeline {
namespace {

constexpr double kRequiredWeight = 0.5;
constexpr double kForecastSupport = 0.8;
constexpr int kMostTests = 20;
constexpr int kMostLevelPeriods = 1000;

// Collects the errors of one file.
class Checker {
 public:
  Checker(std::string file, std::vector<EvidenceError>* errors)
      : file_(std::move(file)), errors_(errors) {}

  void Fail(const Locator& locator, const FieldPath& path,
            std::string message) {
    errors_->push_back({file_, locator.Find(path), std::move(message)});
    failed_ = true;
  }
  void FailFile(const TextFileError& error) {
    errors_->push_back({file_, error.place, error.message});
    failed_ = true;
  }
  // Whether something failed since the last call.
  bool TakeFailed() { return std::exchange(failed_, false); }

 private:
  const std::string file_;
  std::vector<EvidenceError>* const errors_;
  bool failed_ = false;
};

std::optional<absl::CivilDay> ReadDay(const Locator& locator,
                                      const std::string& field,
                                      const std::string& text,
                                      Checker& checker) {
  if (text.empty()) return std::nullopt;
  const absl::StatusOr<series::Period> day =
      series::ParsePeriod(text, series::Frequency::kDaily);
  if (!day.ok()) {
    checker.Fail(locator, {field},
                 absl::StrCat(field, ": ", day.status().message(),
                              "; write a day as 2022-10-07"));
    return std::nullopt;
  }
  return series::FirstDay(*day);
}

void CheckId(const Locator& locator, absl::string_view what,
             const std::string& id, std::set<std::string>* seen,
             Checker& checker) {
  if (absl::Status good = CheckName(what, id, "-"); !good.ok()) {
    checker.Fail(locator, {"id"}, std::string(good.message()));
  } else if (!seen->insert(id).second) {
    checker.Fail(locator, {"id"},
                 absl::StrCat(what, " \"", id,
                              "\" is there twice; give one another id"));
  }
}

void CheckDays(const Event& event, const Locator& locator, Checker& checker) {
  if (event.known > event.announced) {
    checker.Fail(locator, {"known"},
                 "known is after announced; leave it out where the "
                 "announcement was the first that anybody knew");
  }
  if (event.effective.has_value() && *event.effective < event.announced) {
    checker.Fail(locator, {"effective"},
                 "effective is before announced; an act that reaches back "
                 "takes effect on the day it is announced");
  }
}

Event ReadEvent(const config::v1::PolicyEvent& definition,
                const Locator& locator, Checker& checker) {
  Event event;
  event.definition = definition;
  if (definition.title().empty()) {
    checker.Fail(locator, {"title"}, "this event has no title; give it one");
  }
  if (definition.direction() == config::v1::DIRECTION_UNSPECIFIED) {
    checker.Fail(locator, {"direction"},
                 "direction is missing; write TIGHTENS, LOOSENS, RETALIATES "
                 "or OTHER");
  }
  if (definition.url().empty() && definition.document().empty()) {
    checker.Fail(locator, {"url"},
                 "neither url nor document is there; say where the act can be "
                 "read");
  }
  const std::optional<absl::CivilDay> announced =
      ReadDay(locator, "announced", definition.announced(), checker);
  if (definition.announced().empty()) {
    checker.Fail(locator, {"announced"},
                 "announced is missing; write the day as 2022-10-07");
  }
  event.announced = announced.value_or(absl::CivilDay());
  event.known = ReadDay(locator, "known", definition.known(), checker)
                    .value_or(event.announced);
  event.effective =
      ReadDay(locator, "effective", definition.effective(), checker);
  if (announced.has_value()) CheckDays(event, locator, checker);
  for (const std::string& text : definition.affected()) {
    absl::StatusOr<series::Selector> selector = series::ParseSelector(text);
    if (selector.ok()) {
      event.affected.push_back(*std::move(selector));
    } else {
      checker.Fail(locator, {"affected"},
                   absl::StrCat("affected \"", text,
                                "\": ", selector.status().message()));
    }
  }
  return event;
}

// Reads one of the two files into its message; false if it is not there or has
// an error.
bool ReadFile(const std::string& path, google::protobuf::Message* message,
              google::protobuf::TextFormat::ParseInfoTree* tree,
              Checker& checker) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return false;
  if (const auto error = ReadTextFile(path, message, tree)) {
    checker.FailFile(*error);
    return false;
  }
  return true;
}

void LoadEvents(const std::string& path, EvidenceDefinitions& loaded) {
  Checker checker(path, &loaded.errors);
  config::v1::EventFile file;
  google::protobuf::TextFormat::ParseInfoTree tree;
  if (!ReadFile(path, &file, &tree, checker)) return;
  const Locator locator(&file, &tree, Place{});
  std::set<std::string> seen;
  for (int i = 0; i < file.event_size(); ++i) {
    const Locator at = locator.Nested("event", i);
    CheckId(at, "event", file.event(i).id(), &seen, checker);
    Event event = ReadEvent(file.event(i), at, checker);
    if (!checker.TakeFailed()) {
      loaded.events.emplace(event.definition.id(), std::move(event));
    }
  }
}

void CheckLevel(const config::v1::LevelTest& level, const Locator& locator,
                Checker& checker) {
  const int periods = level.periods();
  if (periods != 0 && (periods < 4 || periods > kMostLevelPeriods)) {
    checker.Fail(locator, {"level", "periods"},
                 absl::StrCat("periods must be 4 to ", kMostLevelPeriods,
                              ", is ", periods));
  }
}

void CheckEvent(const std::string& kind, const std::string& event,
                const Locator& locator,
                const std::map<std::string, Event>& events, Checker& checker) {
  if (events.count(event) > 0) return;
  std::vector<std::string> known;
  for (const auto& [id, one] : events) known.push_back(id);
  checker.Fail(locator, {kind, "event"},
               absl::StrCat("there is no event \"", event, "\" in ",
                            kEventsFile, DidYouMean(event, known)));
}

void CheckFrom(const std::string& kind, const std::string& text,
               const Locator& locator, Checker& checker) {
  if (text.empty()) return;
  if (const auto from = series::ParsePeriod(text); !from.ok()) {
    checker.Fail(locator, {kind, "from"},
                 absl::StrCat("from: ", from.status().message()));
  }
}

void CheckTrend(const config::v1::TrendTest& trend, const Locator& locator,
                const std::map<std::string, Event>& events, Checker& checker) {
  if (!trend.event().empty()) {
    CheckEvent("trend", trend.event(), locator, events, checker);
  }
  CheckFrom("trend", trend.from(), locator, checker);
}

void CheckDifference(const config::v1::DifferenceTest& difference,
                     const Locator& locator,
                     const std::map<std::string, Event>& events,
                     Checker& checker) {
  CheckEvent("difference", difference.event(), locator, events, checker);
  CheckFrom("difference", difference.from(), locator, checker);
  const auto controls = query::Parse(difference.controls());
  if (!controls.ok()) {
    checker.Fail(locator, {"difference", "controls"},
                 absl::StrCat("controls: ", controls.status().message()));
  }
}

void CheckForecast(config::v1::ForecastTest* forecast, const Locator& locator,
                   Checker& checker) {
  if (forecast->by().empty()) {
    checker.Fail(locator, {"forecast", "by"},
                 "by is missing; write a day as 2028-12-31");
  }
  ReadDay(locator.Nested("forecast"), "by", forecast->by(), checker);
  if (forecast->probability() == 0) {
    forecast->set_probability(kForecastSupport);
  }
  // Not written as two comparisons that NaN would pass.
  if (!(forecast->probability() > 0.5 && forecast->probability() < 1)) {
    checker.Fail(locator, {"forecast", "probability"},
                 absl::StrCat("probability must lie between 0.5 and 1, is ",
                              forecast->probability()));
  }
}

void CheckKind(config::v1::ClaimTest* test, const Locator& locator,
               const std::map<std::string, Event>& events, Checker& checker) {
  switch (test->kind_case()) {
    case config::v1::ClaimTest::kLevel:
      return CheckLevel(test->level(), locator, checker);
    case config::v1::ClaimTest::kTrend:
      return CheckTrend(test->trend(), locator, events, checker);
    case config::v1::ClaimTest::kForecast:
      return CheckForecast(test->mutable_forecast(), locator, checker);
    case config::v1::ClaimTest::kDifference:
      return CheckDifference(test->difference(), locator, events, checker);
    case config::v1::ClaimTest::KIND_NOT_SET:
      checker.Fail(locator, {},
                   "this test has no kind; write level, trend, forecast or "
                   "difference");
  }
}

void CheckNumbers(config::v1::ClaimTest* test, const Locator& locator,
                  Checker& checker) {
  if (test->weight() == 0) test->set_weight(1);
  if (!(test->weight() > 0 && test->weight() <= 100)) {
    checker.Fail(locator, {"weight"},
                 absl::StrCat("weight must be above 0 and at most 100, is ",
                              test->weight()));
  }
  if (!(test->band() >= 0 && test->band() < 1e300)) {
    checker.Fail(locator, {"band"},
                 absl::StrCat("band must be 0 or more, is ", test->band()));
  }
  if (!(test->threshold() > -1e300 && test->threshold() < 1e300)) {
    checker.Fail(locator, {"threshold"}, "threshold must be a number");
  }
  if (test->side() == config::v1::SIDE_UNSPECIFIED) {
    checker.Fail(locator, {"side"}, "side is missing; write ABOVE or BELOW");
  }
  if (test->statement().empty()) {
    checker.Fail(locator, {"statement"},
                 "statement is missing; say in one sentence what speaks for "
                 "the claim");
  }
}

// Absent where something is wrong with it.
std::optional<ClaimTest> ReadTest(config::v1::ClaimTest definition,
                                  const Locator& locator,
                                  const std::map<std::string, Event>& events,
                                  Checker& checker) {
  CheckNumbers(&definition, locator, checker);
  CheckKind(&definition, locator, events, checker);
  absl::StatusOr<query::Expression> values = query::Parse(definition.values());
  if (!values.ok()) {
    checker.Fail(locator, {"values"},
                 absl::StrCat("values: ", values.status().message()));
    return std::nullopt;
  }
  return ClaimTest{std::move(definition), *std::move(values)};
}

void CheckClaim(config::v1::Claim* claim, const Locator& locator,
                Checker& checker) {
  if (claim->text().empty()) {
    checker.Fail(locator, {"text"}, "this claim has no text; give it one");
  }
  if (claim->holder() == config::v1::HOLDER_UNSPECIFIED) {
    checker.Fail(locator, {"holder"},
                 "holder is missing; write CRITICS or DEFENDERS");
  }
  if (claim->rule_version() < 1) {
    checker.Fail(locator, {"rule_version"},
                 "rule_version is missing; write 1 for the first");
  }
  if (claim->rule_committed().empty()) {
    checker.Fail(locator, {"rule_committed"},
                 "rule_committed is missing; write the day that the rule was "
                 "committed");
  }
  ReadDay(locator, "rule_committed", claim->rule_committed(), checker);
  if (claim->required_weight() == 0) {
    claim->set_required_weight(kRequiredWeight);
  }
  if (!(claim->required_weight() > 0 && claim->required_weight() <= 1)) {
    checker.Fail(locator, {"required_weight"},
                 absl::StrCat("required_weight must be above 0 and at most 1, "
                              "is ",
                              claim->required_weight()));
  }
  if (claim->test_size() == 0 || claim->test_size() > kMostTests) {
    checker.Fail(locator, {"test"},
                 absl::StrCat("a claim has 1 to ", kMostTests,
                              " tests, this one has ", claim->test_size()));
  }
}

Claim ReadClaim(const config::v1::Claim& definition, const Locator& locator,
                const std::map<std::string, Event>& events, Checker& checker) {
  Claim claim;
  claim.definition = definition;
  CheckClaim(&claim.definition, locator, checker);
  std::set<std::string> seen;
  for (int i = 0; i < definition.test_size(); ++i) {
    const Locator at = locator.Nested("test", i);
    CheckId(at, "test", definition.test(i).id(), &seen, checker);
    if (auto test = ReadTest(definition.test(i), at, events, checker)) {
      claim.tests.push_back(*std::move(test));
    }
  }
  claim.definition.clear_test();
  return claim;
}

void LoadClaims(const std::string& path, EvidenceDefinitions& loaded) {
  Checker checker(path, &loaded.errors);
  config::v1::ClaimFile file;
  google::protobuf::TextFormat::ParseInfoTree tree;
  if (!ReadFile(path, &file, &tree, checker)) return;
  const Locator locator(&file, &tree, Place{});
  std::set<std::string> seen;
  for (int i = 0; i < file.claim_size(); ++i) {
    const Locator at = locator.Nested("claim", i);
    CheckId(at, "claim", file.claim(i).id(), &seen, checker);
    Claim claim = ReadClaim(file.claim(i), at, loaded.events, checker);
    // A rule without one of its tests is another rule.
    if (!checker.TakeFailed()) loaded.claims.push_back(std::move(claim));
  }
}

}  // namespace

bool IsEvidenceFile(absl::string_view name) {
  return name == kEventsFile || name == kClaimsFile;
}

EvidenceDefinitions LoadEvidence(const std::string& directory) {
  const std::filesystem::path at(directory);
  EvidenceDefinitions loaded;
  LoadEvents((at / kEventsFile).string(), loaded);
  LoadClaims((at / kClaimsFile).string(), loaded);
  return loaded;
}

}  // namespace headway::pipeline
