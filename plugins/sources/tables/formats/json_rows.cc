#include "plugins/sources/tables/formats/json_rows.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::formats {
namespace {

class TableBuilder {
 public:
  explicit TableBuilder(const JsonRowsOptions& options) : options_(options) {}

  absl::StatusOr<Grid> Build(const Json& document) {
    RETURN_IF_ERROR(CompileColumns());
    RETURN_IF_ERROR(options_.rows.ForEachRow(
        document, [this](const JsonRow& row) { return AddRow(row); }));
    RETURN_IF_ERROR(CheckPathsLedSomewhere());
    grid_.rows.insert(grid_.rows.begin(), names_);
    grid_.places.insert(grid_.places.begin(), options_.rows.text());
    for (auto& row : grid_.rows) row.resize(names_.size());
    return std::move(grid_);
  }

 private:
  struct PathColumn {
    JsonPath path;
    size_t column;
    bool found = false;
  };

  absl::Status CompileColumns() {
    for (const std::string& name : options_.columns) {
      if (!JsonPath::IsPath(name) || by_name_.contains(name)) continue;
      ASSIGN_OR_RETURN(JsonPath path, JsonPath::CompileValue(name));
      paths_.push_back({std::move(path), ColumnOf(name)});
    }
    return absl::OkStatus();
  }

  size_t ColumnOf(const std::string& name) {
    const auto [it, is_new] = by_name_.try_emplace(name, names_.size());
    if (is_new) names_.push_back(name);
    return it->second;
  }

  absl::Status AddRow(const JsonRow& row) {
    cells_.clear();
    const Json& value = *row.node.value;
    if (value.is_array() && options_.header_row) {
      // Each array of rows has its own header.
      if (row.node.index == 0) return ReadHeader(row);
      RETURN_IF_ERROR(AddArray(row));
    } else {
      Flatten(value, "");
    }
    for (PathColumn& path : paths_) {
      RETURN_IF_ERROR(AddPath(row, path));
    }
    cell_count_ += names_.size();
    RETURN_IF_ERROR(CheckCellCount(cell_count_));
    grid_.Add(std::move(cells_), row.place);
    return absl::OkStatus();
  }

  void Set(size_t column, std::string text) {
    if (cells_.size() <= column) cells_.resize(column + 1);
    cells_[column] = std::move(text);
  }

  void Flatten(const Json& value, const std::string& prefix) {
    if (!value.is_object()) return;
    for (const auto& member : value.items()) {
      const std::string name = absl::StrCat(prefix, member.key());
      if (IsScalar(member.value())) {
        Set(ColumnOf(name), CellText(member.value()));
      } else {
        Flatten(member.value(), absl::StrCat(name, "."));
      }
    }
  }

  absl::Status ReadHeader(const JsonRow& row) {
    header_.clear();
    for (const Json& name : *row.node.value) {
      if (!IsScalar(name)) {
        return absl::InvalidArgumentError(absl::StrCat(
            row.place, " should hold the names of columns and holds ",
            ShortText(name, 60),
            "; with header_row = false the columns are [0], [1], …"));
      }
      header_.push_back(CellText(name));
    }
    header_columns_.clear();
    for (const std::string& name : header_) {
      // A name that stands twice keeps both columns.
      size_t column = ColumnOf(name);
      if (std::count(header_columns_.begin(), header_columns_.end(), column)) {
        column = names_.size();
        names_.push_back(name);
      }
      header_columns_.push_back(column);
    }
    return absl::OkStatus();
  }

  absl::Status AddArray(const JsonRow& row) {
    const Json& value = *row.node.value;
    if (value.size() != header_columns_.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(row.place, " has ", value.size(), " cells, the header ",
                       header_columns_.size()));
    }
    for (size_t i = 0; i < header_columns_.size(); ++i) {
      Set(header_columns_[i], CellText(value[i]));
    }
    return absl::OkStatus();
  }

  absl::Status AddPath(const JsonRow& row, PathColumn& path) {
    const std::optional<Json> found = path.path.Find(row);
    if (!found) return absl::OkStatus();
    path.found = true;
    if (!IsScalar(*found)) {
      return absl::InvalidArgumentError(absl::StrCat(
          row.place, ": the path \"", path.path.text(), "\" leads to ",
          ShortText(*found, 60), ", which is no value; go on into it"));
    }
    Set(path.column, CellText(*found));
    return absl::OkStatus();
  }

  absl::Status CheckPathsLedSomewhere() const {
    for (const PathColumn& path : paths_) {
      if (path.found || grid_.rows.empty()) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "the path \"", path.path.text(), "\" leads to nothing in any row of ",
          options_.rows.text(), ", which begin at ", grid_.places.front()));
    }
    return absl::OkStatus();
  }

  const JsonRowsOptions& options_;
  Grid grid_;
  std::vector<std::string> names_;
  absl::flat_hash_map<std::string, size_t> by_name_;
  std::vector<PathColumn> paths_;
  std::vector<std::string> header_;
  std::vector<size_t> header_columns_;
  std::vector<std::string> cells_;
  size_t cell_count_ = 0;
};

}  // namespace

absl::StatusOr<Grid> JsonRows(const Json& document,
                              const JsonRowsOptions& options) {
  return TableBuilder(options).Build(document);
}

}  // namespace headway::formats
