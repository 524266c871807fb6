#include "plugins/sources/tables/formats/json_stat.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "plugins/sources/tables/formats/cube.h"

namespace headway::formats {
namespace {

constexpr size_t kMostDimensions = 64;

absl::Status Malformed(absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat("this is no JSON-stat 2.0 dataset: ", problem));
}

// The codes by their place: an array, an object of places, or the only label.
absl::StatusOr<std::vector<std::string>> Codes(const Json& dimension,
                                               absl::string_view id,
                                               size_t size) {
  const auto wrong = [&](absl::string_view problem) {
    return Malformed(absl::StrCat("dimension.", id, ".category ", problem));
  };
  const Json* category = Member(dimension, "category");
  if (category == nullptr) return wrong("is not there");
  std::vector<std::string> codes(size);
  const Json* index = Member(*category, "index");
  if (index == nullptr) {
    const Json* label = Member(*category, "label");
    if (size != 1 || label == nullptr || label->size() != 1 ||
        !label->is_object()) {
      return wrong("has no index, and more than one member");
    }
    codes[0] = label->items().begin().key();
    return codes;
  }
  if (index->size() != size) {
    return wrong(absl::StrCat("has ", index->size(), " members in its index, ",
                              "its size is ", size));
  }
  if (index->is_array()) {
    for (size_t i = 0; i < size; ++i) codes[i] = CellText((*index)[i]);
    return codes;
  }
  if (!index->is_object()) return wrong("has an index of an unknown kind");
  for (const auto& member : index->items()) {
    const Json& place = member.value();
    const uint64_t at = place.is_number_integer() ? place.get<int64_t>() : size;
    if (at >= size || !codes[at].empty()) {
      return wrong(absl::StrCat("gives ", member.key(), " the place ",
                                ShortText(place, 20), " of ", size));
    }
    codes[at] = member.key();
  }
  return codes;
}

absl::StatusOr<std::vector<Dimension>> Dimensions(const Json& dataset) {
  const Json* ids = Member(dataset, "id");
  const Json* sizes = Member(dataset, "size");
  const Json* all = Member(dataset, "dimension");
  if (ids == nullptr || sizes == nullptr || all == nullptr ||
      !ids->is_array() || !sizes->is_array() || ids->size() != sizes->size()) {
    return Malformed("id, size and dimension are needed, id and size as long");
  }
  if (ids->size() > kMostDimensions) return Malformed("too many dimensions");
  std::vector<Dimension> dimensions;
  for (size_t i = 0; i < ids->size(); ++i) {
    const std::string id = CellText((*ids)[i]);
    const Json& size = (*sizes)[i];
    const Json* dimension = Member(*all, id);
    if (dimension == nullptr) {
      return Malformed(absl::StrCat("dimension lacks \"", id, "\""));
    }
    if (!size.is_number_unsigned() || size.get<uint64_t>() > kMostCells) {
      return Malformed(absl::StrCat("size[", i, "] is ", ShortText(size, 20)));
    }
    ASSIGN_OR_RETURN(auto codes, Codes(*dimension, id, size.get<uint64_t>()));
    dimensions.push_back({id, std::move(codes)});
  }
  return dimensions;
}

// The dimension that is time: by its role, or by its name.
std::string TimeId(const Json& dataset, const std::vector<Dimension>& all) {
  if (const Json* role = Member(dataset, "role")) {
    const Json* time = Member(*role, "time");
    if (time != nullptr && time->is_array() && !time->empty()) {
      return CellText((*time)[0]);
    }
  }
  for (const Dimension& dimension : all) {
    if (absl::EqualsIgnoreCase(dimension.id, "time") ||
        absl::EqualsIgnoreCase(dimension.id, "TIME_PERIOD")) {
      return dimension.id;
    }
  }
  return "";
}

class Cells {
 public:
  Cells(const Json& dataset, std::vector<Dimension> dimensions)
      : status_(Member(dataset, "status")), dimensions_(std::move(dimensions)) {
    uint64_t count = 1;
    for (const Dimension& dimension : dimensions_) {
      // Sparse cubes may be larger than any memory; their cells are not.
      count = dimension.codes.empty() ? 0
              : count > (uint64_t{1} << 40) / dimension.codes.size()
                  ? (uint64_t{1} << 40)
                  : count * dimension.codes.size();
    }
    count_ = count;
  }

  absl::Status Add(uint64_t place, const Json& value, Grid* grid) {
    if (place >= count_) {
      return Malformed(absl::StrCat("value has the place ", place,
                                    ", the sizes make ", count_, " places"));
    }
    if (!IsScalar(value)) {
      return Malformed(absl::StrCat("value[", place, "] is no number"));
    }
    std::vector<std::string> row(dimensions_.size());
    uint64_t rest = place;
    for (size_t i = dimensions_.size(); i-- > 0;) {
      const std::vector<std::string>& codes = dimensions_[i].codes;
      row[i] = codes[rest % codes.size()];
      rest /= codes.size();
    }
    row.push_back(CellText(value));
    if (status_ != nullptr) row.push_back(StatusAt(place));
    RETURN_IF_ERROR(CheckCellCount((grid->rows.size() + 1) * row.size()));
    grid->Add(std::move(row), absl::StrCat("value[", place, "]"));
    return absl::OkStatus();
  }

 private:
  std::string StatusAt(uint64_t place) const {
    if (status_->is_array()) {
      return place < status_->size() ? CellText((*status_)[place]) : "";
    }
    if (!status_->is_object()) return CellText(*status_);
    return MemberText(*status_, absl::StrCat(place));
  }

  const Json* status_;
  const std::vector<Dimension> dimensions_;
  uint64_t count_ = 0;
};

absl::Status AddValues(const Json& dataset, Cells& cells, Grid* grid) {
  const Json* values = Member(dataset, "value");
  if (values == nullptr) return Malformed("there is no value");
  if (values->is_array()) {
    for (size_t i = 0; i < values->size(); ++i) {
      RETURN_IF_ERROR(cells.Add(i, (*values)[i], grid));
    }
    return absl::OkStatus();
  }
  if (!values->is_object()) return Malformed("value is no array and no object");
  for (const auto& member : values->items()) {
    uint64_t place = 0;
    if (!absl::SimpleAtoi(member.key(), &place)) {
      return Malformed(
          absl::StrCat("value has the place \"", member.key(), "\""));
    }
    RETURN_IF_ERROR(cells.Add(place, member.value(), grid));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Grid> JsonStatRows(const Json& document,
                                  const std::vector<std::string>& columns) {
  const std::string kind = MemberText(document, "class");
  if (kind != "dataset") {
    return Malformed(absl::StrCat(
        "its class is \"", kind,
        "\"; of a collection, give the address of one of its datasets"));
  }
  ASSIGN_OR_RETURN(std::vector<Dimension> dimensions, Dimensions(document));
  Grid grid;
  std::vector<std::string> header;
  for (const Dimension& dimension : dimensions) header.push_back(dimension.id);
  header.push_back("value");
  if (Member(document, "status") != nullptr) header.push_back("status");
  SetMeanings(TimeId(document, dimensions), "value", &grid);
  grid.Add(std::move(header), "id");
  Cells cells(document, std::move(dimensions));
  RETURN_IF_ERROR(AddValues(document, cells, &grid));
  if (grid.meanings["period_column"].empty()) {
    grid.meanings.erase("period_column");
  }
  NameFrequencies(columns, &grid);
  return grid;
}

}  // namespace headway::formats
