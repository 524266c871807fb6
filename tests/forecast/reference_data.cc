#include "tests/forecast/reference_data.h"

#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/support/files.h"

namespace headway::forecast {
namespace {

double Number(absl::string_view text) {
  double value = 0;
  return absl::SimpleAtod(absl::StripAsciiWhitespace(text), &value) ? value : 0;
}

// By series; the first column of a row is its id.
std::map<std::string, std::vector<double>> LoadValues(const std::string& path) {
  std::map<std::string, std::vector<double>> values;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    for (size_t i = 1; i < cells.size(); ++i) {
      if (!cells[i].empty()) values[cells[0]].push_back(Number(cells[i]));
    }
  }
  return values;
}

// By series: the rows id,method,h,forecast,lo95,hi95,actual of one method.
std::map<std::string, ReferenceForecast> LoadForecasts(
    const std::string& path, absl::string_view method) {
  std::map<std::string, ReferenceForecast> forecasts;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return forecasts;
  char line[512];
  while (gzgets(file, line, sizeof(line)) != nullptr) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    if (cells.size() != 7 || cells[1] != method) continue;
    ReferenceForecast& forecast = forecasts[cells[0]];
    forecast.point.push_back(Number(cells[3]));
    forecast.lower.push_back(Number(cells[4]));
    forecast.upper.push_back(Number(cells[5]));
  }
  gzclose(file);
  return forecasts;
}

EtsComponent ComponentOf(const std::string& letter) {
  if (letter == "A") return EtsComponent::kAdditive;
  if (letter == "M") return EtsComponent::kMultiplicative;
  return EtsComponent::kNone;
}

EtsFit ParseFit(const nlohmann::json& row, int season) {
  EtsFit fit;
  const auto& components = row["components"];
  fit.form = {ComponentOf(components[0]), ComponentOf(components[1]),
              components[3] == "TRUE", ComponentOf(components[2])};
  fit.season = fit.form.has_season() ? season : 1;
  const auto& par = row["par"];
  fit.smoothing.alpha = par["alpha"];
  fit.smoothing.beta = par.value("beta", 0.0);
  fit.smoothing.gamma = par.value("gamma", 0.0);
  fit.smoothing.phi = par.value("phi", 1.0);
  const auto& init = row["init"];
  fit.initial.level = init["l"];
  fit.initial.growth = init.value("b", 0.0);
  // R lists the most recent season first.
  for (int i = season; fit.form.has_season() && i >= 1; --i) {
    fit.initial.seasonal.push_back(init[absl::StrCat("s", i)]);
  }
  fit.log_likelihood = row["loglik"];
  fit.aicc = row["aicc"];
  fit.variance = row["sigma2"];
  return fit;
}

ArimaFit ParseArima(const nlohmann::json& row, int season) {
  ArimaFit fit;
  const auto& order = row["order"];
  fit.form = {
      order["p"],          order["d"],          order["q"], order.value("P", 0),
      order.value("D", 0), order.value("Q", 0), season,     false};
  const nlohmann::json coefficients =
      row.value("coef", nlohmann::json::object());
  const auto take = [&](const char* name, int count) {
    std::vector<double> values;
    for (int i = 1; i <= count; ++i) {
      values.push_back(coefficients[absl::StrCat(name, i)]);
    }
    return values;
  };
  fit.coefficients = {take("ar", fit.form.ar), take("ma", fit.form.ma),
                      take("sar", fit.form.seasonal_ar),
                      take("sma", fit.form.seasonal_ma)};
  for (const char* name : {"drift", "intercept"}) {
    if (coefficients.contains(name)) fit.form.has_constant = true;
  }
  fit.log_likelihood = row["loglik"];
  fit.aicc = row["aicc"];
  return fit;
}

std::map<std::string, ArimaFit> LoadArimaFits(const std::string& path,
                                              int season) {
  std::map<std::string, ArimaFit> fits;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const nlohmann::json row = nlohmann::json::parse(line);
    if (row["method"] == "auto.arima" && row.contains("loglik") &&
        row["loglik"].is_number()) {
      fits[row["id"]] = ParseArima(row, season);
    }
  }
  return fits;
}

std::map<std::string, EtsFit> LoadFits(const std::string& path, int season) {
  std::map<std::string, EtsFit> fits;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const nlohmann::json row = nlohmann::json::parse(line);
    if (row["method"] == "ets" && row.contains("loglik")) {
      fits[row["id"]] = ParseFit(row, season);
    }
  }
  return fits;
}

}  // namespace

std::optional<std::vector<ReferenceSeries>> LoadReference(
    const std::string& set, int count) {
  const std::string data = SharedDataDirectory();
  const std::string r = absl::StrCat(data, "/reference/r/");
  const std::string m3 = absl::StrCat("m3_", set);
  std::ifstream order(absl::StrCat(r, "order_", m3, ".txt"));
  if (!order) return std::nullopt;
  const int season = set == "Monthly" ? 12 : set == "Quarterly" ? 4 : 1;
  auto values =
      LoadValues(absl::StrCat(data, "/competitions/m3/", set, "-train.csv"));
  auto fits = LoadFits(absl::StrCat(r, m3, "_fits.jsonl"), season);
  auto arima_fits = LoadArimaFits(absl::StrCat(r, m3, "_fits.jsonl"), season);
  const std::string r_forecasts = absl::StrCat(r, m3, "_forecasts.csv.gz");
  auto ets = LoadForecasts(r_forecasts, "ets");
  auto arima = LoadForecasts(r_forecasts, "auto.arima");
  auto theta = LoadForecasts(r_forecasts, "thetaf");
  auto dynamic_theta = LoadForecasts(
      absl::StrCat(data, "/reference/statsforecast/", m3, "_forecasts.csv.gz"),
      "sf_dot");
  std::vector<ReferenceSeries> series;
  for (std::string id;
       static_cast<int>(series.size()) < count && order >> id;) {
    if (!fits.count(id) || !arima_fits.count(id)) continue;
    series.push_back({id, season, values[id], fits[id], arima_fits[id], ets[id],
                      arima[id], theta[id], dynamic_theta[id]});
  }
  return series;
}

}  // namespace headway::forecast
