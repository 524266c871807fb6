#include "daemon/query/columns/over_paths.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/base/status_macros.h"
#include "daemon/query/columns/path_aggregate.h"
#include "daemon/query/math/resample.h"

namespace headway::query {
namespace {

using series::Observations;
using series::Period;

// One argument, of which each path is shown in turn.
class PathArgument {
 public:
  explicit PathArgument(const Value& value) : value_(value) {
    for (const LabelledColumn& column : value.columns) {
      columns_.push_back({column.labels, column.observations});
      if (column.paths == nullptr) continue;
      // What was known of the last period of a path once it was over.
      Observations& x = columns_.back().observations;
      const Period last = {x.frequency, column.paths->end() - 1};
      x.known_at = std::max(x.known_at, series::EndTime(last));
    }
  }

  // What is known, without any path.
  ValuePtr Past() const {
    Value past = Bare();
    for (const LabelledColumn& column : value_.columns) {
      if (column.observations.empty()) continue;
      past.columns.push_back({column.labels, column.observations});
    }
    return std::make_shared<const Value>(std::move(past));
  }

  // With the path after the past, until the next call.
  ValuePtr On(size_t path) {
    Value on = Bare();
    for (size_t i = 0; i < columns_.size(); ++i) {
      Continue(value_.columns[i], path, columns_[i].observations);
    }
    const bool some_are_empty =
        std::any_of(columns_.begin(), columns_.end(), IsEmpty);
    if (!some_are_empty) {
      // Lent, and taken back by TakeBack.
      on.columns = std::move(columns_);
    } else {
      std::copy_if(columns_.begin(), columns_.end(),
                   std::back_inserter(on.columns),
                   [](const LabelledColumn& x) { return !IsEmpty(x); });
    }
    lent_ = std::make_shared<Value>(std::move(on));
    is_all_lent_ = !some_are_empty;
    return lent_;
  }

  void TakeBack() {
    if (is_all_lent_) columns_ = std::move(lent_->columns);
    lent_ = nullptr;
  }

 private:
  static bool IsEmpty(const LabelledColumn& column) {
    return column.observations.empty();
  }

  Value Bare() const {
    Value bare;
    bare.number = value_.number;
    bare.unit = value_.unit;
    bare.frequency = value_.frequency;
    return bare;
  }

  static void Continue(const LabelledColumn& from, size_t path,
                       Observations& x) {
    if (from.paths == nullptr) return;
    const size_t known = from.observations.size();
    x.ordinals.resize(known);
    x.values.resize(known);
    if (!from.observations.statuses.empty()) x.statuses.resize(known);
    for (size_t row = 0; row < from.paths->rows(); ++row) {
      const double value = from.paths->Row(row)[path];
      if (std::isnan(value)) continue;
      series::AppendStatus(series::ObservationStatus::kFinal, x.size(),
                           &x.statuses);
      x.ordinals.push_back(from.paths->first + static_cast<int32_t>(row));
      x.values.push_back(value);
    }
  }

  const Value& value_;
  std::vector<LabelledColumn> columns_;
  std::shared_ptr<Value> lent_;
  bool is_all_lent_ = false;
};

// Where the paths of the arguments begin.
struct PathStart {
  std::vector<Period> periods;
  size_t paths = 0;

  // At the frequency of a result, which is no finer.
  int32_t At(series::Frequency frequency) const {
    int32_t first = std::numeric_limits<int32_t>::max();
    for (const Period& period : periods) {
      first = std::min(first, Coarsen(period, frequency));
    }
    return first;
  }
};

PathStart StartOf(const std::vector<ValuePtr>& arguments) {
  PathStart start;
  for (const ValuePtr& argument : arguments) {
    if (argument == nullptr) continue;
    for (const LabelledColumn& column : argument->columns) {
      if (column.paths == nullptr) continue;
      start.periods.push_back(
          {column.observations.frequency, column.paths->first});
      start.paths = column.paths->paths;
    }
  }
  return start;
}

// The columns of a result, put together path by path.
class Gathering {
 public:
  explicit Gathering(PathStart start) : start_(std::move(start)) {}

  void AddPast(Value past) {
    for (LabelledColumn& column : past.columns) {
      const int32_t first = start_.At(column.observations.frequency);
      DropFrom(first, &column.observations);
      Column& to = columns_[column.labels];
      to.past = std::move(column.observations);
      to.future = EmptyBlock(first, first, start_.paths);
    }
    past.columns.clear();
    result_ = std::move(past);
  }

  void Add(size_t path, const Value& value) {
    for (const LabelledColumn& column : value.columns) {
      const Observations& x = column.observations;
      if (x.empty()) continue;
      const auto [entry, is_new] = columns_.try_emplace(column.labels);
      Column& to = entry->second;
      if (is_new) {
        to.past.frequency = x.frequency;
        to.future = EmptyBlock(start_.At(x.frequency), start_.At(x.frequency),
                               start_.paths);
      }
      AddPath(x, path, to.future);
    }
  }

  Value Take() && {
    for (auto& [labels, column] : columns_) {
      LabelledColumn& to = result_.columns.emplace_back(
          LabelledColumn{labels, std::move(column.past)});
      if (column.future.values.empty()) continue;
      to.paths = std::make_shared<const PathBlock>(std::move(column.future));
    }
    return std::move(result_);
  }

 private:
  struct Column {
    Observations past;
    PathBlock future;
  };

  static void AddPath(const Observations& x, size_t path, PathBlock& to) {
    const auto from =
        std::lower_bound(x.ordinals.begin(), x.ordinals.end(), to.first);
    const int32_t last = x.ordinals.back();
    if (last >= to.end()) {
      to.values.resize(static_cast<size_t>(last - to.first + 1) * to.paths,
                       kNoValue);
    }
    for (size_t i = static_cast<size_t>(from - x.ordinals.begin());
         i < x.size(); ++i) {
      to.Row(static_cast<size_t>(x.ordinals[i] - to.first))[path] = x.values[i];
    }
  }

  PathStart start_;
  Value result_;
  std::map<series::Labels, Column> columns_;
};

}  // namespace

bool AnyHasPaths(const std::vector<ValuePtr>& arguments) {
  return std::any_of(
      arguments.begin(), arguments.end(), [](const ValuePtr& argument) {
        return argument != nullptr && HasPaths(argument->columns);
      });
}

absl::StatusOr<Value> ApplyToEachPath(
    const std::vector<ValuePtr>& arguments,
    absl::FunctionRef<absl::StatusOr<Value>(const std::vector<ValuePtr>&)>
        apply) {
  PathStart start = StartOf(arguments);
  const size_t paths = start.paths;
  std::vector<std::optional<PathArgument>> parts;
  std::vector<ValuePtr> shown = arguments;
  for (size_t i = 0; i < arguments.size(); ++i) {
    parts.emplace_back();
    if (arguments[i] == nullptr || !HasPaths(arguments[i]->columns)) continue;
    parts[i].emplace(*arguments[i]);
    shown[i] = parts[i]->Past();
  }
  Gathering gathering(std::move(start));
  ASSIGN_OR_RETURN(Value past, apply(shown));
  gathering.AddPast(std::move(past));
  for (size_t path = 0; path < paths; ++path) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (parts[i].has_value()) shown[i] = parts[i]->On(path);
    }
    ASSIGN_OR_RETURN(const Value value, apply(shown));
    gathering.Add(path, value);
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (parts[i].has_value()) parts[i]->TakeBack();
    }
  }
  return std::move(gathering).Take();
}

}  // namespace headway::query
