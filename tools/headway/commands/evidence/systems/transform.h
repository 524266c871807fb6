// What is done to a series before it is used: logarithms, differences, growth.
#ifndef HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_TRANSFORM_H_
#define HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_TRANSFORM_H_

#include <Eigen/Dense>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::cli {

// "none", "log", "100log", "diff", "dlog", "100dlog", "pct", "pca".
std::vector<std::string> TransformNames();

// By series, from "dlog" or "gdp=dlog,rate=diff"; "none" for those that are not
// named. INVALID_ARGUMENT or NOT_FOUND: a kind or a series that is none.
absl::StatusOr<std::vector<std::string>> TransformsOf(
    absl::string_view text, const std::vector<std::string>& names);

// Differences are to the value before, `gap` periods earlier: 3 for a quarterly
// series in a table of months. pct is growth in percent, pca the same at the
// rate of a year of `per_year` values. The first values become NaN.
// INVALID_ARGUMENT: a logarithm or growth of what is not positive; the message
// names the series.
absl::StatusOr<Eigen::VectorXd> Transform(absl::string_view kind,
                                          absl::string_view name,
                                          const Eigen::VectorXd& values,
                                          int gap, int per_year);

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_COMMANDS_EVIDENCE_SYSTEMS_TRANSFORM_H_
