// headway nowcast --method midas, umidas or bridge.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/evidence/nowcast/midas.h"
#include "daemon/forecast/math/student.h"
#include "tools/headway/commands/evidence/systems/mixed.h"
#include "tools/headway/commands/evidence/systems/nowcast_options.h"
#include "tools/headway/commands/evidence/systems/system_options.h"

namespace headway::cli {
namespace {

using series::Frequency;
using series::Period;

struct LagRange {
  int first = 0;
  int last = 0;
  int count() const { return last - first + 1; }
};

absl::StatusOr<LagRange> ParseLags(const std::string& text, int per_period,
                                   bool bridge) {
  LagRange range = {0, per_period - 1};
  if (text.empty()) return range;
  const size_t dots = text.find("..");
  const std::string first = text.substr(0, dots);
  const std::string last =
      dots == std::string::npos ? first : text.substr(dots + 2);
  if (!absl::SimpleAtoi(first, &range.first) ||
      !absl::SimpleAtoi(last, &range.last) || range.first < 0 ||
      range.last < range.first || range.last > 1000) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--lags: ", text, " is no range; write FIRST..LAST, as in 0..11"));
  }
  if (dots == std::string::npos && !bridge) range.first = 0;
  return range;
}

evidence::MidasWeights WeightsOf(const NowcastOptions& options) {
  if (options.method == "umidas") return evidence::MidasWeights::kUnrestricted;
  if (options.method == "bridge") return evidence::MidasWeights::kEqual;
  return options.weights == "nbeta" ? evidence::MidasWeights::kNbeta
                                    : evidence::MidasWeights::kNealmon;
}

// The equation, its sample, and what the next period's forecast needs.
struct Equation {
  evidence::MidasData data;
  std::vector<std::string> periods;
  std::vector<std::string> left_out;
};

std::optional<Eigen::VectorXd> LagsAt(const Indicator& indicator,
                                      double position, const LagRange& lags) {
  Eigen::VectorXd values(lags.count());
  for (int lag = lags.first; lag <= lags.last; ++lag) {
    const std::optional<double> value = indicator.At(position, lag);
    if (!value.has_value()) return std::nullopt;
    values[lag - lags.first] = *value;
  }
  return values;
}

// Of the target's period number `t`, which may be one after the last; absent
// where the past is not there.
std::optional<Eigen::VectorXd> OthersAt(const NowcastOptions& options,
                                        const Mixed& mixed, int t) {
  if (t < options.own_lags) return std::nullopt;
  Eigen::VectorXd others(1 + (options.trend ? 1 : 0) + options.own_lags);
  int at = 0;
  others[at++] = 1;
  if (options.trend) others[at++] = t + 1;
  for (int lag = 1; lag <= options.own_lags; ++lag) {
    others[at++] = mixed.values[t - lag];
  }
  return others;
}

std::vector<std::string> OtherNames(const NowcastOptions& options) {
  std::vector<std::string> names = {"const"};
  if (options.trend) names.push_back("trend");
  for (int lag = 1; lag <= options.own_lags; ++lag) {
    names.push_back(absl::StrCat("ar", lag));
  }
  return names;
}

void AppendRow(Eigen::MatrixXd& matrix, const Eigen::VectorXd& row) {
  matrix.conservativeResize(matrix.rows() + 1, row.size());
  matrix.bottomRows(1) = row.transpose();
}

absl::StatusOr<Equation> MakeEquation(const NowcastOptions& options,
                                      const Mixed& mixed,
                                      const std::vector<Indicator>& indicators,
                                      const LagRange& lags) {
  Equation equation;
  equation.data.other_names = OtherNames(options);
  for (const Indicator& indicator : indicators) {
    equation.data.regressors.push_back(
        {indicator.name(), WeightsOf(options), lags.first, {}});
  }
  std::vector<double> target;
  for (int t = 0; t < mixed.values.size(); ++t) {
    const double last =
        LastWithin(mixed.positions[t], mixed.rare, mixed.frequent);
    const auto others = OthersAt(options, mixed, t);
    std::vector<Eigen::VectorXd> rows;
    for (const Indicator& indicator : indicators) {
      auto row = LagsAt(indicator, last, lags);
      if (row.has_value()) rows.push_back(*std::move(row));
    }
    if (!others.has_value() || rows.size() != indicators.size()) {
      equation.left_out.push_back(mixed.periods[t]);
      continue;
    }
    target.push_back(mixed.values[t]);
    equation.periods.push_back(mixed.periods[t]);
    AppendRow(equation.data.others, *others);
    for (size_t i = 0; i < rows.size(); ++i) {
      AppendRow(equation.data.regressors[i].lags, rows[i]);
    }
  }
  if (target.empty()) {
    return absl::InvalidArgumentError(
        "there is no period of the target for which all lags of the indicators "
        "are there; compare the periods of the two tables");
  }
  equation.data.target =
      Eigen::Map<Eigen::VectorXd>(target.data(), target.size());
  return equation;
}

void AddFit(const evidence::MidasFit& fit, const Equation& equation,
            double level, Report& report) {
  const double quantile =
      forecast::StudentQuantile(1 - SizeOf(level) / 2, fit.degrees);
  for (const evidence::MidasCoefficient& c : fit.coefficients) {
    Estimate estimate{.estimate = c.estimate};
    if (c.standard_error.has_value()) {
      const double error = *c.standard_error;
      estimate.standard_error = error;
      estimate.low = c.estimate - quantile * error;
      estimate.high = c.estimate + quantile * error;
      estimate.p = 2 * forecast::StudentProbability(
                           -std::abs(c.estimate / error), fit.degrees);
    }
    report.results.push_back({c.name, estimate});
  }
  Table lags({{.name = "indicator"},
              {.name = "lag", .align = Align::kRight},
              {.name = "coefficient", .align = Align::kRight},
              {.name = "weight", .align = Align::kRight}});
  Json json = Json::object();
  for (size_t i = 0; i < fit.shapes.size(); ++i) {
    const bool weighted = fit.lag_weights[i].size() > 0;
    for (Eigen::Index k = 0; k < fit.lag_coefficients[i].size(); ++k) {
      const int64_t lag = fit.shapes[i].first_lag + k;
      Json row = {{"lag", lag}, {"coefficient", fit.lag_coefficients[i][k]}};
      if (weighted) row["weight"] = fit.lag_weights[i][k];
      json[fit.shapes[i].name].push_back(std::move(row));
      lags.AddRow({fit.shapes[i].name, CountCell(lag),
                   Number(fit.lag_coefficients[i][k]),
                   weighted ? Number(fit.lag_weights[i][k]) : MissingCell()});
    }
  }
  report.more["fit"] = {{"observations", fit.observations},
                        {"degrees_of_freedom", fit.degrees},
                        {"rss", fit.rss},
                        {"sigma", fit.sigma},
                        {"r_squared", fit.r_squared},
                        {"aic", fit.aic},
                        {"bic", fit.bic},
                        {"starts", fit.starts}};
  report.more["lag_coefficients"] = std::move(json);
  report.tables.push_back({"lag_coefficients", std::move(lags)});
  Table fitted({{.name = "period"},
                {.name = "observed", .align = Align::kRight},
                {.name = "fitted", .align = Align::kRight},
                {.name = "residual", .align = Align::kRight}});
  for (int t = 0; t < fit.observations; ++t) {
    report.more["fitted"].push_back({{"period", equation.periods[t]},
                                     {"observed", equation.data.target[t]},
                                     {"fitted", fit.fitted[t]},
                                     {"residual", fit.residuals[t]}});
    fitted.AddRow({equation.periods[t], Number(equation.data.target[t]),
                   Number(fit.fitted[t]), Number(fit.residuals[t])});
  }
  report.tables.push_back({"fitted", std::move(fitted), false});
}

// Of the period after the target's last.
absl::Status AddForecast(const NowcastOptions& options, const Mixed& mixed,
                         std::vector<Indicator> indicators,
                         const LagRange& lags, const evidence::MidasFit& fit,
                         Report& report) {
  const int next = static_cast<int>(mixed.values.size());
  const Period period = {mixed.rare,
                         static_cast<int32_t>(mixed.positions.back()) + 1};
  const double last = LastWithin(period.ordinal, mixed.rare, mixed.frequent);
  std::vector<Eigen::VectorXd> rows;
  for (Indicator& indicator : indicators) {
    if (!LagsAt(indicator, last, lags).has_value()) {
      const double missing = last - lags.first - indicator.last();
      const absl::Status extended =
          mixed.frequent == Frequency::kDaily || missing > 24
              ? absl::FailedPreconditionError("")
              : indicator.ExtendTo(last - lags.first);
      if (!extended.ok()) {
        report.warnings.push_back(absl::StrCat(
            "no forecast of ", series::FormatPeriod(period), ": ",
            indicator.name(), " ends too early for it",
            extended.message().empty() ? "" : "; ", extended.message()));
        return absl::OkStatus();
      }
      report.warnings.push_back(absl::StrCat(
          indicator.name(), " is not there for the last ", missing, " ",
          series::FrequencyName(mixed.frequent), " periods of ",
          series::FormatPeriod(period),
          ", which are its autoregression's; the interval does not hold that "
          "uncertainty"));
    }
    const auto row = LagsAt(indicator, last, lags);
    if (!row.has_value()) {
      report.warnings.push_back(
          absl::StrCat("no forecast: ", indicator.name(), " has gaps"));
      return absl::OkStatus();
    }
    rows.push_back(*row);
  }
  const auto others = OthersAt(options, mixed, next);
  if (!others.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const evidence::MidasForecast forecast,
                   evidence::ForecastMidas(fit, *others, rows));
  const double reach =
      forecast::StudentQuantile(1 - SizeOf(options.level) / 2, fit.degrees) *
      forecast.standard_error;
  report.more["forecast"] = {
      {"period", series::FormatPeriod(period)},
      {"estimate", forecast.mean},
      {"standard_error", forecast.standard_error},
      {"low", forecast.mean - reach},
      {"high", forecast.mean + reach},
      {"with_uncertainty_of_coefficients", forecast.with_coefficients}};
  Table table({{.name = "period"},
               {.name = "estimate", .align = Align::kRight},
               {.name = "standard_error", .align = Align::kRight},
               {.name = "low", .align = Align::kRight},
               {.name = "high", .align = Align::kRight}});
  table.AddRow({series::FormatPeriod(period), Number(forecast.mean),
                Number(forecast.standard_error), Number(forecast.mean - reach),
                Number(forecast.mean + reach)});
  report.tables.push_back({"forecast", std::move(table)});
  return absl::OkStatus();
}

// Whether the shape of the weights holds.
void AddRestriction(const Equation& equation, const evidence::MidasFit& fit,
                    Report& report) {
  evidence::MidasData free = equation.data;
  for (evidence::MidasRegressor& r : free.regressors) {
    r.weights = evidence::MidasWeights::kUnrestricted;
  }
  const absl::StatusOr<evidence::MidasFit> unrestricted =
      evidence::FitMidas(free);
  if (!unrestricted.ok()) return;
  const absl::StatusOr<evidence::RestrictionTest> test =
      evidence::TestRestriction(fit, *unrestricted);
  if (!test.ok()) return;
  report.more["restriction_test"] = {{"F", test->f},
                                     {"df1", test->degrees1},
                                     {"df2", test->degrees2},
                                     {"p", test->p},
                                     {"rss_unrestricted", unrestricted->rss}};
}

void DescribeEquation(const NowcastOptions& options, const Mixed& mixed,
                      const Equation& equation, const LagRange& lags,
                      Report& report) {
  Json& setup = report.setup;
  setup["file"] = options.frame.input.csv;
  if (!options.with.empty()) setup["with"] = options.with;
  setup["target"] = mixed.target;
  setup["frequency"] = std::string(series::FrequencyName(mixed.rare));
  setup["indicator_frequency"] =
      std::string(series::FrequencyName(mixed.frequent));
  setup["transform"] =
      options.frame.transform.empty() ? "none" : options.frame.transform;
  setup["indicator_transforms"] = mixed.indicators.transforms;
  setup["weights"] =
      std::string(evidence::MidasWeightsName(WeightsOf(options)));
  setup["first_lag"] = lags.first;
  setup["last_lag"] = lags.last;
  setup["lag_0"] = "the last period of the indicator within the target's";
  setup["ar"] = options.own_lags;
  setup["trend"] = options.trend;
  setup["from"] = equation.periods.front();
  setup["to"] = equation.periods.back();
  setup["level"] = options.level;
  report.warnings = mixed.notes;
  if (!equation.left_out.empty()) {
    report.warnings.push_back(
        absl::StrCat(equation.left_out.size(),
                     " periods are left out, for their lags are "
                     "not all there: ",
                     equation.left_out.front(),
                     equation.left_out.size() > 1
                         ? absl::StrCat(" to ", equation.left_out.back())
                         : ""));
  }
}

}  // namespace

