// headway impact --method did --estimator 2x2.
#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "tools/headway/commands/evidence/impact/difference_options.h"

namespace headway::cli {
namespace {

absl::StatusOr<evidence::Grouping> GroupingOf(const DataTable& table,
                                              const std::string& name,
                                              const std::vector<size_t>& rows) {
  ASSIGN_OR_RETURN(const size_t column, table.Find(name, "--cluster"));
  ASSIGN_OR_RETURN(const auto texts, table.Texts(column));
  std::vector<std::string> labels;
  for (const size_t row : rows) labels.push_back(texts[row]);
  return evidence::MakeGrouping(name, labels);
}

absl::StatusOr<evidence::CovarianceOptions> CovarianceOf(
    const DataTable& table, const DifferenceOptions& options,
    const std::vector<size_t>& rows) {
  using Kind = evidence::CovarianceKind;
  const bool cluster = options.covariance == "cluster" ||
                       (options.covariance.empty() && !options.cluster.empty());
  if (cluster) {
    evidence::CovarianceOptions chosen(Kind::kCluster);
    ASSIGN_OR_RETURN(const auto names,
                     ColumnNames(table, options.cluster, "--cluster"));
    if (names.empty()) {
      return absl::InvalidArgumentError(
          "--covariance cluster needs --cluster COLUMN");
    }
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(chosen.clusters.emplace_back(),
                       GroupingOf(table, name, rows));
    }
    return chosen;
  }
  const std::vector<std::pair<std::string, Kind>> kinds = {
      {"classical", Kind::kClassical},
      {"hc0", Kind::kHc0},
      {"hc1", Kind::kHc1},
      {"hc2", Kind::kHc2},
      {"hc3", Kind::kHc3}};
  for (const auto& [name, kind] : kinds) {
    if (name != options.covariance) continue;
    if (options.cluster.empty()) return evidence::CovarianceOptions(kind);
    return absl::InvalidArgumentError(
        absl::StrCat("--covariance ", name, " has no clusters; leave out ",
                     "--cluster, or choose --covariance cluster"));
  }
  return absl::InvalidArgumentError(
      "name how rows hang together: --cluster COLUMN (usually the unit), or "
      "--covariance classical|hc0|hc1|hc2|hc3; there is no default that is "
      "right");
}

absl::StatusOr<evidence::Covariance> AddCoefficients(
    const DataTable& table, const ImpactOptions& impact,
    const DifferenceOptions& options, const std::vector<size_t>& rows,
    const evidence::LinearFit& fit, const std::string& effect, Report& report) {
  ASSIGN_OR_RETURN(const auto how, CovarianceOf(table, options, rows));
  ASSIGN_OR_RETURN(evidence::Covariance covariance,
                   evidence::EstimateCovariance(fit, how));
  for (int j = 0; j < fit.slopes(); ++j) {
    const bool is_effect = fit.names[static_cast<size_t>(j)] == effect;
    NamedEstimate named{is_effect ? "att" : fit.names[static_cast<size_t>(j)],
                        ToEstimate(evidence::TestCoefficient(
                            fit.coefficients[j], covariance.StandardError(j),
                            covariance.degrees, impact.level / 100))};
    report.results.insert(
        is_effect ? report.results.begin() : report.results.end(),
        std::move(named));
  }
  report.setup["covariance"] = covariance.description;
  report.setup["degrees_of_freedom"] = covariance.degrees;
  report.setup["clusters"] = covariance.clusters;
  report.setup["level"] = impact.level;
  report.setup["rows"] = fit.rows();
  report.warnings.insert(report.warnings.end(), covariance.warnings.begin(),
                         covariance.warnings.end());
  return covariance;
}

// Columns of numbers, and the rows in which none of them is missing.
struct Complete {
  std::vector<std::vector<double>> columns;
  std::vector<size_t> rows;

