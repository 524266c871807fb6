#include "daemon/pipeline/definitions/dependencies.h"

#include <algorithm>

namespace headway::pipeline {
namespace {

bool UsesAny(const Inputs& inputs,
             absl::Span<const series::SeriesKey> changed) {
  return std::any_of(inputs.selectors.begin(), inputs.selectors.end(),
                     [&](const series::Selector& selector) {
                       return std::any_of(changed.begin(), changed.end(),
                                          [&](const series::SeriesKey& key) {
                                            return selector.Matches(key);
                                          });
                     });
}

// Goes on from the last of `path` until it is back at the first.
bool FindWayBack(const InputMap& inputs, std::vector<std::string>& path,
                 std::set<std::string>& seen) {
  const auto at = inputs.find(path.back());
  if (at == inputs.end()) return false;
  std::set<std::string> used = at->second.indicators;
  used.insert(at->second.regressors.begin(), at->second.regressors.end());
  for (const std::string& next : used) {
    const bool back = next == path.front();
    if (!back && !seen.insert(next).second) continue;
    path.push_back(next);
    if (back || FindWayBack(inputs, path, seen)) return true;
    path.pop_back();
  }
  return false;
}

}  // namespace

InputMap FindInputs(const query::IndicatorMap& indicators) {
  InputMap inputs;
  for (const auto& [name, definition] : indicators) {
    Inputs& of = inputs[name];
    for (const std::string& bare : definition.expression.BareNames()) {
      if (indicators.count(bare) > 0) of.indicators.insert(bare);
    }
    for (series::Selector& selector : definition.expression.Selectors()) {
      const bool is_indicator =
          selector.matchers.empty() && of.indicators.count(selector.metric) > 0;
      if (!is_indicator) of.selectors.push_back(std::move(selector));
    }
  }
  return inputs;
}

std::vector<std::string> CycleThrough(const InputMap& inputs,
                                      const std::string& name) {
  std::vector<std::string> path = {name};
  std::set<std::string> seen;
  if (!FindWayBack(inputs, path, seen)) return {};
  return path;
}

std::set<std::string> AffectedBy(const InputMap& inputs,
                                 absl::Span<const series::SeriesKey> changed) {
  std::set<std::string> affected;
  for (const auto& [name, of] : inputs) {
    if (UsesAny(of, changed)) affected.insert(name);
  }
  // Outwards from those, until no further one uses any of them.
  for (size_t before = SIZE_MAX; before != affected.size();) {
    before = affected.size();
    for (const auto& [name, of] : inputs) {
      const auto is_affected = [&](const std::string& used) {
        return affected.count(used) > 0;
      };
      if (std::any_of(of.indicators.begin(), of.indicators.end(),
                      is_affected) ||
          std::any_of(of.regressors.begin(), of.regressors.end(),
                      is_affected)) {
        affected.insert(name);
      }
    }
  }
  return affected;
}

}  // namespace headway::pipeline
