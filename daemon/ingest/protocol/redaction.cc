#include "daemon/ingest/protocol/redaction.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace headway::ingest {
namespace {

constexpr size_t kMaxQuoted = 4096;
constexpr size_t kMaxCleaned = 1000;
constexpr size_t kMaxLine = 8192;
constexpr size_t kMaxLines = 50;

std::string PercentEncode(absl::string_view text) {
  std::string encoded;
  for (unsigned char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' ||
        c == '~') {
      encoded.push_back(static_cast<char>(c));
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", c);
    }
  }
  return encoded;
}

// The length of the UTF-8 character at the front of `text`; 0 if there is
// none.
size_t CharacterLength(absl::string_view text) {
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and beyond U+10FFFF.
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
      (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) {
    return 0;
  }
  return length;
}

std::string Printable(absl::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    if (length == 0) {
      printable.push_back('?');
    } else if (absl::ascii_iscntrl(static_cast<unsigned char>(text[0]))) {
      printable.push_back(' ');
    } else {
      printable.append(text.data(), length);
    }
    if (printable.size() > kMaxCleaned) {
      printable.append(" …");
      break;
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return printable;
}

}  // namespace

std::string Quote(absl::string_view text) {
  return absl::StrCat("\"", text.substr(0, kMaxQuoted),
                      text.size() > kMaxQuoted ? " …" : "", "\"");
}

Redactor::Redactor(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    for (absl::string_view line : absl::StrSplit(secret, '\n')) {
      line = absl::StripAsciiWhitespace(line);
      if (line.empty()) continue;
      patterns_.push_back(std::string(line));
      patterns_.push_back(PercentEncode(line));
      patterns_.push_back(absl::Utf8SafeCEscape(line));
    }
  }
  std::sort(patterns_.begin(), patterns_.end(),
            [](const std::string& a, const std::string& b) {
              return std::make_pair(b.size(), a) < std::make_pair(a.size(), b);
            });
  patterns_.erase(std::unique(patterns_.begin(), patterns_.end()),
                  patterns_.end());
}

std::string Redactor::Strike(absl::string_view text) const {
  std::string struck(text);
  for (const std::string& pattern : patterns_) {
    struck = absl::StrReplaceAll(struck, {{pattern, "***"}});
  }
  return struck;
}

std::string Redactor::Clean(absl::string_view text) const {
  return Printable(Strike(text));
}

absl::Status Redactor::Clean(const absl::Status& status) const {
  if (status.ok()) return status;
  absl::Status cleaned(status.code(), Clean(status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    cleaned.SetPayload(url, payload);
  });
  return cleaned;
}

void LogTail::Append(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t newline = bytes.find('\n');
    absl::string_view part = bytes.substr(0, newline);
    if (partial_.size() < kMaxLine) {
      absl::StrAppend(&partial_, part.substr(0, kMaxLine - partial_.size()));
    }
    if (newline == absl::string_view::npos) return;
    Finish();
    bytes.remove_prefix(newline + 1);
  }
}

void LogTail::AddLine(absl::string_view line) {
  lines_.push_back(redactor_->Clean(line));
  if (lines_.size() > kMaxLines) lines_.pop_front();
}

void LogTail::Finish() {
  if (!absl::StripAsciiWhitespace(partial_).empty()) AddLine(partial_);
  partial_.clear();
}

std::string LogTail::Last(size_t count) const {
  const size_t skipped = lines_.size() - std::min(count, lines_.size());
  return absl::StrJoin(lines_.begin() + static_cast<std::ptrdiff_t>(skipped),
                       lines_.end(), " | ");
}

}  // namespace headway::ingest
