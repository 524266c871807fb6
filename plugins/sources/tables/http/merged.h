// The tables of several answers as one.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_MERGED_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_MERGED_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "plugins/sdk/cpp/plugin.h"
#include "plugins/sources/tables/formats/grid.h"
#include "plugins/sources/tables/mapping/input.h"
#include "plugins/sources/tables/mapping/options.h"

namespace headway::http {

// The grid as an input, whose records are numbered from 1.
class GridInput : public mapping::Input {
 public:
  // Whether the places of the grid name their documents, too.
  enum class Places { kWithin, kWhole };

  // Both must outlive it.
  GridInput(const formats::Grid& grid, const std::string& name,
            Places places = Places::kWithin)
      : grid_(grid), name_(name), places_(places) {}

  std::unique_ptr<mapping::Records> Read() const override;
  std::string name() const override { return name_; }
  std::string Where(int64_t number) const override;
  std::string Place(int64_t number) const override;

 private:
  const formats::Grid& grid_;
  const std::string& name_;
  const Places places_;
};

// Columns go together by their names: an answer may lack some.
class MergedTable {
 public:
  explicit MergedTable(const sdk::Request& request) : request_(request) {}

  // Finds the header and the rows in the answer, and adds them with a column
  // for each label, which goes before a column of that name.
  absl::Status Add(
      const std::string& name, const formats::Grid& grid,
      const std::vector<std::pair<std::string, std::string>>& labels);

  size_t row_count() const { return grid_.rows.size(); }
  // Rows that the options ignore_rows and where left out.
  int64_t left_out_count() const { return left_out_; }

  // The table as rows below a header, and the request whose options hold for
  // it: those that parted rows from what lies around them are done with. Places
  // name their documents; `name` stands for all of them.
  const formats::Grid& Finish(absl::string_view name);
  sdk::Request FinishedRequest() const;

 private:
  size_t ColumnOf(const std::string& name, size_t occurrence);

  const sdk::Request& request_;
  formats::Grid grid_;
  std::vector<std::string> names_;
  absl::flat_hash_map<std::pair<std::string, size_t>, size_t> by_name_;
  size_t cell_count_ = 0;
  int64_t left_out_ = 0;
};

// The request with some options replaced.
sdk::Request WithOptions(const sdk::Request& request,
                         const std::map<std::string, std::string>& options);
// With the columns that a format means where the options leave the defaults.
sdk::Request WithMeanings(const sdk::Request& request,
                          const std::map<std::string, std::string>& meanings);

}  // namespace headway::http

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_MERGED_H_
