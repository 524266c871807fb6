#include "plugins/sources/tables/http/merged.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "plugins/sources/tables/http/options.h"
#include "plugins/sources/tables/mapping/layout.h"
#include "plugins/sources/tables/mapping/rows.h"

namespace headway::http {
namespace {

class GridRecords final : public mapping::Records {
 public:
  explicit GridRecords(const formats::Grid& grid) : grid_(grid) {}

  absl::StatusOr<bool> Next() override {
    if (next_ >= grid_.rows.size()) return false;
    const std::vector<std::string>& row = grid_.rows[next_++];
    cells_.assign(row.begin(), row.end());
    return true;
  }
  void Skip(int64_t count) override {
    next_ += std::min<size_t>(count, grid_.rows.size() - next_);
  }
  const std::vector<absl::string_view>& cells() const override {
    return cells_;
  }
  int64_t number() const override { return static_cast<int64_t>(next_); }

 private:
  const formats::Grid& grid_;
  size_t next_ = 0;
  std::vector<absl::string_view> cells_;
};

// The columns of one answer as rows, and which of them count.
struct AnswerRows {
  std::vector<std::vector<std::string>> rows;
  std::vector<int64_t> numbers;
};

// A column that stands twice with the same cells, as where a service repeats
// what it was asked, stands there once.
std::vector<bool> RepeatedColumns(const mapping::Header& header,
                                  const AnswerRows& answer) {
  std::vector<bool> repeated(header.size());
  for (size_t later = 1; later < header.size(); ++later) {
    for (size_t column = 0; column < later; ++column) {
      if (header.names()[column] != header.names()[later]) continue;
      repeated[later] =
          repeated[later] || std::all_of(answer.rows.begin(), answer.rows.end(),
                                         [&](const auto& row) {
                                           return row[column] == row[later];
                                         });
    }
  }
  return repeated;
}

}  // namespace

std::unique_ptr<mapping::Records> GridInput::Read() const {
  return std::make_unique<GridRecords>(grid_);
}

std::string GridInput::Place(int64_t number) const {
  const size_t index = static_cast<size_t>(std::max<int64_t>(number, 1)) - 1;
  return index < grid_.places.size() ? grid_.places[index] : "the end";
}

std::string GridInput::Where(int64_t number) const {
  return places_ == Places::kWhole ? Place(number)
                                   : absl::StrCat(name_, ": ", Place(number));
}

absl::Status MergedTable::Add(
    const std::string& name, const formats::Grid& grid,
    const std::vector<std::pair<std::string, std::string>>& labels) {
  for (const auto& [option, column] : grid.meanings) {
    grid_.meanings[option] = column;
  }
  const sdk::Request request = WithMeanings(request_, grid.meanings);
  ASSIGN_OR_RETURN(const auto options, mapping::ReadRowOptions(request));
  ASSIGN_OR_RETURN(const auto is_header, mapping::HeaderTest(request));
  const GridInput input(grid, name);
  ASSIGN_OR_RETURN(const auto rows,
                   mapping::Rows::Open(input, options, is_header));
  AnswerRows answer;
  const size_t width = rows->header().size();
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) break;
    std::vector<std::string> cells(width);
    for (size_t i = 0; i < width; ++i) cells[i] = std::string(rows->cell(i));
    answer.rows.push_back(std::move(cells));
    answer.numbers.push_back(rows->line());
  }
  left_out_ += rows->ignored_count() + rows->filtered_count();
  const std::vector<bool> repeated = RepeatedColumns(rows->header(), answer);
  std::vector<std::pair<size_t, size_t>> places;
  absl::flat_hash_map<std::string, size_t> occurrences;
  for (size_t i = 0; i < width; ++i) {
    const std::string& column = rows->header().names()[i];
    const bool is_label =
        std::any_of(labels.begin(), labels.end(),
                    [&](const auto& label) { return label.first == column; });
    if (repeated[i] || is_label) continue;
    places.emplace_back(i, ColumnOf(column, occurrences[column]++));
  }
  std::vector<std::pair<size_t, std::string>> fixed;
  for (const auto& [label, value] : labels) {
    fixed.emplace_back(ColumnOf(label, 0), value);
  }
  for (size_t r = 0; r < answer.rows.size(); ++r) {
    std::vector<std::string> row(names_.size());
    for (const auto& [from, to] : places) {
      row[to] = std::move(answer.rows[r][from]);
    }
    for (const auto& [to, value] : fixed) row[to] = value;
    cell_count_ += row.size();
    RETURN_IF_ERROR(formats::CheckCellCount(cell_count_));
    grid_.Add(std::move(row), input.Where(answer.numbers[r]));
  }
  return absl::OkStatus();
}

size_t MergedTable::ColumnOf(const std::string& name, size_t occurrence) {
  const auto [it, is_new] =
      by_name_.try_emplace({name, occurrence}, names_.size());
  if (is_new) names_.push_back(name);
  return it->second;
}

const formats::Grid& MergedTable::Finish(absl::string_view name) {
  for (auto& row : grid_.rows) row.resize(names_.size());
  grid_.rows.insert(grid_.rows.begin(), names_);
  grid_.places.insert(grid_.places.begin(), absl::StrCat(name, ": the header"));
  return grid_;
}

sdk::Request MergedTable::FinishedRequest() const {
  return WithOptions(WithMeanings(request_, grid_.meanings),
                     {{"skip_lines", "0"},
                      {"header_rows", "1"},
                      {"ignore_rows", ""},
                      {"where", ""}});
}

sdk::Request WithOptions(const sdk::Request& request,
                         const std::map<std::string, std::string>& options) {
  std::map<std::string, std::string> all;
  for (const sdk::OptionSpec& spec : OptionSpecs()) {
    const auto given = options.find(spec.name);
    all[spec.name] =
        given != options.end() ? given->second : request.Option(spec.name);
  }
  return sdk::Request(request.source(), std::move(all),
                      {{"", request.checkpoint()}}, request.now(),
                      request.fingerprint());
}

sdk::Request WithMeanings(const sdk::Request& request,
                          const std::map<std::string, std::string>& meanings) {
  std::map<std::string, std::string> options;
  for (const mapping::ColumnOption& option : mapping::ColumnOptions()) {
    const auto meant = meanings.find(option.option);
    const bool is_default = request.Option(option.option) == option.column;
    if (meant != meanings.end() && is_default) {
      options[option.option] = meant->second;
    }
  }
  return WithOptions(request, options);
}

}  // namespace headway::http
