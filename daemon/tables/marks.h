// What a cell says besides numbers: that there is no value, or what standing a
// value has. Pure functions.
#ifndef HEADWAY_DAEMON_TABLES_MARKS_H_
#define HEADWAY_DAEMON_TABLES_MARKS_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace headway::tables {

// Whether the text stands for "no value" wherever it is seen: an empty cell,
// "NA", "N/A", "n.a.", "#N/A", "NaN", "null", "None", ".", "..", "...", ":".
// Case does not matter. A lone "-" is not one of them: to some offices it is a
// value that is not there, to others a zero.
bool IsMissingMark(absl::string_view text);

// The standing of a value, as publishers mark it.
enum class ValueStatus {
  kFinal,
  kProvisional,
  kPartial,
  kEstimated,
  kBreak,
  // A mark that says nothing of how far a value is to be relied on: revised,
  // confidential, seasonally adjusted.
  kOther,
};

// What a mark means: the codes of SDMX and of the statistical offices ("p",
// "e", "b", "r", "A" …, several of them as in "bp" or "b,p", of which the least
// sure counts) and their words ("provisional", "preliminary", "estimate", …).
// Absent: no such mark. An empty text is kFinal.
std::optional<ValueStatus> StatusOfMark(absl::string_view text);

// Of two that speak of one value, the one that has it relied on less.
ValueStatus LessSure(ValueStatus a, ValueStatus b);

// How surely a column of that name holds the status of values or remarks on
// them, and not a label: the only place where that is decided.
enum class StatusColumn {
  kNo,
  // If every cell is a mark: "status", "symbol", "type".
  kIfMarks,
  // Whatever it holds: "OBS_FLAG", "Flag Codes", "OBS_STATUS", "footnote".
  kYes,
};
StatusColumn IsStatusColumn(absl::string_view name);

}  // namespace headway::tables

#endif  // HEADWAY_DAEMON_TABLES_MARKS_H_
