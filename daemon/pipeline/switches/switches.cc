#include "daemon/pipeline/switches/switches.h"

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::pipeline {
namespace {

constexpr char kSwitchPrefix[] = "pipeline/switch/";
constexpr char kSwitchedOn[] = "on";
constexpr char kSwitchedOff[] = "off";

}  // namespace

absl::StatusOr<std::map<std::string, bool>> ReadSwitches(
    const store::Reader& reader) {
  ASSIGN_OR_RETURN(
      const auto records,
      reader.ScanRecords(store::RecordKind::kState, kSwitchPrefix));
  std::map<std::string, bool> switches;
  for (const auto& [key, value] : records) {
    switches[key.substr(sizeof(kSwitchPrefix) - 1)] = value == kSwitchedOn;
  }
  return switches;
}

store::Record SwitchRecord(absl::string_view source,
                           std::optional<bool> enabled) {
  store::Record record = {store::RecordKind::kState,
                          absl::StrCat(kSwitchPrefix, source), std::nullopt};
  if (enabled) record.value = *enabled ? kSwitchedOn : kSwitchedOff;
  return record;
}

}  // namespace headway::pipeline
