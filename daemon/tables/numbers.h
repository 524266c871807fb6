// Numbers as tables write them. What could mean two things is refused: a comma
// is the decimal mark or stands between thousands, never whichever fits.
#ifndef HEADWAY_DAEMON_TABLES_NUMBERS_H_
#define HEADWAY_DAEMON_TABLES_NUMBERS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::tables {

struct NumberStyle {
  // '.' or ','.
  char decimal = '.';
  // Between groups of three digits: ',', '.', ' ' (any of Unicode's spaces too)
  // or '\''. '\0': groups are refused.
  char thousands = '\0';
  // "(1,234)" is -1234, as accountants write it.
  bool parentheses = false;
  // Texts that may stand before or after a number and are dropped: "p", "$".
  std::vector<std::string> marks = {};
};

// INVALID_ARGUMENT if the two are the same mark.
absl::Status CheckStyle(const NumberStyle& style);

// The cell, which PlainText gave, as a finite number. A Unicode minus is one.
// The error's message goes after the cell: "is not a finite number", and the
// remedy in the words of the options decimal, thousands, parentheses, marks,
// missing and scale.
absl::StatusOr<double> ParseNumber(absl::string_view cell,
                                   const NumberStyle& style);

}  // namespace headway::tables

#endif  // HEADWAY_DAEMON_TABLES_NUMBERS_H_
