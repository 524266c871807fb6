#include "daemon/service/indicator/handlers.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "daemon/messages/bounds.h"
#include "daemon/messages/errors.h"
#include "daemon/messages/series.h"
#include "daemon/messages/timestamp.h"
#include "daemon/pipeline/evaluations.h"
#include "daemon/pipeline/manager.h"
#include "daemon/query/query.h"
#include "daemon/service/calls/filter.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/indicator/indicators.h"
#include "daemon/service/indicator/summaries.h"
#include "daemon/service/sharing/sharing.h"

namespace headway::service {
namespace {

using messages::AsOf;
using messages::Clip;
using messages::FieldError;
using messages::PeriodBounds;
using messages::ToPeriodBounds;
using messages::ToProto;
using pipeline::Indicator;

bool ContainsIgnoringCase(absl::string_view text, absl::string_view part) {
  return absl::StrContains(absl::AsciiStrToLower(text),
                           absl::AsciiStrToLower(part));
}

using Predicate = std::function<bool(const Indicator&)>;

absl::StatusOr<Predicate> ToPredicate(const FilterTerm& term) {
  const std::string& value = term.value;
  if (term.op == '=' && term.field == "topic") {
    return [value](const Indicator& i) { return i.topic == value; };
  }
  if (term.op == '=' && term.field == "pipeline") {
    const std::string name(absl::StripPrefix(value, "pipelines/"));
    return [name](const Indicator& i) { return i.pipeline == name; };
  }
  if (term.op == '=' && term.field == "unit") {
    auto unit = series::Unit::Parse(value);
    if (!unit.ok()) return BadTermValue(term, unit.status().message());
    return [unit = *unit](const Indicator& i) { return i.unit == unit; };
  }
  if (term.op == ':' && term.field == "name") {
    return [value](const Indicator& i) {
      return ContainsIgnoringCase(i.name, value);
    };
  }
  if (term.op == ':' && term.field == "title") {
    return [value](const Indicator& i) {
      return ContainsIgnoringCase(i.title, value);
    };
  }
  return UnknownTerm(term, {"topic=", "pipeline=", "unit=", "name:", "title:"});
}

absl::StatusOr<std::vector<Predicate>> ToPredicates(absl::string_view filter) {
  ASSIGN_OR_RETURN(std::vector<FilterTerm> terms, ParseFilter(filter));
  std::vector<Predicate> predicates;
  for (const FilterTerm& term : terms) {
    ASSIGN_OR_RETURN(Predicate predicate, ToPredicate(term));
    predicates.push_back(std::move(predicate));
  }
  return predicates;
}

struct Ordering {
  std::string Indicator::*field = &Indicator::name;
  bool descending = false;

