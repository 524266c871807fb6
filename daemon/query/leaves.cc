#include "daemon/query/leaves.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/columns/path_aggregate.h"

namespace headway::query {
namespace {

using Paths = std::shared_ptr<const PathBlock>;

// With the paths that `find` gives for the labels of each column.
ValuePtr Continue(const Value& value,
                  absl::FunctionRef<Paths(const series::Labels&)> find) {
  Value continued = value;
  for (LabelledColumn& column : continued.columns) {
    column.paths = find(column.labels);
    if (column.paths == nullptr) continue;
    DropFrom(column.paths->first, &column.observations);
  }
  return std::make_shared<const Value>(std::move(continued));
}

absl::Status CheckBlock(const Paths& block, std::optional<size_t>& paths) {
  if (block == nullptr || block->paths == 0) {
    return absl::InvalidArgumentError(
        "a column goes on without a path; leave it out, or give one");
  }
  if (!paths.has_value()) paths = block->paths;
  if (*paths == block->paths) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("columns go on as ", *paths,
                                                 " paths and as ", block->paths,
                                                 "; draw as many of each"));
}

// What an expression sees of the columns of its selectors: all of them, or only
// the greatest value so far of some of them together.
class RecordUses {
 public:
  explicit RecordUses(const Node& root) { Visit(root, nullptr); }

  // Leaf::stream of a series that these selectors read.
  std::string StreamOf(const series::SeriesKey& key,
                       const std::set<std::string>& selectors) const {
    std::string stream = key.metric;
    for (const std::string& selector : selectors) {
      const Uses& uses = uses_.at(selector);
      if (uses.sees_more) return "";
      for (const Groups& groups : uses.groups) {
        absl::StrAppend(&stream, "\n", selector, "\n",
                        series::FormatLabels(GroupLabels(key.labels, groups)));
      }
    }
    return stream;
  }

 private:
  // As GroupLabels takes it.
  using Groups = std::optional<LabelList>;
  struct Uses {
    bool sees_more = false;
    std::vector<Groups> groups;
  };

  // `groups` is null where more than records is seen of the node.
  void Visit(const Node& node, const Groups* groups) {
    if (const auto* selector = std::get_if<SelectorNode>(&node.body)) {
      Uses& uses = uses_[FormatSelector(selector->selector)];
      if (groups == nullptr) {
        uses.sees_more = true;
      } else {
        uses.groups.push_back(*groups);
      }
    } else if (const auto* negation = std::get_if<NegationNode>(&node.body)) {
      Visit(*negation->operand, nullptr);
    } else if (const auto* binary = std::get_if<BinaryNode>(&node.body)) {
      Visit(*binary->left, nullptr);
      Visit(*binary->right, nullptr);
    } else if (const auto* call = std::get_if<FunctionCallNode>(&node.body)) {
      VisitCall(*call, groups);
    }
  }

  void VisitCall(const FunctionCallNode& call, const Groups* groups) {
    // Each column by itself.
    const Groups all = LabelList{.keep = false, .names = {}};
    if (call.function == "cummax") {
      groups = &all;
    } else if (call.function == "frontier_lag" || call.function == "records" ||
               (call.function == "max" && groups != nullptr)) {
      groups = &call.grouping;
    } else {
      groups = nullptr;
    }
    for (const NodePtr& argument : call.arguments) Visit(*argument, groups);
  }

  std::map<std::string, Uses> uses_;
};

}  // namespace

void Leaves::AddEntries(const std::string& selector,
                        const std::vector<store::SeriesEntry>& entries) {
  if (futures_ == nullptr && !collects_) return;
  for (const store::SeriesEntry& entry : entries) {
    entries_[selector].emplace(entry.info.key.labels, entry);
  }
}

ValuePtr Leaves::Indicator(const std::string& name, ValuePtr value) {
  for (const LabelledColumn& column : value->columns) {
    if (!collects_) break;
    Leaf& leaf = indicators_[{name, column.labels}];
    leaf.indicator = name;
    leaf.unit = value->unit.value_or(series::Unit());
    leaf.column = column;
  }
  if (futures_ == nullptr) return value;
  const auto known = futures_->indicators.find(name);
  if (known == futures_->indicators.end()) return value;
  ValuePtr& continued = continued_[name];
  if (continued == nullptr) {
    continued = Continue(*value, [&](const series::Labels& labels) {
      const auto found = known->second.find(labels);
      return found == known->second.end() ? nullptr : found->second;
    });
  }
  return continued;
}

ValuePtr Leaves::Selector(const std::string& selector, ValuePtr value) {
  const auto entries = entries_.find(selector);
  if (entries == entries_.end()) return value;
  for (const LabelledColumn& column : value->columns) {
    if (!collects_) break;
    const store::SeriesEntry& entry = entries->second.at(column.labels);
    readers_[entry.id].insert(selector);
    Leaf& leaf = series_[entry.id];
    leaf.series = entry.id;
    leaf.key = entry.info.key;
    leaf.unit = entry.info.unit;
    leaf.column = column;
  }
  if (futures_ == nullptr) return value;
  // No indicator has a name like a selector that stands with its braces or for
  // a metric.
  ValuePtr& continued = continued_[absl::StrCat("{}", selector)];
  if (continued == nullptr) {
    continued = Continue(*value, [&](const series::Labels& labels) {
      const auto found = futures_->series.find(entries->second.at(labels).id);
      return found == futures_->series.end() ? nullptr : found->second;
    });
  }
  return continued;
}

std::vector<Leaf> Leaves::Take(const Node& root) && {
  const RecordUses uses(root);
  std::vector<Leaf> leaves;
  for (auto& [name, leaf] : indicators_) leaves.push_back(std::move(leaf));
  const size_t indicators = leaves.size();
  for (auto& [id, leaf] : series_) {
    leaf.stream = uses.StreamOf(leaf.key, readers_.at(id));
    leaves.push_back(std::move(leaf));
  }
  std::sort(leaves.begin() + static_cast<std::ptrdiff_t>(indicators),
            leaves.end(), [](const Leaf& a, const Leaf& b) {
              return FormatSeriesKey(a.key) < FormatSeriesKey(b.key);
            });
  return leaves;
}

absl::Status CheckFutures(const Futures& futures) {
  std::optional<size_t> paths;
  for (const auto& [name, blocks] : futures.indicators) {
    for (const auto& [labels, block] : blocks) {
      RETURN_IF_ERROR(CheckBlock(block, paths));
    }
  }
  for (const auto& [id, block] : futures.series) {
    RETURN_IF_ERROR(CheckBlock(block, paths));
  }
  return absl::OkStatus();
}

}  // namespace headway::query
