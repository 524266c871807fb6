// Published examples and what must come out of them, which tests read where
// they are and skip where they are not.
#ifndef HEADWAY_TESTS_EVIDENCE_EXAMPLES_H_
#define HEADWAY_TESTS_EVIDENCE_EXAMPLES_H_

#include <Eigen/Dense>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace headway::evidence {

struct ExampleTable {
  std::vector<std::string> columns;  // without the first, which is text
  std::vector<std::string> rows;     // the first column
  Eigen::MatrixXd values;            // NaN where a cell is empty

  // The columns of these names, in that order.
  Eigen::MatrixXd Select(const std::vector<std::string>& names) const;
};

// Absent without the data.
std::optional<ExampleTable> ReadExample(const std::string& path);
std::optional<nlohmann::json> ReadExampleJson(const std::string& path);

Eigen::MatrixXd ToMatrix(const nlohmann::json& rows);

// The largest difference of the two, relative to 1 or to the expected value,
// whichever is more; infinite where the shapes differ.
double Distance(const Eigen::MatrixXd& actual, const Eigen::MatrixXd& expected);

// Independent standard normal walks or noise of a seed: periods x series.
Eigen::MatrixXd Noise(int periods, int series, int seed);
Eigen::MatrixXd Walks(int periods, int series, int seed);

}  // namespace headway::evidence

#define HEADWAY_SKIP_WITHOUT(example) \
  if (!(example).has_value())         \
  GTEST_SKIP() << "no example data; set HEADWAY_SHARED_DATA"

#endif  // HEADWAY_TESTS_EVIDENCE_EXAMPLES_H_
