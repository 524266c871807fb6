#include "daemon/tables/marks.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace headway::tables {
namespace {

constexpr absl::string_view kMissingMarks[] = {
    "",    "na",   "n/a",  "n.a.", "n.a", "#n/a", "nan", "<na>",
    "nat", "null", "none", ".",    "..",  "...",  "…",   ":"};

using Mark = std::pair<absl::string_view, ValueStatus>;

// Codes of one letter: those of SDMX's CL_OBS_STATUS, of Eurostat, the OECD and
// Statistics Canada. Case does not matter.
constexpr Mark kCodes[] = {
    {"a", ValueStatus::kFinal},       {"b", ValueStatus::kBreak},
    {"c", ValueStatus::kOther},       {"d", ValueStatus::kOther},
    {"e", ValueStatus::kEstimated},   {"f", ValueStatus::kEstimated},
    {"i", ValueStatus::kEstimated},   {"k", ValueStatus::kOther},
    {"l", ValueStatus::kOther},       {"m", ValueStatus::kOther},
    {"n", ValueStatus::kOther},       {"o", ValueStatus::kOther},
    {"p", ValueStatus::kProvisional}, {"q", ValueStatus::kOther},
    {"r", ValueStatus::kOther},       {"s", ValueStatus::kEstimated},
    {"u", ValueStatus::kOther},       {"v", ValueStatus::kOther},
    {"x", ValueStatus::kOther},       {"z", ValueStatus::kOther},
    {"*", ValueStatus::kOther},       {":", ValueStatus::kOther},
};

constexpr Mark kWords[] = {
    {"final", ValueStatus::kFinal},
    {"definitive", ValueStatus::kFinal},
    {"normal", ValueStatus::kFinal},
    {"normal value", ValueStatus::kFinal},
    {"actual", ValueStatus::kFinal},
    {"provisional", ValueStatus::kProvisional},
    {"provisional value", ValueStatus::kProvisional},
    {"preliminary", ValueStatus::kProvisional},
    {"prelim", ValueStatus::kProvisional},
    {"advance", ValueStatus::kProvisional},
    {"flash", ValueStatus::kProvisional},
    {"partial", ValueStatus::kPartial},
    {"incomplete", ValueStatus::kPartial},
    {"estimated", ValueStatus::kEstimated},
    {"estimated value", ValueStatus::kEstimated},
    {"estimate", ValueStatus::kEstimated},
    {"est", ValueStatus::kEstimated},
    {"imputed", ValueStatus::kEstimated},
    {"forecast", ValueStatus::kEstimated},
    {"projected", ValueStatus::kEstimated},
    {"break", ValueStatus::kBreak},
    {"time series break", ValueStatus::kBreak},
    {"break in series", ValueStatus::kBreak},
    {"break in time series", ValueStatus::kBreak},
    {"revised", ValueStatus::kOther},
    {"rev", ValueStatus::kOther},
    {"confidential", ValueStatus::kOther},
    {"free", ValueStatus::kOther},
};

int Doubt(ValueStatus status) {
  switch (status) {
    case ValueStatus::kFinal:
      return 0;
    case ValueStatus::kOther:
      return 1;
    case ValueStatus::kBreak:
      return 2;
    case ValueStatus::kProvisional:
      return 3;
    case ValueStatus::kEstimated:
      return 4;
    case ValueStatus::kPartial:
      return 5;
  }
  return 0;
}

std::optional<ValueStatus> StatusOfCodes(absl::string_view codes) {
  constexpr size_t kMostCodes = 4;
  std::optional<ValueStatus> least_sure;
  size_t count = 0;
  for (const char c : codes) {
    if (c == ',' || c == ' ' || c == ';' || c == '(' || c == ')') continue;
    const Mark* code =
        std::find_if(std::begin(kCodes), std::end(kCodes),
                     [c](const Mark& mark) { return mark.first[0] == c; });
    if (code == std::end(kCodes) || ++count > kMostCodes) return std::nullopt;
    least_sure =
        least_sure ? LessSure(*least_sure, code->second) : code->second;
  }
  return least_sure;
}

// Letters and digits in lower case: "Obs. Status" is "obsstatus".
std::string Skeleton(absl::string_view name) {
  std::string skeleton;
  for (const char c : name) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      skeleton += absl::ascii_tolower(static_cast<unsigned char>(c));
    }
  }
  return skeleton;
}

}  // namespace

ValueStatus LessSure(ValueStatus a, ValueStatus b) {
  return Doubt(a) < Doubt(b) ? b : a;
}

bool IsMissingMark(absl::string_view text) {
  return absl::c_any_of(kMissingMarks, [text](absl::string_view mark) {
    return absl::EqualsIgnoreCase(text, mark);
  });
}

std::optional<ValueStatus> StatusOfMark(absl::string_view text) {
  const std::string mark =
      absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
  if (mark.empty()) return ValueStatus::kFinal;
  for (const auto& [word, status] : kWords) {
    if (mark == word) return status;
  }
  return StatusOfCodes(mark);
}

StatusColumn IsStatusColumn(absl::string_view name) {
  const std::string skeleton = Skeleton(name);
  for (absl::string_view part :
       {"flag", "obsstatus", "observationstatus", "confstatus", "obsconf",
        "confidentialit", "footnote", "obscomment", "commentobs", "commentts",
        "prebreak", "provisional", "preliminary"}) {
    if (absl::StrContains(skeleton, part)) return StatusColumn::kYes;
  }
  for (absl::string_view whole :
       {"note", "notes", "comment", "comments", "remark", "remarks",
        "annotation", "annotations"}) {
    if (skeleton == whole) return StatusColumn::kYes;
  }
  for (absl::string_view whole :
       {"status", "symbol", "symbols", "mark", "marks", "quality", "qualifier",
        "valuestatus", "datastatus", "estimate", "estimated", "estimatetype",
        "revised", "revision", "nature", "terminated", "method", "type"}) {
    if (skeleton == whole) return StatusColumn::kIfMarks;
  }
  return StatusColumn::kNo;
}

}  // namespace headway::tables
