// The columns that an expression is made of, and how they go on.
#ifndef HEADWAY_DAEMON_QUERY_LEAVES_H_
#define HEADWAY_DAEMON_QUERY_LEAVES_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "daemon/query/ast.h"
#include "daemon/query/columns/value.h"
#include "daemon/query/query.h"
#include "daemon/store/store.h"

namespace headway::query {

// Belongs to one evaluation, on one thread.
class Leaves {
 public:
  // `futures` is borrowed; null: nothing goes on. With `collects` what Take
  // gives is kept.
  Leaves(const Futures* futures, bool collects)
      : futures_(futures), collects_(collects) {}

  // The series that a selector, by its text, has found.
  void AddEntries(const std::string& selector,
                  const std::vector<store::SeriesEntry>& entries);

  // The value of a part of the expression, as far as it goes.
  ValuePtr Indicator(const std::string& name, ValuePtr value);
  ValuePtr Selector(const std::string& selector, ValuePtr value);

  // As FindLeaves gives them, of the expression with this root.
  std::vector<Leaf> Take(const Node& root) &&;

 private:
  const Futures* futures_;
  const bool collects_;
  // Of each selector, by labels.
  std::map<std::string, std::map<series::Labels, store::SeriesEntry>> entries_;
  // What was continued, by what it is of.
  std::map<std::string, ValuePtr> continued_;
  std::map<std::pair<std::string, series::Labels>, Leaf> indicators_;
  std::map<store::SeriesId, Leaf> series_;
  // Which selectors read a series.
  std::map<store::SeriesId, std::set<std::string>> readers_;
};

// INVALID_ARGUMENT: blocks of different numbers of paths, or without a path.
absl::Status CheckFutures(const Futures& futures);

}  // namespace headway::query

#endif  // HEADWAY_DAEMON_QUERY_LEAVES_H_
