#include "plugins/sources/tables/formats/xlsx.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "plugins/sources/tables/formats/spans.h"
#include "plugins/sources/tables/formats/xml.h"
#include "plugins/sources/tables/formats/zip.h"

namespace headway::formats {
namespace {

struct Sheet {
  std::string name;
  std::string relation;
  bool hidden = false;
};

struct Workbook {
  std::vector<Sheet> sheets;
  // Days count from 1904 instead of 1900.
  bool from_1904 = false;
  std::vector<std::string> strings;
  // Whether a cell of the style is a date.
  std::vector<bool> date_styles;
};

std::string Attribute(const XmlAttributes& attributes, const char* name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? "" : found->second;
}

bool IsTrue(absl::string_view text) { return text == "1" || text == "true"; }

XmlHandler Handler(
    std::function<absl::Status(absl::string_view, const XmlAttributes&)>
        on_start) {
  return {.on_start = std::move(on_start),
          .on_end = [](absl::string_view) { return absl::OkStatus(); },
          .on_text = [](absl::string_view) {}};
}

absl::Status ReadSheets(ZipArchive& archive, Workbook* book) {
  ASSIGN_OR_RETURN(const std::string text, archive.Read("xl/workbook.xml"));
  return ReadXml(
      text, "xl/workbook.xml",
      Handler([&](absl::string_view name, const XmlAttributes& attributes) {
        if (name == "workbookPr") {
          book->from_1904 = IsTrue(Attribute(attributes, "date1904"));
        }
        if (name != "sheet") return absl::OkStatus();
        Sheet sheet{.name = Attribute(attributes, "name"),
                    .hidden = !Attribute(attributes, "state").empty() &&
                              Attribute(attributes, "state") != "visible"};
        for (const auto& [key, value] : attributes) {
          // Whatever prefix the namespace of relations has.
          if (absl::EndsWith(key, ":id")) sheet.relation = value;
        }
        book->sheets.push_back(std::move(sheet));
        return absl::OkStatus();
      }));
}

// The path of the part to which a relation of the workbook leads.
absl::StatusOr<std::string> PartOf(ZipArchive& archive, const Sheet& sheet) {
  const char* const path = "xl/_rels/workbook.xml.rels";
  ASSIGN_OR_RETURN(const std::string text, archive.Read(path));
  std::string target;
  RETURN_IF_ERROR(
      ReadXml(text, path,
              Handler([&](absl::string_view, const XmlAttributes& attributes) {
                if (Attribute(attributes, "Id") == sheet.relation) {
                  target = Attribute(attributes, "Target");
                }
                return absl::OkStatus();
              })));
  absl::string_view part = target;
  if (absl::ConsumePrefix(&part, "/")) return std::string(part);
  return absl::StrCat("xl/", part);
}

// The texts that cells share. Runs of one text are joined; what is to be read
// aloud is none of it.
absl::Status ReadStrings(ZipArchive& archive, Workbook* book) {
  const char* const path = "xl/sharedStrings.xml";
  if (!archive.Has(path)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string text, archive.Read(path));
  bool in_text = false;
  int phonetic = 0;
  XmlHandler handler;
  handler.on_start = [&](absl::string_view name, const XmlAttributes&) {
    if (name == "si") book->strings.emplace_back();
    if (name == "rPh") ++phonetic;
    in_text = name == "t" && phonetic == 0;
    return absl::OkStatus();
  };
  handler.on_end = [&](absl::string_view name) {
    if (name == "rPh") --phonetic;
    in_text = false;
    return absl::OkStatus();
  };
  handler.on_text = [&](absl::string_view part) {
    if (in_text && !book->strings.empty()) {
      absl::StrAppend(&book->strings.back(), part);
    }
  };
  return ReadXml(text, path, handler);
}

// Whether a format of numbers shows a date: it has letters of days, months or
// years outside of quotes and brackets.
bool ShowsDate(absl::string_view format) {
  char closing = '\0';
  for (size_t i = 0; i < format.size(); ++i) {
    const char c = absl::ascii_tolower(static_cast<unsigned char>(format[i]));
    if (closing != '\0') {
      if (c == closing) closing = '\0';
    } else if (c == '"') {
      closing = '"';
    } else if (c == '[') {
      closing = ']';
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == 'y' || c == 'd' || c == 'm') {
      return true;
    }
  }
  return false;
}

absl::Status ReadStyles(ZipArchive& archive, Workbook* book) {
  const char* const path = "xl/styles.xml";
  if (!archive.Has(path)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string text, archive.Read(path));
  absl::flat_hash_map<std::string, bool> own_formats;
  bool in_cells = false;
  XmlHandler handler =
      Handler([&](absl::string_view name, const XmlAttributes& attributes) {
        if (name == "numFmt") {
          own_formats[Attribute(attributes, "numFmtId")] =
              ShowsDate(Attribute(attributes, "formatCode"));
        }
        if (name == "cellXfs") in_cells = true;
        if (name != "xf" || !in_cells) return absl::OkStatus();
        const std::string id = Attribute(attributes, "numFmtId");
        const auto own = own_formats.find(id);
        int number = 0;
        // The dates among the formats that every workbook has.
        const bool built_in = absl::SimpleAtoi(id, &number) &&
                              ((number >= 14 && number <= 17) || number == 22 ||
                               (number >= 27 && number <= 31) || number == 36 ||
                               (number >= 50 && number <= 58));
        book->date_styles.push_back(own != own_formats.end() ? own->second
                                                             : built_in);
        return absl::OkStatus();
      });
  handler.on_end = [&](absl::string_view name) {
    if (name == "cellXfs") in_cells = false;
    return absl::OkStatus();
  };
  return ReadXml(text, path, handler);
}

absl::StatusOr<Sheet> ChooseSheet(const Workbook& book,
                                  absl::string_view wanted) {
  std::vector<std::string> names;
  std::vector<const Sheet*> visible;
  for (const Sheet& sheet : book.sheets) {
    if (sheet.name == wanted) return sheet;
    names.push_back(sheet.name);
    if (!sheet.hidden) visible.push_back(&sheet);
  }
  size_t place = 0;
  if (absl::SimpleAtoi(wanted, &place) && place >= 1 &&
      place <= book.sheets.size()) {
    return book.sheets[place - 1];
  }
  if (wanted.empty() && visible.size() == 1) return *visible[0];
  return absl::InvalidArgumentError(absl::StrCat(
      wanted.empty()
          ? absl::StrCat("the workbook has ", visible.size(),
                         " visible sheets; say which in the option sheet")
          : absl::StrCat("the workbook has no sheet \"", wanted, "\""),
      "; there are ", absl::StrJoin(names, ", "), DidYouMean(wanted, names)));
}

// "AB12" is row 11 and column 27, from 0.
bool ParseReference(absl::string_view text, size_t* row, size_t* column) {
  size_t letters = 0, number = 0;
  for (; letters < text.size() &&
         absl::ascii_isalpha(static_cast<unsigned char>(text[letters]));
       ++letters) {
    if (number > kMostColumns) return false;
    number = number * 26 +
             (absl::ascii_toupper(static_cast<unsigned char>(text[letters])) -
              'A' + 1);
  }
  *column = number - 1;
  if (letters == 0 || !absl::SimpleAtoi(text.substr(letters), row)) {
    return false;
  }
  return (*row)-- >= 1;
}

// A day of a workbook's count as ISO 8601 has it.
std::string DateText(double serial, bool from_1904) {
  const double day = std::floor(serial);
  absl::CivilDay first =
      from_1904 ? absl::CivilDay(1904, 1, 1) : absl::CivilDay(1899, 12, 30);
  // The count of 1900 has a 29 February that never was.
  if (!from_1904 && day < 60) ++first;
  const absl::CivilDay date = first + static_cast<int64_t>(day);
  const auto seconds = static_cast<int64_t>(std::round((serial - day) * 86400));
  const std::string text = absl::FormatCivilTime(date);
  if (seconds == 0) return text;
  return absl::StrFormat("%sT%02d:%02d:%02d", text, seconds / 3600,
                         seconds / 60 % 60, seconds % 60);
}

class SheetReader {
 public:
  explicit SheetReader(const Workbook& book) : book_(book) {}

