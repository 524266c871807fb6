#include "daemon/tables/formulas.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace headway::tables {
namespace {

// Apostrophes, and then what begins a formula.
bool IsFormula(absl::string_view text) {
  const size_t first = text.find_first_not_of('\'');
  return first != absl::string_view::npos &&
         absl::StrContains("=+-@\t\r", text[first]);
}

}  // namespace

bool NeedsApostrophe(absl::string_view text) {
  double number = 0;
  return IsFormula(text) && !absl::SimpleAtod(text, &number);
}

absl::string_view WithoutApostrophe(absl::string_view cell) {
  return !cell.empty() && cell[0] == '\'' && IsFormula(cell) ? cell.substr(1)
                                                             : cell;
}

}  // namespace headway::tables