  Eigen::VectorXd Values(size_t column) const {
    Eigen::VectorXd values(static_cast<Eigen::Index>(rows.size()));
    for (size_t i = 0; i < rows.size(); ++i) {
      values[static_cast<Eigen::Index>(i)] = columns[column][rows[i]];
    }
    return values;
  }
};

absl::StatusOr<Complete> CompleteRows(const DataTable& table,
                                      const std::vector<std::string>& names,
                                      const char* option, Report& report) {
  Complete complete;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const size_t column, table.Find(name, option));
    ASSIGN_OR_RETURN(complete.columns.emplace_back(), table.Numbers(column));
  }
  for (size_t row = 0; row < table.rows(); ++row) {
    const bool whole = std::all_of(
        complete.columns.begin(), complete.columns.end(),
        [row](const auto& column) { return std::isfinite(column[row]); });
    if (whole) complete.rows.push_back(row);
  }
  const size_t left_out = table.rows() - complete.rows.size();
  report.setup["rows_left_out"] = left_out;
  if (left_out > 0) {
    report.warnings.push_back(
        absl::StrCat(left_out, " of ", table.rows(),
                     " rows have a missing value and were left out"));
  }
  return complete;
}

absl::Status CheckDummy(const Eigen::VectorXd& values, const std::string& name,
                        const char* option) {
  const bool binary = ((values.array() == 0) || (values.array() == 1)).all();
  if (binary && values.sum() > 0 && values.sum() < values.size()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(option, ": column \"", name,
                   "\" is not a dummy that is 0 in some rows and 1 in others"));
}

void AddMeans(const Eigen::VectorXd& y, const Eigen::VectorXd& treat,
              const Eigen::VectorXd& post, Report& report) {
  Json means = Json::array();
  for (const int group : {0, 1}) {
    for (const int time : {0, 1}) {
      const Eigen::ArrayXd in =
          (treat.array() == group && post.array() == time).cast<double>();
      const double n = in.sum();
      const double mean = (in * y.array()).sum() / n;
      const double squares = (in * (y.array() - mean).square()).sum();
      means.push_back({{"treat", group},
                       {"post", time},
                       {"n", n},
                       {"mean", mean},
                       {"standard_error", std::sqrt(squares / (n - 1) / n)}});
    }
  }
  report.more["means"] = std::move(means);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ColumnNames(const DataTable& table,
                                                     const std::string& list,
                                                     const char* option) {
  if (list.empty()) return std::vector<std::string>();
  return KnownNames(list, table.columns(), option, "column");
}

Estimate ToEstimate(const evidence::CoefficientTest& test) {
  return {test.estimate, test.standard_error, test.low, test.high, test.p};
}

absl::StatusOr<Report> RunDummies(const DataTable& table,
                                  const ImpactOptions& impact,
                                  const DifferenceOptions& options) {
  if (options.post.empty() || options.treat.empty() ||
      impact.input.outcome.empty()) {
    return absl::InvalidArgumentError(
        "--estimator 2x2 needs --outcome, --post and --treat: columns of the "
        "outcome, of 1 after the event, and of 1 in the treated group");
  }
  Report report;
  report.method = "did";
  std::vector<std::string> names = {impact.input.outcome, options.post,
                                    options.treat};
  ASSIGN_OR_RETURN(const auto covariates,
                   ColumnNames(table, options.covariates, "--covariates"));
  names.insert(names.end(), covariates.begin(), covariates.end());
  ASSIGN_OR_RETURN(const Complete data,
                   CompleteRows(table, names, "--outcome", report));
  const Eigen::VectorXd post = data.Values(1);
  const Eigen::VectorXd treat = data.Values(2);
  RETURN_IF_ERROR(CheckDummy(post, options.post, "--post"));
  RETURN_IF_ERROR(CheckDummy(treat, options.treat, "--treat"));
  evidence::LinearInput input{.y = data.Values(0),
                              .x = Eigen::MatrixXd(post.size(), names.size())};
  const std::string effect = absl::StrCat(options.treat, ":", options.post);
  input.names = {options.treat, options.post, effect};
  input.x.col(0) = treat;
  input.x.col(1) = post;
  input.x.col(2) = treat.cwiseProduct(post);
  for (size_t j = 3; j < names.size(); ++j) {
    input.names.push_back(names[j]);
    input.x.col(static_cast<Eigen::Index>(j)) = data.Values(j);
  }
  ASSIGN_OR_RETURN(const auto fit, evidence::FitLinear(input));
  report.title = absl::StrCat("difference in differences of ",
                              impact.input.outcome, ", two by two");
  report.setup["estimator"] = "2x2";
  report.setup["outcome"] = impact.input.outcome;
  report.setup["post"] = options.post;
  report.setup["treat"] = options.treat;
  report.setup["covariates"] = covariates;
  RETURN_IF_ERROR(
      AddCoefficients(table, impact, options, data.rows, fit, effect, report)
          .status());
  AddMeans(input.y, treat, post, report);
  return report;
}

}  // namespace headway::cli