absl::StatusOr<Report> NowcastByRegression(const NowcastOptions& options) {
  ASSIGN_OR_RETURN(const Mixed mixed, ReadMixed(options));
  const int per_period = std::max(1, series::PeriodsPerYear(mixed.frequent) /
                                         series::PeriodsPerYear(mixed.rare));
  ASSIGN_OR_RETURN(const LagRange lags, ParseLags(options.lags, per_period,
                                                  options.method == "bridge"));
  ASSIGN_OR_RETURN(const std::vector<int> columns,
                   IndicatorColumns(options, mixed));
  std::vector<Indicator> indicators;
  for (int column : columns) {
    indicators.emplace_back(mixed.indicators, column, mixed.frequent);
    if (indicators.back().empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(indicators.back().name(), " has no values"));
    }
  }
  ASSIGN_OR_RETURN(const Equation equation,
                   MakeEquation(options, mixed, indicators, lags));
  ASSIGN_OR_RETURN(const evidence::MidasFit fit,
                   evidence::FitMidas(equation.data));
  Report report;
  report.method = options.method;
  report.title = absl::StrCat(options.method, " of ", mixed.target, ", ",
                              equation.periods.front(), " to ",
                              equation.periods.back(), ": ", fit.observations,
                              " periods, residual sum of squares ", fit.rss);
  DescribeEquation(options, mixed, equation, lags, report);
  AddFit(fit, equation, options.level, report);
  if (fit.starts > 0) AddRestriction(equation, fit, report);
  RETURN_IF_ERROR(AddForecast(options, mixed, indicators, lags, fit, report));
  if (!fit.covariance.has_value()) {
    report.warnings.push_back(
        "coefficients have no standard errors: the thetas do not follow from "
        "the data, since the indicator has next to no effect");
  }
  if (2 * fit.degrees < fit.observations) {
    report.warnings.push_back(absl::StrCat(
        fit.coefficients.size(), " coefficients on ", fit.observations,
        " periods: the fit is better than a forecast will be"));
  }
  return report;
}

}  // namespace headway::cli
