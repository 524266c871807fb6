// From the bytes of a file to the text of a table.
//
// A table is UTF-8, with a byte order mark or without; UTF-16 is known by its
// byte order mark; other encodings must be said, for bytes of one read as
// letters of another without an error. What is no table at all (a spreadsheet,
// an archive, a web page) is named. Pure functions.
#ifndef HEADWAY_DAEMON_TABLES_BYTES_H_
#define HEADWAY_DAEMON_TABLES_BYTES_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace headway::tables {

enum class Encoding { kUtf8, kUtf16Le, kUtf16Be, kLatin1, kWindows1252 };

// "utf-8", "utf-16" (little-endian, as spreadsheets write it), "utf-16le",
// "utf-16be", "latin-1" or "iso-8859-1", "windows-1252" or "cp1252"; case does
// not matter. The error lists them.
absl::StatusOr<Encoding> ParseEncoding(absl::string_view text);

// INVALID_ARGUMENT, as DecodeTable has it, if the bytes are no table but
// something that is known: a workbook, an archive, a web page.
absl::Status CheckIsTable(absl::string_view bytes);

// The text as UTF-8, without a byte order mark. INVALID_ARGUMENT with a message
// that begins with the line, as in "3: the text is not UTF-8; …", when the
// bytes are no text of that encoding, or no table but something that is known.
absl::StatusOr<std::string> DecodeTable(
    absl::string_view bytes, std::optional<Encoding> encoding = std::nullopt);

}  // namespace headway::tables

#endif  // HEADWAY_DAEMON_TABLES_BYTES_H_
