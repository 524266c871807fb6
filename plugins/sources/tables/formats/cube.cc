#include "plugins/sources/tables/formats/cube.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"

namespace headway::formats {

absl::string_view FrequencyOfCode(absl::string_view code) {
  static constexpr std::pair<absl::string_view, absl::string_view> kCodes[] = {
      {"A", "annual"},    {"S", "semiannual"}, {"H", "semiannual"},
      {"Q", "quarterly"}, {"M", "monthly"},    {"W", "weekly"},
      {"D", "daily"},     {"B", "daily"}};
  for (const auto& [name, frequency] : kCodes) {
    if (code == name) return frequency;
  }
  return "";
}

bool IsFrequencyId(absl::string_view id) {
  return absl::EqualsIgnoreCase(id, "FREQ");
}

bool IsWanted(const std::vector<std::string>& columns, absl::string_view name) {
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

void NameFrequencies(const std::vector<std::string>& columns, Grid* grid) {
  if (grid->rows.empty()) return;
  std::vector<std::string>& header = grid->rows.front();
  const auto found =
      std::find_if(header.begin(), header.end(),
                   [](const std::string& name) { return IsFrequencyId(name); });
  if (found == header.end()) return;
  const size_t column = found - header.begin();
  const bool keep = IsWanted(columns, *found);
  for (auto& row : grid->rows) {
    if (column >= row.size()) continue;
    const bool is_header = &row == &header;
    std::string frequency(is_header ? "frequency"
                                    : FrequencyOfCode(row[column]));
    if (keep) {
      row.push_back(std::move(frequency));
    } else {
      row[column] = std::move(frequency);
    }
  }
}

void SetMeanings(absl::string_view period, absl::string_view value,
                 Grid* grid) {
  grid->meanings["period_column"] = std::string(period);
  grid->meanings["value_column"] = std::string(value);
}

}  // namespace headway::formats