  absl::Status Read(absl::string_view text, absl::string_view path) {
    XmlHandler handler;
    handler.on_start = [this](absl::string_view name,
                              const XmlAttributes& attributes) {
      return Start(name, attributes);
    };
    handler.on_end = [this](absl::string_view name) { return End(name); };
    handler.on_text = [this](absl::string_view text) {
      if (in_value_) absl::StrAppend(&value_, text);
    };
    RETURN_IF_ERROR(ReadXml(text, path, handler));
    return FillMerged();
  }

  Grid Take(absl::string_view name) {
    Grid grid;
    for (size_t row = 0; row < cells_.row_count(); ++row) {
      grid.Add(cells_.TakeRow(row),
               absl::StrCat("sheet ", name, " row ", row + 1));
    }
    return grid;
  }

 private:
  struct Region {
    size_t row, column, rows, columns;
  };

  absl::Status Start(absl::string_view name, const XmlAttributes& attributes) {
    if (name == "row") {
      size_t row = 0;
      // Rows and cells may leave out where they stand.
      const bool said = absl::SimpleAtoi(Attribute(attributes, "r"), &row);
      row_ = said && row >= 1 ? row - 1 : next_row_;
      next_row_ = row_ + 1;
      next_column_ = 0;
    } else if (name == "c") {
      return StartCell(attributes);
    } else if (name == "v" || name == "t") {
      in_value_ = phonetic_ == 0;
    } else if (name == "rPh") {
      ++phonetic_;
    } else if (name == "mergeCell") {
      return AddMerged(Attribute(attributes, "ref"));
    }
    return absl::OkStatus();
  }

