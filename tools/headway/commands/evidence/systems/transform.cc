#include "tools/headway/commands/evidence/systems/transform.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/base/suggest.h"

namespace headway::cli {
namespace {

bool IsTransform(const std::string& kind) {
  const std::vector<std::string> names = TransformNames();
  return std::find(names.begin(), names.end(), kind) != names.end();
}

absl::Status UnknownTransform(const std::string& kind) {
  return absl::InvalidArgumentError(
      absl::StrCat("--transform: ", kind, " is none of ",
                   absl::StrJoin(TransformNames(), ", "),
                   DidYouMean(kind, TransformNames())));
}

bool NeedsPositive(absl::string_view kind) {
  return kind != "none" && kind != "diff";
}

bool IsChange(absl::string_view kind) {
  return kind == "diff" || kind == "dlog" || kind == "100dlog" ||
         kind == "pct" || kind == "pca";
}

double Level(absl::string_view kind, double now) {
  if (kind == "log") return std::log(now);
  if (kind == "100log") return 100 * std::log(now);
  return now;
}

double Change(absl::string_view kind, double now, double before, int per_year) {
  if (kind == "diff") return now - before;
  if (kind == "dlog") return std::log(now / before);
  if (kind == "100dlog") return 100 * std::log(now / before);
  if (kind == "pct") return 100 * (now / before - 1);
  return 100 * (std::pow(now / before, per_year) - 1);
}

}  // namespace

std::vector<std::string> TransformNames() {
  return {"none", "log", "100log", "diff", "dlog", "100dlog", "pct", "pca"};
}

absl::StatusOr<std::vector<std::string>> TransformsOf(
    absl::string_view text, const std::vector<std::string>& names) {
  std::vector<std::string> kinds(names.size(), "none");
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    // The kind is after the last sign, which a name may have, too.
    const size_t sign = part.rfind('=');
    const std::string kind(absl::StripAsciiWhitespace(
        sign == absl::string_view::npos ? part : part.substr(sign + 1)));
    if (!IsTransform(kind)) return UnknownTransform(kind);
    if (sign == absl::string_view::npos) {
      std::fill(kinds.begin(), kinds.end(), kind);
      continue;
    }
    const std::string name(absl::StripAsciiWhitespace(part.substr(0, sign)));
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      return absl::NotFoundError(absl::StrCat(
          "--transform: there is no series ", name, DidYouMean(name, names)));
    }
    kinds[at - names.begin()] = kind;
  }
  return kinds;
}

absl::StatusOr<Eigen::VectorXd> Transform(absl::string_view kind,
                                          absl::string_view name,
                                          const Eigen::VectorXd& values,
                                          int gap, int per_year) {
  if (kind == "none") return values;
  Eigen::VectorXd result = Eigen::VectorXd::Constant(
      values.size(), std::numeric_limits<double>::quiet_NaN());
  for (Eigen::Index t = 0; t < values.size(); ++t) {
    if (NeedsPositive(kind) && values[t] <= 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--transform: ", name, " is ", values[t], " in row ", t + 1, ", and ",
          kind, " needs values above 0; use diff or none"));
    }
    if (!IsChange(kind)) {
      result[t] = Level(kind, values[t]);
    } else if (t >= gap) {
      result[t] = Change(kind, values[t], values[t - gap], per_year);
    }
  }
  return result;
}

}  // namespace headway::cli
