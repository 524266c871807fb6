#include "daemon/pipeline/definitions/forecast_definition.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/suggest.h"

namespace headway::pipeline {
namespace {

// As many as the library gives.
constexpr int kMaxHorizon = 1000;

}  // namespace

absl::Status CheckMethod(const std::string& method) {
  if (forecast::IsMethodName(method)) return absl::OkStatus();
  const auto known = forecast::MethodNames();
  const std::vector<std::string> names(known.begin(), known.end());
  const std::string suggestion = DidYouMean(method, names);
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown method \"", method, "\"",
      suggestion.empty()
          ? absl::StrCat("; write one of ", absl::StrJoin(names, ", "))
          : suggestion));
}

absl::Status CheckHorizon(int horizon) {
  if (0 <= horizon && horizon <= kMaxHorizon) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("horizon ", horizon, " is outside 0 to ", kMaxHorizon,
                   " periods; 0 is one year"));
}

}  // namespace headway::pipeline
