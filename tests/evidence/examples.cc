#include "tests/evidence/examples.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/forecast/math/normal.h"
#include "tests/support/files.h"

namespace headway::evidence {
namespace {

std::string ExamplePath(const std::string& path) {
  return absl::StrCat(SharedDataDirectory(), "/reference/evidence/", path);
}

double CellValue(absl::string_view cell) {
  double value = 0;
  return absl::SimpleAtod(cell, &value)
             ? value
             : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

Eigen::MatrixXd ExampleTable::Select(
    const std::vector<std::string>& names) const {
  Eigen::MatrixXd selected(values.rows(), names.size());
  for (size_t j = 0; j < names.size(); ++j) {
    const auto at = std::find(columns.begin(), columns.end(), names[j]);
    selected.col(j) = values.col(at - columns.begin());
  }
  return selected;
}

std::optional<ExampleTable> ReadExample(const std::string& path) {
  const std::string text = ReadFile(ExamplePath(path));
  if (text.empty()) return std::nullopt;
  const std::vector<std::string> lines =
      absl::StrSplit(text, absl::ByAnyChar("\r\n"), absl::SkipEmpty());
  ExampleTable table;
  table.columns = absl::StrSplit(lines[0], ',');
  table.columns.erase(table.columns.begin());
  table.values.resize(lines.size() - 1, table.columns.size());
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> cells = absl::StrSplit(lines[i], ',');
    table.rows.push_back(cells[0]);
    for (size_t j = 1; j < cells.size(); ++j) {
      table.values(i - 1, j - 1) = CellValue(cells[j]);
    }
  }
  return table;
}

std::optional<nlohmann::json> ReadExampleJson(const std::string& path) {
  const std::string text = ReadFile(ExamplePath(path));
  if (text.empty()) return std::nullopt;
  return nlohmann::json::parse(text);
}

Eigen::MatrixXd ToMatrix(const nlohmann::json& rows) {
  if (!rows[0].is_array()) {
    Eigen::MatrixXd column(rows.size(), 1);
    for (size_t i = 0; i < rows.size(); ++i) column(i, 0) = rows[i];
    return column;
  }
  Eigen::MatrixXd matrix(rows.size(), rows[0].size());
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < rows[i].size(); ++j) matrix(i, j) = rows[i][j];
  }
  return matrix;
}

double Distance(const Eigen::MatrixXd& actual,
                const Eigen::MatrixXd& expected) {
  if (actual.rows() != expected.rows() || actual.cols() != expected.cols()) {
    return HUGE_VAL;
  }
  return ((actual - expected).array().abs() / expected.array().abs().max(1.0))
      .maxCoeff();
}

Eigen::MatrixXd Noise(int periods, int series, int seed) {
  forecast::NormalGenerator normal(seed);
  Eigen::MatrixXd noise(periods, series);
  for (double& value : noise.reshaped()) value = normal.Next();
  return noise;
}

Eigen::MatrixXd Walks(int periods, int series, int seed) {
  Eigen::MatrixXd walks = Noise(periods, series, seed);
  for (int t = 1; t < periods; ++t) walks.row(t) += walks.row(t - 1);
  return walks;
}

}  // namespace headway::evidence
