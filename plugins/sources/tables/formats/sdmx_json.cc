#include "plugins/sources/tables/formats/sdmx_json.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "plugins/sources/tables/formats/cube.h"

namespace headway::formats {
namespace {

constexpr absl::string_view kPeriod = "TIME_PERIOD";
constexpr absl::string_view kValue = "OBS_VALUE";
constexpr absl::string_view kStatus = "OBS_STATUS";

absl::Status NoSdmx(absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat("this is no SDMX-JSON data message: ", problem));
}

// A dimension or an attribute: its id and the codes of its values.
std::vector<Dimension> Components(const Json& structure, absl::string_view kind,
                                  absl::string_view level) {
  std::vector<Dimension> components;
  const Json* all = Member(structure, kind);
  const Json* list = all == nullptr ? nullptr : Member(*all, level);
  if (list == nullptr || !list->is_array()) return components;
  for (const Json& item : *list) {
    Dimension component{.id = MemberText(item, "id")};
    if (const Json* values = Member(item, "values")) {
      for (const Json& value : *values) {
        std::string code = MemberText(value, "id");
        for (const char* other : {"value", "name"}) {
          if (code.empty()) code = MemberText(value, other);
        }
        component.codes.push_back(IsScalar(value) ? CellText(value)
                                                  : std::move(code));
      }
    }
    components.push_back(std::move(component));
  }
  return components;
}

// What stands at a place of a list of attributes: the index of a value, the
// value itself, or nothing.
std::string AttributeText(const Dimension& attribute, const Json& given) {
  if (given.is_number_unsigned() &&
      given.get<uint64_t>() < attribute.codes.size()) {
    return attribute.codes[given.get<uint64_t>()];
  }
  return CellText(given);
}

class Message {
 public:
  explicit Message(const std::vector<std::string>& columns)
      : columns_(columns) {}

  absl::StatusOr<Grid> Read(const Json& document) {
    // SDMX-JSON 2.0, and 1.0 as it was adopted, have all within "data".
    const Json* data = Member(document, "data");
    if (data == nullptr) data = &document;
    const Json* sets = Member(*data, "dataSets");
    if (sets == nullptr || !sets->is_array()) {
      return NoSdmx("there is no dataSets");
    }
    for (const Json& set : *sets) {
      const Json* structure = StructureOf(document, *data, set);
      if (structure == nullptr) return NoSdmx("there is no structure");
      RETURN_IF_ERROR(ReadSet(*structure, set));
    }
    if (grid_.rows.empty()) grid_.Add({std::string(kValue)}, "structure");
    SetMeanings(kPeriod, kValue, &grid_);
    NameFrequencies(columns_, &grid_);
    return std::move(grid_);
  }

 private:
  static const Json* StructureOf(const Json& document, const Json& data,
                                 const Json& set) {
    if (const Json* several = Member(data, "structures")) {
      const Json* which = Member(set, "structure");
      const uint64_t index = which != nullptr && which->is_number_unsigned()
                                 ? which->get<uint64_t>()
                                 : 0;
      return several->is_array() && index < several->size() ? &(*several)[index]
                                                            : nullptr;
    }
    const Json* one = Member(data, "structure");
    return one != nullptr ? one : Member(document, "structure");
  }

  absl::Status ReadSet(const Json& structure, const Json& set) {
    of_set_ = Components(structure, "dimensions", "dataSet");
    of_series_ = Components(structure, "dimensions", "series");
    of_observation_ = Components(structure, "dimensions", "observation");
    measures_ = std::max<size_t>(
        1, Components(structure, "measures", "observation").size());
    set_attributes_ = Components(structure, "attributes", "dataSet");
    series_attributes_ = Components(structure, "attributes", "series");
    observation_attributes_ =
        Components(structure, "attributes", "observation");
    RETURN_IF_ERROR(AddHeader());
    shared_.assign(header_.size(), "");
    for (size_t i = 0; i < of_set_.size(); ++i) {
      // A dimension of the whole set has one value.
      if (!of_set_[i].codes.empty()) Put(of_set_[i].id, of_set_[i].codes[0]);
    }
    PutAttributes(set_attributes_, Member(set, "attributes"));
    const std::vector<std::string> of_all = shared_;
    if (const Json* observations = Member(set, "observations")) {
      RETURN_IF_ERROR(ReadObservations(*observations, "observations"));
    }
    const Json* series = Member(set, "series");
    if (series == nullptr) return absl::OkStatus();
    for (const auto& member : series->items()) {
      shared_ = of_all;
      const std::string place = absl::StrCat("series ", member.key());
      RETURN_IF_ERROR(PutKey(of_series_, member.key(), place));
      PutAttributes(series_attributes_, Member(member.value(), "attributes"));
      const Json* observations = Member(member.value(), "observations");
      if (observations == nullptr) continue;
      RETURN_IF_ERROR(ReadObservations(*observations, place));
    }
    return absl::OkStatus();
  }

  bool IsColumn(const Dimension& attribute) const {
    return attribute.id == kStatus || IsWanted(columns_, attribute.id);
  }

  absl::Status AddHeader() {
    std::vector<std::string> header;
    for (const auto* dimensions : {&of_set_, &of_series_, &of_observation_}) {
      for (const Dimension& each : *dimensions) header.push_back(each.id);
    }
    header.emplace_back(kValue);
    for (const auto* attributes :
         {&set_attributes_, &series_attributes_, &observation_attributes_}) {
      for (const Dimension& each : *attributes) {
        if (IsColumn(each)) header.push_back(each.id);
      }
    }
    if (grid_.rows.empty()) grid_.Add(header, "structure");
    if (header != grid_.rows.front()) {
      return NoSdmx("its data sets differ in their structure");
    }
    header_ = std::move(header);
    return absl::OkStatus();
  }

