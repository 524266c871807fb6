#include "daemon/evidence/var/system.h"

#include <cmath>
#include <set>

#include "absl/strings/str_cat.h"
#include "daemon/base/suggest.h"

namespace headway::evidence {

absl::Status CheckSystem(const System& system) {
  if (static_cast<int>(system.names.size()) != system.series()) {
    return absl::InvalidArgumentError(
        absl::StrCat(system.names.size(), " names for ", system.series(),
                     " series; give one each"));
  }
  std::set<std::string> seen;
  for (int j = 0; j < system.series(); ++j) {
    const std::string& name = system.names[j];
    if (!seen.insert(name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, " occurs twice; give each series its own name"));
    }
    for (int t = 0; t < system.periods(); ++t) {
      if (std::isfinite(system.values(t, j))) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          name, " has no value in period ", t + 1, " of ", system.periods(),
          "; a system needs every value: shorten the sample or "
          "fill the gap"));
    }
    if (system.periods() > 0 &&
        system.values.col(j).maxCoeff() == system.values.col(j).minCoeff()) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, " is ", system.values(0, j),
          " in every period: nothing follows from it; leave it out"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int> SeriesIndex(const System& system, absl::string_view name) {
  for (size_t j = 0; j < system.names.size(); ++j) {
    if (system.names[j] == name) return static_cast<int>(j);
  }
  return absl::NotFoundError(absl::StrCat("there is no series ", name,
                                          DidYouMean(name, system.names)));
}

absl::string_view DeterministicName(Deterministic deterministic) {
  switch (deterministic) {
    case Deterministic::kNone:
      return "none";
    case Deterministic::kConstant:
      return "constant";
    case Deterministic::kTrend:
      return "trend";
    case Deterministic::kConstantAndTrend:
      return "constant and trend";
  }
  return "none";
}

int DeterministicTerms(Deterministic deterministic) {
  switch (deterministic) {
    case Deterministic::kNone:
      return 0;
    case Deterministic::kConstant:
    case Deterministic::kTrend:
      return 1;
    case Deterministic::kConstantAndTrend:
      return 2;
  }
  return 0;
}

Lagged MakeLags(const System& system, int lags, Deterministic deterministic,
                int first) {
  const int k = system.series();
  const int n = system.periods() - first;
  const int terms = DeterministicTerms(deterministic);
  Lagged lagged;
  lagged.targets = system.values.bottomRows(n);
  lagged.regressors.resize(n, k * lags + terms);
  for (int lag = 1; lag <= lags; ++lag) {
    lagged.regressors.middleCols(k * (lag - 1), k) =
        system.values.middleRows(first - lag, n);
    for (const std::string& name : system.names) {
      lagged.columns.push_back(absl::StrCat(name, ".l", lag));
    }
  }
  int column = k * lags;
  if (deterministic == Deterministic::kConstant ||
      deterministic == Deterministic::kConstantAndTrend) {
    lagged.regressors.col(column++).setOnes();
    lagged.columns.push_back("const");
  }
  if (deterministic == Deterministic::kTrend ||
      deterministic == Deterministic::kConstantAndTrend) {
    lagged.regressors.col(column) =
        Eigen::VectorXd::LinSpaced(n, first + 1, first + n);
    lagged.columns.push_back("trend");
  }
  return lagged;
}

}  // namespace headway::evidence
