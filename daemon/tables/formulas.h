// Cells that a spreadsheet would run.
//
// A cell that begins with "=", "+", "-", "@", a tab or a carriage return is a
// formula to a spreadsheet, and a label or title may come from anywhere. In CSV
// that we write, such a text has an apostrophe before it, which spreadsheets
// show as text; one that has apostrophes before such a character gets one more,
// so that every text can be told from its escape. Pure functions.
#ifndef HEADWAY_DAEMON_TABLES_FORMULAS_H_
#define HEADWAY_DAEMON_TABLES_FORMULAS_H_

#include "absl/strings/string_view.h"

namespace headway::tables {

// Whether an apostrophe goes before the text. A number such as -1.5 is none.
bool NeedsApostrophe(absl::string_view text);

// The text without the apostrophe that was put before it.
absl::string_view WithoutApostrophe(absl::string_view cell);

}  // namespace headway::tables

#endif  // HEADWAY_DAEMON_TABLES_FORMULAS_H_
