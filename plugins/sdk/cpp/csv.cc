#include "plugins/sdk/cpp/csv.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "plugins/sdk/cpp/errors.h"

namespace headway::sdk {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(absl::string_view text, std::string name, Options options)
    : text_(text), name_(std::move(name)), options_(options) {
  if (absl::StartsWith(text_, kByteOrderMark)) pos_ = kByteOrderMark.size();
}

absl::Status CsvReader::ReadHeader() {
  ASSIGN_OR_RETURN(bool more, Next());
  if (!more) return Malformed(1, "is empty; a header is needed");
  for (absl::string_view cell : cells_) {
    std::string column(absl::StripAsciiWhitespace(cell));
    if (!columns_.emplace(column, header_.size()).second) {
      return Malformed(record_line_, absl::StrCat("the header names column \"",
                                                  column, "\" twice"));
    }
    header_.push_back(std::move(column));
  }
  return absl::OkStatus();
}

std::optional<size_t> CsvReader::FindColumn(absl::string_view name) const {
  auto it = columns_.find(name);
  if (it == columns_.end()) return std::nullopt;
  return it->second;
}

absl::StatusOr<size_t> CsvReader::Column(absl::string_view name) const {
  if (auto column = FindColumn(name)) return *column;
  return Malformed(1,
                   absl::StrCat("there is no column \"", name, "\"; there are ",
                                absl::StrJoin(header_, ", ")));
}

absl::StatusOr<bool> CsvReader::Next() {
  while (pos_ < text_.size() && AtLineEnd()) SkipLineEnd();
  if (pos_ >= text_.size()) return false;
  RETURN_IF_ERROR(ReadRecord());
  if (!header_.empty() && cells_.size() != header_.size()) {
    return Malformed(record_line_,
                     absl::StrCat("the row has ", cells_.size(),
                                  " cells, the header ", header_.size()));
  }
  return true;
}

absl::StatusOr<double> CsvReader::Number(size_t column) const {
  double value = 0;
  if (!absl::SimpleAtod(cells_[column], &value) || !std::isfinite(value)) {
    return Malformed(record_line_, absl::StrCat("column ", column + 1, ": \"",
                                                cells_[column].substr(0, 80),
                                                "\" is not a finite number"));
  }
  return value;
}

absl::Status CsvReader::ReadRecord() {
  cells_.clear();
  unescaped_.clear();
  record_line_ = line_;
  while (true) {
    if (cells_.size() == options_.max_columns) {
      return Malformed(record_line_,
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
          record_line_,
          absl::StrCat("cell ", cells_.size() + 1, " is longer than ",
                       options_.max_cell_bytes, " bytes"));
    }
    cells_.push_back(cell);
    if (pos_ >= text_.size()) return absl::OkStatus();
    if (AtLineEnd()) {
      SkipLineEnd();
      return absl::OkStatus();
    }
    ++pos_;  // the separator
  }
}

absl::Status CsvReader::ReadQuoted(absl::string_view* cell) {
  const int64_t first_line = line_;
  const size_t begin = ++pos_;
  size_t from = begin;
  std::string* joined = nullptr;
  while (true) {
    size_t quote = text_.find('"', from);
    if (quote == absl::string_view::npos) {
      return Malformed(first_line, "a quoted cell is not closed");
    }
    absl::string_view part = text_.substr(from, quote - from);
    line_ += std::count(part.begin(), part.end(), '\n');
    bool doubled = quote + 1 < text_.size() && text_[quote + 1] == '"';
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
  if (pos_ < text_.size() && !AtLineEnd() &&
      text_[pos_] != options_.separator) {
    return Malformed(line_, "text follows the closing quote of a cell");
  }
  return absl::OkStatus();
}

absl::string_view CsvReader::ReadPlain() {
  const size_t begin = pos_;
  while (pos_ < text_.size() && text_[pos_] != options_.separator &&
         !AtLineEnd()) {
    ++pos_;
  }
  return text_.substr(begin, pos_ - begin);
}

bool CsvReader::AtLineEnd() const {
  return text_[pos_] == '\n' || text_[pos_] == '\r';
}

void CsvReader::SkipLineEnd() {
  if (text_[pos_] == '\r' && pos_ + 1 < text_.size() &&
      text_[pos_ + 1] == '\n') {
    ++pos_;
  }
  ++pos_;
  ++line_;
}

absl::Status CsvReader::Malformed(int64_t line,
                                  absl::string_view problem) const {
  return SystemError(absl::StrCat(name_, ":", line, ": ", problem));
}

}  // namespace headway::sdk
