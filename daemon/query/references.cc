// What expressions refer to, and the order of indicators that follows.
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/ast.h"
#include "daemon/query/query.h"

namespace headway::query {
namespace {

void CollectSelectors(const Node& node,
                      std::vector<const SelectorNode*>* selectors) {
  if (const auto* selector = std::get_if<SelectorNode>(&node.body)) {
    selectors->push_back(selector);
  } else if (const auto* negation = std::get_if<NegationNode>(&node.body)) {
    CollectSelectors(*negation->operand, selectors);
  } else if (const auto* binary = std::get_if<BinaryNode>(&node.body)) {
    CollectSelectors(*binary->left, selectors);
    CollectSelectors(*binary->right, selectors);
  } else if (const auto* call = std::get_if<FunctionCallNode>(&node.body)) {
    for (const NodePtr& argument : call->arguments) {
      CollectSelectors(*argument, selectors);
    }
  }
}

// Whether a convert in the tree looks for its rate in the store.
bool ReadsRates(const Node& node) {
  if (const auto* negation = std::get_if<NegationNode>(&node.body)) {
    return ReadsRates(*negation->operand);
  }
  if (const auto* binary = std::get_if<BinaryNode>(&node.body)) {
    return ReadsRates(*binary->left) || ReadsRates(*binary->right);
  }
  const auto* call = std::get_if<FunctionCallNode>(&node.body);
  if (call == nullptr) return false;
  if (call->function == "convert" && call->arguments.size() == 2) return true;
  return absl::c_any_of(call->arguments, [](const NodePtr& argument) {
    return ReadsRates(*argument);
  });
}

// An indicator whose references are being visited.
struct Visit {
  std::string name;
  std::vector<std::string> references;
  size_t next = 0;
};

Visit StartVisit(const std::string& name, const IndicatorMap& indicators) {
  Visit visit{.name = name};
  for (const std::string& reference :
       indicators.at(name).expression.BareNames()) {
    if (indicators.count(reference) > 0) visit.references.push_back(reference);
  }
  return visit;
}

absl::Status CycleError(const std::vector<Visit>& path,
                        const std::string& name) {
  auto start = absl::c_find_if(
      path, [&](const Visit& visit) { return visit.name == name; });
  std::string cycle = absl::StrJoin(start, path.end(), " -> ",
                                    [](std::string* out, const Visit& visit) {
                                      absl::StrAppend(out, visit.name);
                                    });
  return absl::InvalidArgumentError(
      absl::StrCat("indicators form a cycle: ", cycle, " -> ", name,
                   "; an indicator cannot use itself"));
}

}  // namespace

bool Expression::IsSelector() const {
  return std::holds_alternative<SelectorNode>(root().body);
}

std::set<std::string> Expression::BareNames() const {
  std::vector<const SelectorNode*> nodes;
  CollectSelectors(root(), &nodes);
  std::set<std::string> names;
  for (const SelectorNode* node : nodes) {
    if (node->bare) names.insert(node->selector.metric);
  }
  return names;
}

std::vector<series::Selector> Expression::SelectorsOfSeries() const {
  std::vector<const SelectorNode*> nodes;
  CollectSelectors(root(), &nodes);
  std::vector<series::Selector> selectors;
  for (const SelectorNode* node : nodes) {
    if (!node->bare) selectors.push_back(node->selector);
  }
  if (ReadsRates(root())) {
    series::Selector rates;
    rates.metric = kRateMetric;
    selectors.push_back(std::move(rates));
  }
  return selectors;
}

std::vector<series::Selector> Expression::Selectors() const {
  std::vector<series::Selector> selectors = SelectorsOfSeries();
  for (const std::string& name : BareNames()) {
    selectors.emplace_back().metric = name;
  }
  return selectors;
}

// Depth first, with a stack of our own: definitions may form a long chain.
absl::StatusOr<std::vector<std::string>> EvaluationOrder(
    const IndicatorMap& indicators) {
  std::vector<std::string> order;
  std::set<std::string> on_path;
  std::set<std::string> done;
  for (const auto& [start, unused] : indicators) {
    if (done.count(start) > 0) continue;
    std::vector<Visit> path;
    path.push_back(StartVisit(start, indicators));
    on_path.insert(start);
    while (!path.empty()) {
      Visit& visit = path.back();
      if (visit.next == visit.references.size()) {
        on_path.erase(visit.name);
        done.insert(visit.name);
        order.push_back(std::move(visit.name));
        path.pop_back();
        continue;
      }
      const std::string reference = visit.references[visit.next++];
      if (on_path.count(reference) > 0) return CycleError(path, reference);
      if (done.count(reference) > 0) continue;
      path.push_back(StartVisit(reference, indicators));
      on_path.insert(reference);
    }
  }
  return order;
}

absl::Status CheckAcyclic(const IndicatorMap& indicators) {
  return EvaluationOrder(indicators).status();
}

}  // namespace headway::query
