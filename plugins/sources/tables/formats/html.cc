#include "plugins/sources/tables/formats/html.h"

#include <libxml/HTMLparser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <climits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/tables/plain_text.h"
#include "plugins/sources/tables/formats/spans.h"

namespace headway::formats {
namespace {

// libxml2 nests HTML no deeper than 256 levels of its own accord.
constexpr int kMostMarkupLevels = 1000;
constexpr size_t kMostSpan = 1000;
constexpr size_t kMostShownTables = 20;

bool IsElement(const xmlNode* node, absl::string_view name) {
  return node->type == XML_ELEMENT_NODE &&
         absl::EqualsIgnoreCase(reinterpret_cast<const char*>(node->name),
                                name);
}

bool IsHeading(const xmlNode* node) {
  for (absl::string_view name : {"h1", "h2", "h3", "h4", "h5", "h6"}) {
    if (IsElement(node, name)) return true;
  }
  return false;
}

std::string AttributeOf(xmlNode* node, const char* name) {
  const std::unique_ptr<xmlChar, void (*)(void*)> value(
      xmlGetProp(node, reinterpret_cast<const xmlChar*>(name)), xmlFree);
  return value == nullptr ? ""
                          : std::string(reinterpret_cast<char*>(value.get()));
}

// The text that a reader sees: without scripts and tables within the cell.
void AppendText(const xmlNode* node, int level, std::string* text) {
  if (level > kMostMarkupLevels) return;
  for (const xmlNode* child = node->children; child != nullptr;
       child = child->next) {
    if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
      text->append(reinterpret_cast<const char*>(child->content));
    } else if (IsElement(child, "br") || IsElement(child, "p") ||
               IsElement(child, "div") || IsElement(child, "li")) {
      text->push_back(' ');
      AppendText(child, level + 1, text);
      text->push_back(' ');
    } else if (child->type == XML_ELEMENT_NODE && !IsElement(child, "script") &&
               !IsElement(child, "style") && !IsElement(child, "table")) {
      AppendText(child, level + 1, text);
    }
  }
}

std::string TextOf(const xmlNode* node) {
  std::string text;
  AppendText(node, 0, &text);
  return tables::PlainText(text);
}

struct FoundTable {
  xmlNode* node = nullptr;
  std::string id;
  // Its caption, and the heading above it.
  std::string caption;
  std::string heading;
  size_t rows = 0;
};

// The rows of a table, and not those of tables within it.
void CollectRows(xmlNode* node, int level, std::vector<xmlNode*>* rows) {
  if (level > kMostMarkupLevels) return;
  for (xmlNode* child = node->children; child != nullptr; child = child->next) {
    if (IsElement(child, "tr")) {
      rows->push_back(child);
    } else if (child->type == XML_ELEMENT_NODE && !IsElement(child, "table")) {
      CollectRows(child, level + 1, rows);
    }
  }
}

class TableFinder {
 public:
  std::vector<FoundTable> Find(xmlNode* root) {
    Visit(root, 0);
    return std::move(tables_);
  }

 private:
  void Visit(xmlNode* node, int level) {
    if (level > kMostMarkupLevels) return;
    for (xmlNode* child = node->children; child != nullptr;
         child = child->next) {
      if (child->type != XML_ELEMENT_NODE) continue;
      if (IsHeading(child)) heading_ = TextOf(child);
      if (IsElement(child, "table")) Add(child);
      Visit(child, level + 1);
    }
  }

  void Add(xmlNode* node) {
    FoundTable table{
        .node = node, .id = AttributeOf(node, "id"), .heading = heading_};
    for (xmlNode* child = node->children; child != nullptr;
         child = child->next) {
      if (IsElement(child, "caption")) table.caption = TextOf(child);
    }
    std::vector<xmlNode*> rows;
    CollectRows(node, 0, &rows);
    table.rows = rows.size();
    tables_.push_back(std::move(table));
  }

