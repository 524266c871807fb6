#include "daemon/tables/records.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::tables {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr absl::string_view kSeparatorLine = "sep=";

}  // namespace

RecordReader::RecordReader(absl::string_view text, Options options)
    : text_(text), options_(std::move(options)) {
  if (absl::StartsWith(text_, kByteOrderMark)) pos_ = kByteOrderMark.size();
  line_begin_ = pos_;
  const size_t after = pos_ + kSeparatorLine.size() + 1;
  if (after >= text_.size() ||
      !absl::StartsWithIgnoreCase(text_.substr(pos_), kSeparatorLine) ||
      (text_[after] != '\n' && text_[after] != '\r')) {
    return;
  }
  options_.separator = text_[after - 1];
  pos_ = after;
  SkipLineEnd();
}

absl::StatusOr<bool> RecordReader::Next() {
  while (SkipIdleLine()) {
  }
  if (pos_ >= text_.size()) return false;
  RETURN_IF_ERROR(ReadRecord());
  return true;
}

void RecordReader::SkipLines(int64_t count) {
  for (; count > 0 && pos_ < text_.size(); --count) {
    while (pos_ < text_.size() && !AtLineEnd()) ++pos_;
    if (pos_ < text_.size()) SkipLineEnd();
  }
}

void RecordReader::SkipLine() {
  pos_ = line_begin_ = record_begin_;
  line_ = record_line_;
  while (pos_ < text_.size() && !AtLineEnd()) ++pos_;
  if (pos_ < text_.size()) SkipLineEnd();
}

absl::string_view RecordReader::line_text() const {
  const absl::string_view rest = text_.substr(record_begin_);
  return rest.substr(0, std::min(rest.find_first_of("\r\n"), rest.size()));
}

// Passes over the line at hand if it holds no record.
bool RecordReader::SkipIdleLine() {
  size_t at = pos_;
  while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
  const bool comment = !options_.comment.empty() &&
                       absl::StartsWith(text_.substr(at), options_.comment);
  if (comment) {
    while (at < text_.size() && text_[at] != '\n' && text_[at] != '\r') ++at;
  }
  if (at == text_.size()) {
    pos_ = at;
    return false;
  }
  if (text_[at] != '\n' && text_[at] != '\r') return false;
  pos_ = at;
  SkipLineEnd();
  return true;
}

absl::Status RecordReader::ReadRecord() {
  cells_.clear();
  columns_.clear();
  unescaped_.clear();
  record_line_ = line_;
  record_begin_ = line_begin_;
  while (true) {
    const size_t column = Column();
    if (cells_.size() == options_.max_columns) {
      return Malformed(record_line_, column,
                       absl::StrCat("the row has more than ",
                                    options_.max_columns, " cells"));
    }
    absl::string_view cell;
    if (pos_ < text_.size() && text_[pos_] == '"') {
      RETURN_IF_ERROR(ReadQuoted(&cell));
    } else {
      cell = ReadPlain();
    }
    if (cell.size() > options_.max_cell_bytes) {
      return Malformed(
          record_line_, column,
          absl::StrCat("cell ", cells_.size() + 1, " is longer than ",
                       options_.max_cell_bytes, " bytes"));
    }
    cells_.push_back(cell);
    columns_.push_back(column);
    if (pos_ >= text_.size()) return absl::OkStatus();
    if (AtLineEnd()) {
      SkipLineEnd();
      return absl::OkStatus();
    }
    ++pos_;  // the separator
  }
}

absl::Status RecordReader::ReadQuoted(absl::string_view* cell) {
  const int64_t first_line = line_;
  const size_t first_column = Column();
  const size_t begin = ++pos_;
  size_t from = begin;
  std::string* joined = nullptr;
  while (true) {
    const size_t quote = text_.find('"', from);
    if (quote == absl::string_view::npos) {
      return Malformed(first_line, first_column,
                       "a quoted cell is not closed; close it, or double a "
                       "quote within it");
    }
    const absl::string_view part = text_.substr(from, quote - from);
    if (const size_t last = part.rfind('\n'); last != part.npos) {
      line_ += std::count(part.begin(), part.end(), '\n');
      line_begin_ = from + last + 1;
    }
    const bool doubled = quote + 1 < text_.size() && text_[quote + 1] == '"';
    if (doubled && joined == nullptr) joined = &unescaped_.emplace_back();
    if (joined != nullptr) joined->append(part.data(), part.size());
    if (doubled) {
      joined->push_back('"');
      from = quote + 2;
      continue;
    }
    *cell = joined != nullptr ? absl::string_view(*joined)
                              : text_.substr(begin, quote - begin);
    pos_ = quote + 1;
    break;
  }
  // Spaces may stand between the quote and what ends the cell.
  size_t at = pos_;
  while (at < text_.size() && text_[at] == ' ') ++at;
  if (at < text_.size() && text_[at] != options_.separator &&
      text_[at] != '\n' && text_[at] != '\r') {
    return Malformed(line_, Column(),
                     "text follows the closing quote of a cell");
  }
  pos_ = at;
  return absl::OkStatus();
}

absl::string_view RecordReader::ReadPlain() {
  const size_t begin = pos_;
  while (pos_ < text_.size() && text_[pos_] != options_.separator &&
         !AtLineEnd()) {
    ++pos_;
  }
  return text_.substr(begin, pos_ - begin);
}

bool RecordReader::AtLineEnd() const {
  return text_[pos_] == '\n' || text_[pos_] == '\r';
}

void RecordReader::SkipLineEnd() {
  if (text_[pos_] == '\r' && pos_ + 1 < text_.size() &&
      text_[pos_ + 1] == '\n') {
    ++pos_;
  }
  ++pos_;
  ++line_;
  line_begin_ = pos_;
}

absl::Status RecordReader::Malformed(int64_t line, size_t column,
                                     absl::string_view problem) {
  problem_line_ = line;
  problem_column_ = column;
  return absl::InvalidArgumentError(problem);
}

absl::StatusOr<char> ParseSeparator(absl::string_view text) {
  if (text == "tab" || text == "\\t") return '\t';
  if (text.size() == 1 && text != "\"" && text != "\n" && text != "\r") {
    return text[0];
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is neither one character nor tab"));
}

std::string SeparatorName(char separator) {
  return separator == '\t' ? "tab" : std::string(1, separator);
}

char OtherSeparator(absl::string_view line, char separator) {
  char best = '\0';
  std::ptrdiff_t most = 0;
  for (const char candidate : {';', '\t', '|', ','}) {
    if (candidate == separator) continue;
    const auto count = std::count(line.begin(), line.end(), candidate);
    if (count > most) {
      best = candidate;
      most = count;
    }
  }
  return best;
}

std::vector<std::string> ListedTexts(absl::string_view option) {
  std::vector<std::string> texts;
  const auto add = [&texts](absl::string_view text) {
    text = absl::StripAsciiWhitespace(text);
    if (text.empty() || absl::c_linear_search(texts, text)) return;
    texts.emplace_back(text);
  };
  // RFC 4180 has no spaces before a quote; people write them.
  absl::string_view rest = option;
  while (!rest.empty()) {
    rest = absl::StripLeadingAsciiWhitespace(rest);
    const size_t close =
        absl::StartsWith(rest, "\"") ? rest.find('"', 1) : rest.npos;
    const bool quoted = close != rest.npos;
    const size_t end =
        std::min(rest.find(',', quoted ? close : 0), rest.size());
    add(quoted ? rest.substr(1, close - 1) : rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  add(option);
  return texts;
}

}  // namespace headway::tables