  absl::Status StartCell(const XmlAttributes& attributes) {
    const std::string reference = Attribute(attributes, "r");
    size_t row = row_;
    column_ = next_column_;
    if (!reference.empty() && (!ParseReference(reference, &row, &column_) ||
                               row != row_ || column_ >= kMostColumns)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a cell of row ", row_ + 1, " says it is ", reference));
    }
    next_column_ = column_ + 1;
    type_ = Attribute(attributes, "t");
    size_t style = 0;
    is_date_ = absl::SimpleAtoi(Attribute(attributes, "s"), &style) &&
               style < book_.date_styles.size() && book_.date_styles[style];
    value_.clear();
    return absl::OkStatus();
  }

  absl::Status End(absl::string_view name) {
    if (name == "v" || name == "t") in_value_ = false;
    if (name == "rPh") --phonetic_;
    if (name != "c") return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string text, CellValue());
    if (text.empty()) return absl::OkStatus();
    return cells_.Fill(row_, column_, 1, 1, text);
  }

  absl::StatusOr<std::string> CellValue() const {
    if (type_ == "s" && !value_.empty()) {
      size_t index = 0;
      if (absl::SimpleAtoi(value_, &index) && index < book_.strings.size()) {
        return book_.strings[index];
      }
      return absl::InvalidArgumentError(
          absl::StrCat("row ", row_ + 1, " names the shared text ", value_,
                       " of ", book_.strings.size()));
    }
    if (type_ == "b") return std::string(value_ == "1" ? "true" : "false");
    double number = 0;
    const bool is_number = (type_.empty() || type_ == "n") && !value_.empty() &&
                           absl::SimpleAtod(value_, &number);
    // The days from 1900 to 9999.
    if (is_number && is_date_ && number >= 0 && number < 2958466) {
      return DateText(number, book_.from_1904);
    }
    // 0.1 is stored as 0.10000000000000001: what is shown has 15 digits.
    if (is_number && std::isfinite(number)) {
      const std::string shown = absl::StrFormat("%.15g", number);
      return shown;
    }
    return value_;
  }

  absl::Status AddMerged(absl::string_view reference) {
    const std::vector<absl::string_view> ends = absl::StrSplit(reference, ':');
    size_t row = 0, column = 0, last_row = 0, last_column = 0;
    if (!ParseReference(ends.front(), &row, &column) ||
        !ParseReference(ends.back(), &last_row, &last_column) ||
        last_row < row || last_column < column || last_column >= kMostColumns) {
      return absl::InvalidArgumentError(
          absl::StrCat("merged cells are said to be ", reference));
    }
    merged_.push_back(
        {row, column, last_row - row + 1, last_column - column + 1});
    return absl::OkStatus();
  }

  absl::Status FillMerged() {
    const size_t row_count = cells_.row_count();
    for (const Region& region : merged_) {
      // Empty ones may reach to the end of the sheet.
      const std::string text = cells_.at(region.row, region.column);
      if (text.empty()) continue;
      const size_t rows = std::min(region.rows, row_count - region.row);
      RETURN_IF_ERROR(
          cells_.Fill(region.row, region.column, rows, region.columns, text));
    }
    return absl::OkStatus();
  }

  const Workbook& book_;
  SpannedCells cells_;
  std::vector<Region> merged_;
  size_t row_ = 0, column_ = 0;
  size_t next_row_ = 0, next_column_ = 0;
  std::string type_;
  std::string value_;
  bool is_date_ = false;
  bool in_value_ = false;
  int phonetic_ = 0;
};

}  // namespace

absl::StatusOr<Grid> XlsxRows(absl::string_view bytes,
                              absl::string_view sheet) {
  ASSIGN_OR_RETURN(const auto archive, ZipArchive::Open(bytes));
  if (!archive->Has("xl/workbook.xml")) {
    return absl::InvalidArgumentError(
        "this is a zip archive and no Excel workbook (.xlsx): it has no "
        "xl/workbook.xml");
  }
  Workbook book;
  RETURN_IF_ERROR(ReadSheets(*archive, &book));
  ASSIGN_OR_RETURN(const Sheet chosen, ChooseSheet(book, sheet));
  RETURN_IF_ERROR(ReadStrings(*archive, &book));
  RETURN_IF_ERROR(ReadStyles(*archive, &book));
  ASSIGN_OR_RETURN(const std::string path, PartOf(*archive, chosen));
  ASSIGN_OR_RETURN(const std::string text, archive->Read(path));
  SheetReader reader(book);
  RETURN_IF_ERROR(reader.Read(text, path));
  return reader.Take(chosen.name);
}

}  // namespace headway::formats
