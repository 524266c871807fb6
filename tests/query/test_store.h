// A real store in a directory of its own, filled by hand.
#ifndef HEADWAY_TESTS_QUERY_TEST_STORE_H_
#define HEADWAY_TESTS_QUERY_TEST_STORE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/clock.h"
#include "daemon/query/query.h"
#include "daemon/store/store.h"
#include "gtest/gtest.h"
#include "tests/query/columns.h"
#include "tests/support/temp_directory.h"

namespace headway::query {

class TestStore {
 public:
  TestStore()
      : clock_(Midnight(2031, 1, 1)),
        store_(store::Store::Open(directory_.path(), &clock_, {}).value()) {}

  // One vintage, known at x.known_at.
  void Add(const std::string& metric, std::vector<series::Labels::Pair> labels,
           const std::string& unit, const series::Observations& x,
           series::VintageKind kind = series::VintageKind::kObserved) {
    store::VintageUpdate update;
    update.info.key = {metric, L(std::move(labels)), x.frequency};
    update.info.unit = series::Unit::Parse(unit).value();
    update.info.vintage_kind = kind;
    update.known_at = x.known_at;
    update.ordinals = x.ordinals;
    update.values = x.values;
    Commit({.updates = {update}});
  }

  void Commit(const store::Batch& batch) {
    auto result = store_->Commit(batch);
    ASSERT_TRUE(result.ok()) << result.status();
  }

  void Define(const std::string& name, absl::string_view text,
              const std::string& unit, std::vector<MemberSet> members = {}) {
    indicators_.insert_or_assign(
        name, IndicatorDefinition{Parse(text).value(),
                                  series::Unit::Parse(unit).value(),
                                  std::move(members)});
  }

  SimulatedClock& clock() { return clock_; }
  const IndicatorMap& indicators() const { return indicators_; }

  // Puts the reader and the indicators into the context.
  absl::StatusOr<Panel> Evaluate(absl::string_view text,
                                 Context context = {}) const {
    auto expression = Parse(text);
    if (!expression.ok()) return expression.status();
    const std::unique_ptr<store::Reader> reader = store_->NewReader();
    context.reader = reader.get();
    context.indicators = &indicators_;
    return query::Evaluate(*expression, context);
  }

  std::unique_ptr<store::Reader> NewReader() const {
    return store_->NewReader();
  }

  absl::StatusOr<std::vector<Leaf>> Leaves(absl::string_view text) const {
    auto expression = Parse(text);
    if (!expression.ok()) return expression.status();
    const std::unique_ptr<store::Reader> reader = store_->NewReader();
    return FindLeaves(*expression,
                      {.reader = reader.get(), .indicators = &indicators_});
  }

  // "unit: columns", or the error.
  std::string Show(absl::string_view text,
                   absl::Time as_of = absl::InfiniteFuture(),
                   absl::Time recorded_by = absl::InfiniteFuture()) const {
    auto panel = Evaluate(text, {.as_of = as_of, .recorded_by = recorded_by});
    if (!panel.ok()) return absl::StrCat(panel.status().message());
    return absl::StrCat(panel->unit.ToString(), ": ", Text(panel->columns));
  }

  absl::StatusOr<TypeInfo> Check(absl::string_view text) const {
    auto expression = Parse(text);
    if (!expression.ok()) return expression.status();
    const std::unique_ptr<store::Reader> reader = store_->NewReader();
    return query::Check(*expression, indicators_, reader.get());
  }

 private:
  TempDirectory directory_;
  SimulatedClock clock_;
  std::unique_ptr<store::Store> store_;
  IndicatorMap indicators_;
};

}  // namespace headway::query

#endif  // HEADWAY_TESTS_QUERY_TEST_STORE_H_
