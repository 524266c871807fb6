#include "daemon/tables/bytes.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/utf8.h"

namespace headway::tables {
namespace {

constexpr absl::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr absl::string_view kUtf16LeMark = "\xFF\xFE";
constexpr absl::string_view kUtf16BeMark = "\xFE\xFF";

// What begins with these bytes is no table, and what to do about it.
struct Format {
  absl::string_view start;
  absl::string_view is;
};
constexpr Format kBinaryFormats[] = {
    {"\x1F\x8B",
     "gzip-compressed; unpack it (gunzip), or name an address that "
     "gives plain text"},
    {"PK\x03\x04",
     "a zip archive, such as an Excel workbook (.xlsx) or an "
     "OpenDocument sheet; save the sheet as CSV"},
    {"PK\x05\x06", "an empty zip archive; save the sheet as CSV"},
    {"\xD0\xCF\x11\xE0", "an old Excel workbook (.xls); save the sheet as CSV"},
    {"%PDF", "a PDF document; look for the publisher's CSV"},
    {"PAR1", "a Parquet file; write it as CSV"},
    {"BZh", "bzip2-compressed; unpack it (bunzip2)"},
    {"\xFD"
     "7zXZ",
     "xz-compressed; unpack it (unxz)"},
    {"\x28\xB5\x2F\xFD", "zstd-compressed; unpack it (unzstd)"},
    {"SQLite format 3", "an SQLite database; export the table as CSV"},
};

absl::Status Refuse(size_t line, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(line, ": ", problem));
}

absl::Status CheckNotBinary(absl::string_view bytes) {
  for (const Format& format : kBinaryFormats) {
    if (absl::StartsWith(bytes, format.start)) {
      return Refuse(1, absl::StrCat("this is no table but ", format.is));
    }
  }
  return absl::OkStatus();
}

// What stands between <title> and </title>, to say which page it is.
std::string TitleOf(absl::string_view page) {
  constexpr size_t kMost = 80;
  const std::string lower = absl::AsciiStrToLower(page.substr(0, 4096));
  size_t begin = lower.find("<title");
  if (begin == std::string::npos) return "";
  begin = lower.find('>', begin);
  const size_t end = lower.find("</title", begin);
  if (begin == std::string::npos || end == std::string::npos) return "";
  const absl::string_view title =
      absl::StripAsciiWhitespace(page.substr(begin + 1, end - begin - 1));
  if (title.empty() || title.size() > kMost || !IsUtf8(title)) return "";
  return absl::StrCat(" with the title \"", title, "\"");
}

absl::Status CheckNotMarkup(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  const absl::string_view start = text.substr(0, 512);
  for (absl::string_view tag :
       {"<!doctype html", "<html", "<head", "<body", "<table"}) {
    if (absl::StartsWithIgnoreCase(start, tag)) {
      return Refuse(
          1,
          absl::StrCat("this is no table but a web page (HTML)", TitleOf(text),
                       ": the address may ask to sign in, or be that of a "
                       "page about the table; open it in a browser, and "
                       "give the address of the file itself"));
    }
  }
  if (absl::StartsWith(start, "<?xml") ||
      absl::StartsWith(start, "<message:")) {
    return Refuse(1,
                  "this is no table but XML; ask the publisher's address for "
                  "CSV, as SDMX services give it with format=csvdata");
  }
  const bool json =
      absl::StartsWith(start, "{\"") || absl::StartsWith(start, "[{\"") ||
      absl::StartsWith(start, "{\n") || absl::StartsWith(start, "[\n");
  if (json) {
    return Refuse(1,
                  "this is no table but JSON; ask the publisher's address "
                  "for CSV");
  }
  return absl::OkStatus();
}

size_t LineAt(absl::string_view text, size_t position) {
  const absl::string_view before = text.substr(0, position);
  return 1 + std::count(before.begin(), before.end(), '\n');
}

void AppendUtf8(uint32_t code, std::string* out) {
  const auto put = [out](uint32_t byte) {
    out->push_back(static_cast<char>(byte));
  };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

absl::StatusOr<std::string> FromUtf16(absl::string_view bytes,
                                      bool big_endian) {
  std::string text;
  const auto broken = [&] {
    return Refuse(LineAt(text, text.size()),
                  "the text is not UTF-16; name its encoding, such as utf-8 "
                  "or windows-1252");
  };
  const auto unit = [&](size_t at) -> uint32_t {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return big_endian ? first << 8 | second : second << 8 | first;
  };
  if (bytes.size() % 2 != 0) return broken();
  for (size_t at = 0; at < bytes.size(); at += 2) {
    uint32_t code = unit(at);
    if (code >= 0xDC00 && code < 0xE000) return broken();
    if (code >= 0xD800 && code < 0xDC00) {
      at += 2;
      if (at == bytes.size()) return broken();
      const uint32_t low = unit(at);
      if (low < 0xDC00 || low >= 0xE000) return broken();
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    AppendUtf8(code, &text);
  }
  return text;
}

// The code points of 0x80 to 0x9F; 0 where there is none.
constexpr uint16_t kWindows1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
    0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

absl::StatusOr<std::string> FromOneByte(absl::string_view bytes, bool windows) {
  std::string text;
  text.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    uint32_t code = static_cast<unsigned char>(bytes[i]);
    if (windows && code >= 0x80 && code < 0xA0)
      code = kWindows1252[code - 0x80];
    if (code == 0) {
      return Refuse(LineAt(bytes, i),
                    "a byte has no letter in this encoding; name another, "
                    "such as utf-16");
    }
    AppendUtf8(code, &text);
  }
  return text;
}

absl::StatusOr<std::string> FromUtf8(absl::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    const size_t length = Utf8Length(bytes.substr(at));
    if (length == 0) {
      return Refuse(LineAt(bytes, at),
                    "the text is not UTF-8; convert the table, or name its "
                    "encoding, such as windows-1252, latin-1 or utf-16");
    }
    if (bytes[at] == '\0') {
      return Refuse(LineAt(bytes, at),
                    "the text holds zero bytes, as UTF-16 without a byte order "
                    "mark does; name its encoding, such as utf-16");
    }
    at += length;
  }
  return std::string(bytes);
}

absl::StatusOr<std::string> Decode(absl::string_view bytes, Encoding encoding) {
  switch (encoding) {
    case Encoding::kUtf8:
      return FromUtf8(bytes);
    case Encoding::kUtf16Le:
      return FromUtf16(bytes, /*big_endian=*/false);
    case Encoding::kUtf16Be:
      return FromUtf16(bytes, /*big_endian=*/true);
    case Encoding::kLatin1:
      return FromOneByte(bytes, /*windows=*/false);
    case Encoding::kWindows1252:
      return FromOneByte(bytes, /*windows=*/true);
  }
  return absl::InternalError("an encoding without a decoder");
}

}  // namespace

