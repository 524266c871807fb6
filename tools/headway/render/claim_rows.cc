#include "tools/headway/render/claim_rows.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "daemon/base/number_text.h"
#include "daemon/messages/series.h"
#include "tools/headway/render/format.h"

namespace headway::cli {
namespace {

// "NO_DATA" as "no data".
std::string Words(const std::string& name) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", " "}});
}

Style StyleOf(v1::Verdict::Kind kind) {
  switch (kind) {
    case v1::Verdict::SUPPORTED:
      return Style::kGood;
    case v1::Verdict::CONTRADICTED:
      return Style::kBad;
    case v1::Verdict::INSUFFICIENT_DATA:
    case v1::Verdict::SUSPENDED:
      return Style::kFaint;
    default:
      return Style::kPlain;
  }
}

// Two digits: more would say more than is known.
Cell ProbabilityCell(bool is_there, double probability) {
  if (!is_there) return MissingCell();
  return Cell(absl::StrFormat("%.2f", probability), FormatExact(probability));
}

Cell IntervalCell(const v1::TestResult& test) {
  if (!test.has_low()) return MissingCell();
  return Cell(absl::StrFormat("%.3g to %.3g", test.low(), test.high()));
}

Cell EstimateCell(const v1::TestResult& test) {
  if (!test.has_estimate()) return MissingCell();
  return Cell(absl::StrFormat("%.3g", test.estimate()),
              FormatExact(test.estimate()));
}

std::string Span(const v1::TestResult& test) {
  if (test.first_period().empty()) return "";
  return absl::StrCat(test.first_period(), " to ", test.last_period());
}

template <typename Lines>
void AddLines(absl::string_view heading, const Lines& lines,
              std::string* text) {
  if (lines.empty()) return;
  absl::StrAppend(text, heading, "\n");
  for (const std::string& line : lines) {
    absl::StrAppend(text, "  ", line, "\n");
  }
}

}  // namespace

std::string FormatVerdictKind(v1::Verdict::Kind kind) {
  return Words(v1::Verdict::Kind_Name(kind));
}

Table EventTable(const google::protobuf::RepeatedPtrField<v1::Event>& events) {
  Table table({{.name = "event"},
               {.name = "announced"},
               {.name = "effective"},
               {.name = "known", .csv_only = true},
               {.name = "by"},
               {.name = "direction"},
               {.name = "title", .shrinkable = true},
               {.name = "document", .csv_only = true},
               {.name = "url", .csv_only = true}});
  for (const v1::Event& event : events) {
    table.AddRow(
        {std::string(LastSegment(event.name())), event.announced(),
         event.effective().empty() ? MissingCell() : Cell(event.effective()),
         event.known(), absl::StrJoin(event.countries(), ","),
         Words(v1::Event::Direction_Name(event.direction())), event.title(),
         event.document(), event.url()});
  }
  return table;
}

Table ClaimTable(const google::protobuf::RepeatedPtrField<v1::Claim>& claims) {
  Table table(
      {{.name = "claim"},
       {.name = "verdict"},
       {.name = "probability", .align = Align::kRight},
       {.name = "certainty"},
       {.name = "judged_weight", .align = Align::kRight, .csv_only = true},
       {.name = "text", .shrinkable = true},
       {.name = "sentence", .csv_only = true}});
  for (const v1::Claim& claim : claims) {
    const v1::Verdict& verdict = claim.verdict();
    const std::string kind = FormatVerdictKind(verdict.kind());
    table.AddRow(
        {std::string(LastSegment(claim.name())),
         Cell(kind, kind, StyleOf(verdict.kind())),
         ProbabilityCell(verdict.has_probability(), verdict.probability()),
         Words(v1::Verdict::Certainty_Name(verdict.certainty())),
         FormatExact(verdict.judged_weight()), claim.text(),
         verdict.sentence()});
  }
  return table;
}

Table TestTable(const v1::Verdict& verdict) {
  Table table({{.name = "test"},
               {.name = "outcome"},
               {.name = "estimate", .align = Align::kRight},
               {.name = "interval"},
               {.name = "unit"},
               {.name = "threshold", .align = Align::kRight},
               {.name = "probability", .align = Align::kRight},
               {.name = "weight", .align = Align::kRight},
               {.name = "periods"},
               {.name = "statement", .shrinkable = true},
               {.name = "method", .csv_only = true},
               {.name = "reason", .csv_only = true}});
  for (const v1::TestResult& test : verdict.tests()) {
    table.AddRow({test.id(),
                  Words(v1::TestResult::Outcome_Name(test.outcome())),
                  EstimateCell(test), IntervalCell(test), test.unit(),
                  absl::StrFormat("%g", test.threshold()),
                  ProbabilityCell(test.has_probability(), test.probability()),
                  absl::StrFormat("%g", test.weight()), Span(test),
                  test.statement(), test.method(), test.reason()});
  }
  return table;
}

std::string ClaimHead(const v1::Claim& claim) {
  const v1::Verdict& verdict = claim.verdict();
  std::string text = absl::StrCat(
      claim.text(), "\n  ", Words(v1::Claim::Holder_Name(claim.holder())),
      " say so; judged by rule ", claim.rule_version(), " of ",
      claim.rule_committed(), "\n\n", FormatVerdictKind(verdict.kind()));
  if (verdict.has_probability()) {
    absl::StrAppendFormat(&text, ", probability %.2f", verdict.probability());
  }
  absl::StrAppend(&text, ", certainty ",
                  Words(v1::Verdict::Certainty_Name(verdict.certainty())),
                  "\n  ", verdict.sentence(), "\n  as of ",
                  FormatMinute(verdict.as_of()));
  const std::string vintages =
      messages::DescribeVintageKinds(verdict.vintage_kinds());
  if (!vintages.empty()) absl::StrAppend(&text, "; ", vintages);
  return absl::StrCat(text, "\n\n");
}

std::string ClaimFoot(const v1::Claim& claim) {
  std::string text = "\n";
  std::vector<std::string> methods;
  for (const v1::TestResult& test : claim.verdict().tests()) {
    methods.push_back(
        absl::StrCat(test.id(), ": ", test.values(), "; ",
                     test.reason().empty() ? test.method() : test.reason()));
    for (const std::string& note : test.notes()) {
      methods.push_back(absl::StrCat("  ", note));
    }
  }
  AddLines("how it was tested", methods, &text);
  AddLines("why it is no surer", claim.verdict().reasons(), &text);
  AddLines("what it must not be taken for", claim.caveats(), &text);
  AddLines("what would judge it better", claim.lacks(), &text);
  return text;
}

}  // namespace headway::cli