  // Where an indicator stands; the name tells equals apart. The separator
  // sorts before whatever a name or topic holds.
  std::string Key(const Indicator& indicator) const {
    return absl::StrCat(indicator.*field, std::string(1, '\1'), indicator.name);
  }
  bool Before(const std::string& a, const std::string& b) const {
    return descending ? b < a : a < b;
  }
};

absl::StatusOr<Ordering> ToOrdering(absl::string_view order_by) {
  Ordering ordering;
  if (order_by.empty()) return ordering;
  std::vector<absl::string_view> words =
      absl::StrSplit(order_by, ' ', absl::SkipEmpty());
  if (words.size() == 2 && words[1] == "desc") {
    ordering.descending = true;
    words.pop_back();
  }
  if (words.size() == 1) {
    if (words[0] == "name") return ordering;
    if (words[0] == "topic") {
      ordering.field = &Indicator::topic;
      return ordering;
    }
    if (words[0] == "pipeline") {
      ordering.field = &Indicator::pipeline;
      return ordering;
    }
  }
  return FieldError("order_by",
                    absl::StrCat("\"", order_by,
                                 "\" is not name, topic or pipeline, with or "
                                 "without \" desc\""));
}

std::vector<std::pair<std::string, const Indicator*>> Select(
    const pipeline::Definitions& definitions,
    const std::vector<Predicate>& predicates, const Ordering& ordering) {
  std::vector<std::pair<std::string, const Indicator*>> selected;
  for (const auto& entry : definitions.indicators) {
    const Indicator& indicator = entry.second;
    const bool fits = std::all_of(
        predicates.begin(), predicates.end(),
        [&](const Predicate& predicate) { return predicate(indicator); });
    if (fits) selected.emplace_back(ordering.Key(indicator), &indicator);
  }
  std::sort(selected.begin(), selected.end(),
            [&](const auto& a, const auto& b) {
              return ordering.Before(a.first, b.first);
            });
  return selected;
}

}  // namespace

absl::StatusOr<v1::ListIndicatorsResponse> ListIndicators(
    const Parts& parts, const Call& call,
    const v1::ListIndicatorsRequest& request) {
  const std::string scope = absl::StrCat("ListIndicators\n", request.filter(),
                                         "\n", request.order_by());
  ASSIGN_OR_RETURN(Page page,
                   ParsePage(request.page_size(), request.page_token(), scope));
  ASSIGN_OR_RETURN(std::vector<Predicate> predicates,
                   ToPredicates(request.filter()));
  ASSIGN_OR_RETURN(Ordering ordering, ToOrdering(request.order_by()));
  ASSIGN_OR_RETURN(absl::Time as_of, AsOf(request));
  const auto definitions = parts.pipelines->definitions();
  v1::ListIndicatorsResponse response;
  std::string last;
  size_t bytes = 0;
  for (const auto& [key, indicator] :
       Select(*definitions, predicates, ordering)) {
    // The cursor is the key of the last indicator shown.
    if (!page.cursor.empty() && !ordering.Before(page.cursor, key)) continue;
    if (static_cast<size_t>(response.indicators_size()) == page.size ||
        bytes >= kPageBytes) {
      response.set_next_page_token(MakeToken(scope, last));
      break;
    }
    ASSIGN_OR_RETURN(*response.add_indicators(),
                     WithSummaries(parts, call, *indicator, as_of));
    bytes += response.indicators().rbegin()->ByteSizeLong();
    last = key;
  }
  return response;
}

absl::StatusOr<v1::Indicator> GetIndicator(
    const Parts& parts, const Call& call,
    const v1::GetIndicatorRequest& request) {
  ASSIGN_OR_RETURN(absl::Time as_of, AsOf(request));
  const auto definitions = parts.pipelines->definitions();
  ASSIGN_OR_RETURN(const Indicator* indicator,
                   FindIndicator(*definitions, "name", request.name()));
  return WithSummaries(parts, call, *indicator, as_of);
}

absl::StatusOr<v1::ReadIndicatorResponse> ReadIndicator(
    const Parts& parts, const Call& call,
    const v1::ReadIndicatorRequest& request) {
  ASSIGN_OR_RETURN(absl::Time as_of, AsOf(request));
  const auto definitions = parts.pipelines->definitions();
  ASSIGN_OR_RETURN(const Indicator* indicator,
                   FindIndicator(*definitions, "name", request.name()));
  RETURN_IF_ERROR(CheckIndicatorShown(call.caller(), parts, indicator->name));
  const std::string scope = absl::StrCat(ScopeOf("ReadIndicator", request),
                                         "\n", indicator->fingerprint);
  ASSIGN_OR_RETURN(
      const AnswerPage page,
      ParseAnswerPage(request.page_size(), request.page_token(), scope));
  ASSIGN_OR_RETURN(const std::shared_ptr<const pipeline::Evaluation> evaluation,
                   parts.pipelines->ReadIndicator(
                       indicator->name, {.as_of = as_of,
                                         .recorded_by = page.recorded_by(),
                                         .check_alive = call.AliveCheck()}));
  const std::vector<query::LabelledColumn>& columns = evaluation->panel.columns;
  v1::ReadIndicatorResponse response;
  *response.mutable_indicator() =
      DescribeIndicator(*definitions, *indicator, as_of);
  response.mutable_indicator()->set_series_count(
      static_cast<int64_t>(columns.size()));
  *response.mutable_indicator()->mutable_as_of() =
      messages::ToTimestamp(std::min(as_of, parts.clock->Now()));
  for (series::VintageKind kind : evaluation->panel.vintage_kinds) {
    response.mutable_indicator()->add_vintage_kinds(messages::ToProto(kind));
  }
  if (request.page_token().empty()) {
    for (const std::string& note : evaluation->panel.notes) {
      response.mutable_indicator()->add_notes(note);
    }
  }
  const auto add = [&](size_t place) -> absl::StatusOr<size_t> {
    const query::LabelledColumn& column = columns[place];
    ASSIGN_OR_RETURN(
        const PeriodBounds bounds,
        ToPeriodBounds(request.first_period(), request.last_period(),
                       column.observations.frequency));
    *response.add_series() =
        ToProto(column.labels, Clip(column.observations, bounds));
    return response.series().rbegin()->ByteSizeLong();
  };
  ASSIGN_OR_RETURN(const std::optional<size_t> next,
                   FillPage(page, columns.size(), add));
  if (next.has_value()) {
    response.set_next_page_token(
        MakeAnswerToken(scope, *next, {as_of, evaluation->recorded_by}));
  }
  return response;
}

}  // namespace headway::service
