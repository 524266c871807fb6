// Files of test cases for the expression language: tests/query/cases/*.test.
//
// tests/query/README.md has the grammar and an example. The reader is strict:
// it knows only those directives, and a case without an expectation, an
// expectation without an expression and a name that stands twice are errors.
// Pure functions. Errors: INVALID_ARGUMENT, "FILE:LINE: " and what is wrong.
#ifndef HEADWAY_TESTS_QUERY_CASE_FILE_H_
#define HEADWAY_TESTS_QUERY_CASE_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/query/query.h"
#include "daemon/series/labels.h"
#include "daemon/series/observations.h"
#include "daemon/series/unit.h"

namespace headway::query {

// A vintage of one series: "load".
struct LoadStep {
  std::string metric;
  series::Labels labels;
  series::Unit unit;
  series::VintageKind vintage_kind = series::VintageKind::kObserved;
  series::Observations observations;
};

// An indicator: "define".
struct DefineStep {
  std::string name;
  series::Unit unit;
  std::string expression;
  // "members": those that it must have.
  std::vector<MemberSet> members = {};
};

// An expression, and what must come of it: "eval" or "check", and "expect".
struct AskStep {
  int line = 0;
  std::string expression;
  // "check": the expression is not evaluated, only checked.
  bool only_checks = false;
  absl::Time as_of = absl::InfiniteFuture();

  // One of these. The error holds this text;
  std::optional<std::string> error;
  // or a check finds this type, such as "USD monthly", or "unknown";
  std::optional<std::string> type;
  // or the values are these, by rising labels.
  std::optional<Panel> panel;

  // Besides values, a note holds each of these texts;
  std::vector<std::string> notes;
  // or there is none.
  bool expects_no_note = false;
};

struct Case {
  std::string name;
  int line = 0;
  // With those that stand before the first case of the file.
  std::vector<LoadStep> loads;
  std::vector<DefineStep> definitions;
  std::vector<AskStep> asks;
};

// `path` is the text's file, for errors.
absl::StatusOr<std::vector<Case>> ParseCases(absl::string_view path,
                                             absl::string_view text);

// The type of an expression as "expect type" writes it.
std::string TypeText(const TypeInfo& type);

}  // namespace headway::query

#endif  // HEADWAY_TESTS_QUERY_CASE_FILE_H_
