#include "daemon/service/calls/filter.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/base/suggest.h"
#include "daemon/messages/errors.h"

namespace headway::service {
namespace {

using messages::FieldError;

absl::Status ErrorAt(int column, absl::string_view message) {
  return FieldError("filter", absl::StrCat("column ", column, ": ", message));
}

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<FilterTerm>> Parse() {
    std::vector<FilterTerm> terms;
    SkipSpaces();
    if (AtEnd()) return terms;
    while (true) {
      ASSIGN_OR_RETURN(FilterTerm term, ParseTerm());
      terms.push_back(std::move(term));
      SkipSpaces();
      if (AtEnd()) return terms;
      const int column = Column();
      if (ParseWord() != "AND") {
        return ErrorAt(column,
                       "expected AND; put a value with spaces in quotes");
      }
      SkipSpaces();
    }
  }

 private:
  bool AtEnd() const { return position_ == text_.size(); }
  int Column() const { return static_cast<int>(position_) + 1; }
  void SkipSpaces() {
    while (!AtEnd() && absl::ascii_isspace(text_[position_])) ++position_;
  }

  absl::string_view ParseWord() {
    const size_t begin = position_;
    while (!AtEnd() && !absl::ascii_isspace(text_[position_])) ++position_;
    return text_.substr(begin, position_ - begin);
  }

  absl::StatusOr<FilterTerm> ParseTerm() {
    FilterTerm term;
    term.column = Column();
    while (!AtEnd() &&
           (absl::ascii_isalnum(text_[position_]) || text_[position_] == '_')) {
      term.field.push_back(text_[position_++]);
    }
    if (term.field.empty()) return ErrorAt(Column(), "expected a field's name");
    if (AtEnd() || (text_[position_] != '=' && text_[position_] != ':')) {
      return ErrorAt(Column(),
                     absl::StrCat("expected = or : after ", term.field));
    }
    term.op = text_[position_++];
    if (!AtEnd() && text_[position_] == '"') {
      ASSIGN_OR_RETURN(term.value, ParseQuoted());
    } else {
      term.value = std::string(ParseWord());
    }
    if (term.value.empty()) return ErrorAt(Column(), "expected a value");
    return term;
  }

  absl::StatusOr<std::string> ParseQuoted() {
    const int column = Column();
    std::string value;
    for (++position_; !AtEnd(); ++position_) {
      if (text_[position_] == '"') {
        ++position_;
        return value;
      }
      if (text_[position_] == '\\' && position_ + 1 < text_.size()) {
        ++position_;
      }
      value.push_back(text_[position_]);
    }
    return ErrorAt(column, "the quotes are not closed");
  }

  const absl::string_view text_;
  size_t position_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<FilterTerm>> ParseFilter(absl::string_view text) {
  return Parser(text).Parse();
}

absl::Status UnknownTerm(const FilterTerm& term,
                         const std::vector<std::string>& allowed) {
  const std::string form = absl::StrCat(term.field, std::string(1, term.op));
  return ErrorAt(term.column,
                 absl::StrCat("\"", form, "\" is not a term of this filter (",
                              absl::StrJoin(allowed, ", "), ")",
                              DidYouMean(form, allowed)));
}

absl::Status BadTermValue(const FilterTerm& term, absl::string_view why) {
  return ErrorAt(term.column, absl::StrCat(term.field, " ", why));
}

}  // namespace headway::service