  std::string heading_;
  std::vector<FoundTable> tables_;
};

std::string Described(const std::vector<FoundTable>& tables) {
  if (tables.empty()) return "the page has no table";
  std::vector<std::string> each;
  for (size_t i = 0; i < tables.size() && i < kMostShownTables; ++i) {
    const FoundTable& table = tables[i];
    const std::string& name =
        table.caption.empty() ? table.heading : table.caption;
    each.push_back(absl::StrCat(
        i + 1, table.id.empty() ? "" : absl::StrCat(" #", table.id),
        name.empty() ? "" : absl::StrCat(" \"", name.substr(0, 60), "\""), " (",
        table.rows, " rows)"));
  }
  if (tables.size() > kMostShownTables) each.push_back("…");
  return absl::StrCat("the page has these: ", absl::StrJoin(each, ", "));
}

absl::StatusOr<size_t> ChooseTable(const std::vector<FoundTable>& tables,
                                   absl::string_view wanted) {
  std::vector<size_t> fitting;
  size_t place = 0;
  if (absl::SimpleAtoi(wanted, &place)) {
    if (place >= 1 && place <= tables.size()) fitting.push_back(place - 1);
  } else {
    absl::string_view id = wanted;
    const bool by_id = absl::ConsumePrefix(&id, "#");
    for (size_t i = 0; i < tables.size(); ++i) {
      const FoundTable& table = tables[i];
      const bool fits = wanted.empty() ? table.rows > 1
                        : by_id        ? table.id == id
                                : absl::StrContains(table.caption, wanted) ||
                                      absl::StrContains(table.heading, wanted);
      if (fits) fitting.push_back(i);
    }
  }
  if (fitting.size() == 1) return fitting[0];
  return absl::InvalidArgumentError(absl::StrCat(
      wanted.empty() ? "say in the option table which table is meant"
                     : absl::StrCat("option table = \"", wanted, "\" fits ",
                                    fitting.size(), " tables"),
      "; ", Described(tables)));
}

size_t SpanOf(xmlNode* cell, const char* attribute) {
  size_t span = 1;
  if (!absl::SimpleAtoi(AttributeOf(cell, attribute), &span)) return 1;
  return std::clamp<size_t>(span, 1, kMostSpan);
}

absl::StatusOr<Grid> ReadTable(const FoundTable& table, size_t number) {
  std::vector<xmlNode*> rows;
  CollectRows(table.node, 0, &rows);
  SpannedCells cells;
  for (size_t row = 0; row < rows.size(); ++row) {
    size_t column = 0;
    for (xmlNode* cell = rows[row]->children; cell != nullptr;
         cell = cell->next) {
      if (!IsElement(cell, "td") && !IsElement(cell, "th")) continue;
      column = cells.FreeColumn(row, column);
      const size_t columns = SpanOf(cell, "colspan");
      // A span ends with the table.
      const size_t height =
          std::min(SpanOf(cell, "rowspan"), rows.size() - row);
      RETURN_IF_ERROR(cells.Fill(row, column, height, columns, TextOf(cell)));
      column += columns;
    }
  }
  Grid grid;
  for (size_t row = 0; row < cells.row_count(); ++row) {
    grid.Add(cells.TakeRow(row),
             absl::StrCat("table ", number, " row ", row + 1));
  }
  return grid;
}

}  // namespace

absl::StatusOr<Grid> HtmlRows(absl::string_view page, absl::string_view table,
                              absl::string_view charset) {
  if (page.size() > INT_MAX) {
    return absl::InvalidArgumentError("the page is too long");
  }
  const std::string encoding(charset);
  const std::unique_ptr<xmlDoc, void (*)(xmlDocPtr)> document(
      htmlReadMemory(page.data(), static_cast<int>(page.size()), nullptr,
                     encoding.empty() ? nullptr : encoding.c_str(),
                     HTML_PARSE_RECOVER | HTML_PARSE_NONET |
                         HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING),
      &xmlFreeDoc);
  xmlNode* root =
      document == nullptr ? nullptr : xmlDocGetRootElement(document.get());
  if (root == nullptr) {
    return absl::InvalidArgumentError("the answer is no web page (HTML)");
  }
  const std::vector<FoundTable> tables = TableFinder().Find(root);
  ASSIGN_OR_RETURN(const size_t chosen, ChooseTable(tables, table));
  return ReadTable(tables[chosen], chosen + 1);
}

}  // namespace headway::formats