absl::StatusOr<Encoding> ParseEncoding(absl::string_view text) {
  static constexpr std::pair<absl::string_view, Encoding> kNames[] = {
      {"utf-8", Encoding::kUtf8},
      {"utf8", Encoding::kUtf8},
      {"utf-16", Encoding::kUtf16Le},
      {"utf-16le", Encoding::kUtf16Le},
      {"utf-16be", Encoding::kUtf16Be},
      {"latin-1", Encoding::kLatin1},
      {"latin1", Encoding::kLatin1},
      {"iso-8859-1", Encoding::kLatin1},
      {"windows-1252", Encoding::kWindows1252},
      {"cp1252", Encoding::kWindows1252}};
  for (const auto& [name, encoding] : kNames) {
    if (absl::EqualsIgnoreCase(text, name)) return encoding;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("encoding \"", text,
                   "\" is not known; write utf-8, utf-16, utf-16be, latin-1 or "
                   "windows-1252"));
}

absl::Status CheckIsTable(absl::string_view bytes) {
  RETURN_IF_ERROR(CheckNotBinary(bytes));
  return CheckNotMarkup(bytes);
}

absl::StatusOr<std::string> DecodeTable(absl::string_view bytes,
                                        std::optional<Encoding> encoding) {
  RETURN_IF_ERROR(CheckNotBinary(bytes));
  // A byte order mark says more surely than people do.
  if (absl::StartsWith(bytes, kUtf8Mark)) {
    bytes.remove_prefix(kUtf8Mark.size());
    encoding = Encoding::kUtf8;
  } else if (absl::StartsWith(bytes, kUtf16LeMark)) {
    bytes.remove_prefix(kUtf16LeMark.size());
    encoding = Encoding::kUtf16Le;
  } else if (absl::StartsWith(bytes, kUtf16BeMark)) {
    bytes.remove_prefix(kUtf16BeMark.size());
    encoding = Encoding::kUtf16Be;
  }
  ASSIGN_OR_RETURN(std::string text,
                   Decode(bytes, encoding.value_or(Encoding::kUtf8)));
  RETURN_IF_ERROR(CheckNotMarkup(text));
  return text;
}

}  // namespace headway::tables