  void Put(absl::string_view id, std::string text) {
    const auto found = std::find(header_.begin(), header_.end(), id);
    if (found != header_.end()) {
      shared_[found - header_.begin()] = std::move(text);
    }
  }

  // "0:3:1" is the place of a value in each dimension.
  absl::Status PutKey(const std::vector<Dimension>& dimensions,
                      absl::string_view key, absl::string_view place) {
    const std::vector<absl::string_view> parts = absl::StrSplit(key, ':');
    if (parts.size() != dimensions.size()) {
      return NoSdmx(absl::StrCat(place, " has the key ", key, " of ",
                                 parts.size(), " parts for ", dimensions.size(),
                                 " dimensions"));
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      uint64_t index = 0;
      const auto& codes = dimensions[i].codes;
      if (!absl::SimpleAtoi(parts[i], &index) || index >= codes.size()) {
        return NoSdmx(absl::StrCat(place, " has in its key ", key,
                                   " no place of dimension ", dimensions[i].id,
                                   ", which has ", codes.size(), " values"));
      }
      Put(dimensions[i].id, codes[index]);
    }
    return absl::OkStatus();
  }

  void PutAttributes(const std::vector<Dimension>& attributes,
                     const Json* given) {
    if (given == nullptr || !given->is_array()) return;
    for (size_t i = 0; i < attributes.size() && i < given->size(); ++i) {
      Put(attributes[i].id, AttributeText(attributes[i], (*given)[i]));
    }
  }

  absl::Status ReadObservations(const Json& observations,
                                absl::string_view series) {
    if (!observations.is_object()) return NoSdmx("observations is no object");
    const std::vector<std::string> of_series = shared_;
    for (const auto& member : observations.items()) {
      shared_ = of_series;
      const std::string place =
          absl::StrCat(series, " observation ", member.key());
      RETURN_IF_ERROR(PutKey(of_observation_, member.key(), place));
      const Json& given = member.value();
      if (!given.is_array() || given.empty() || !IsScalar(given[0])) {
        return NoSdmx(absl::StrCat(place, " is no array with a value"));
      }
      Put(kValue, CellText(given[0]));
      for (size_t i = 0;
           i < observation_attributes_.size() && measures_ + i < given.size();
           ++i) {
        Put(observation_attributes_[i].id,
            AttributeText(observation_attributes_[i], given[measures_ + i]));
      }
      RETURN_IF_ERROR(CheckCellCount((grid_.rows.size() + 1) * header_.size()));
      grid_.Add(shared_, place);
    }
    return absl::OkStatus();
  }

  const std::vector<std::string>& columns_;
  Grid grid_;
  std::vector<std::string> header_;
  // The row as far as it is known.
  std::vector<std::string> shared_;
  std::vector<Dimension> of_set_, of_series_, of_observation_;
  std::vector<Dimension> set_attributes_, series_attributes_,
      observation_attributes_;
  size_t measures_ = 1;
};

// "CN: China" where names were asked for beside codes.
void PartFromName(std::string* cell) {
  const size_t colon = cell->find(": ");
  if (colon != std::string::npos) cell->resize(colon);
}

bool IsOfMessage(absl::string_view column) {
  for (absl::string_view name : {"DATAFLOW", "LAST UPDATE", "STRUCTURE",
                                 "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION"}) {
    if (column == name) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<Grid> SdmxJsonRows(const Json& document,
                                  const std::vector<std::string>& columns) {
  return Message(columns).Read(document);
}

absl::Status TidySdmxCsv(const std::vector<std::string>& columns, Grid* grid) {
  SetMeanings(kPeriod, kValue, grid);
  if (grid->rows.empty()) return absl::OkStatus();
  std::vector<std::string>& header = grid->rows.front();
  std::vector<bool> named(header.size()), keep(header.size());
  bool after_value = false;
  for (size_t i = 0; i < header.size(); ++i) {
    named[i] = absl::StrContains(header[i], ": ");
    PartFromName(&header[i]);
    const std::string& name = header[i];
    const bool is_attribute =
        after_value && name != kStatus && name != kPeriod && name != kValue;
    after_value |= name == kValue;
    keep[i] = IsWanted(columns, name) || !(IsOfMessage(name) || is_attribute);
  }
  if (!after_value) {
    return absl::InvalidArgumentError(
        "this is no SDMX-CSV: its header has no column OBS_VALUE");
  }
  const auto action = std::find(header.begin(), header.end(), "ACTION");
  const size_t action_column = action - header.begin();
  for (size_t r = 0; r < grid->rows.size(); ++r) {
    std::vector<std::string>& row = grid->rows[r];
    if (r > 0 && action_column < row.size() && row[action_column] == "D") {
      return absl::InvalidArgumentError(absl::StrCat(
          grid->places[r],
          " deletes what stood (ACTION = D): this is no whole table but "
          "changes; ask the publisher for the data themselves"));
    }
    std::vector<std::string> kept;
    for (size_t i = 0; i < row.size(); ++i) {
      if (i >= keep.size() || keep[i]) {
        if (r > 0 && i < named.size() && named[i]) PartFromName(&row[i]);
        kept.push_back(std::move(row[i]));
      }
    }
    row = std::move(kept);
  }
  NameFrequencies(columns, grid);
  return absl::OkStatus();
}

}  // namespace headway::formats
