// The text of a cell as people see it: what differs in invisible characters
// alone is the same text.
#ifndef HEADWAY_DAEMON_TABLES_PLAIN_TEXT_H_
#define HEADWAY_DAEMON_TABLES_PLAIN_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace headway::tables {

// `cell` without spaces at its ends, each run of spaces, tabs, line breaks and
// Unicode's other spaces (the no-break space, the narrow, the ideographic …)
// as one space, and without characters that are never seen (zero-width spaces
// and joiners, byte order marks, soft hyphens, direction marks). `cell` is
// UTF-8. The answer is a part of `cell`, or `*scratch`, which it may change.
absl::string_view PlainText(absl::string_view cell, std::string* scratch);

// The same as a string of its own.
std::string PlainText(absl::string_view cell);

}  // namespace headway::tables

#endif  // HEADWAY_DAEMON_TABLES_PLAIN_TEXT_H_
