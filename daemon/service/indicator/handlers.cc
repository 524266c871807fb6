#include "daemon/service/indicator/handlers.h"

#include <algorithm>
#include <functional>
#include <memory>
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
#include "daemon/pipeline/manager.h"
#include "daemon/query/query.h"
#include "daemon/service/calls/filter.h"
#include "daemon/service/calls/paging.h"
#include "daemon/service/indicator/indicators.h"
#include "daemon/store/store.h"

namespace headway::service {
namespace {

using messages::AsOf;
using messages::Clip;
using messages::FieldError;
using messages::PeriodBounds;
using messages::ToPeriodBounds;
using messages::ToProto;
using pipeline::Indicator;

v1::IndicatorSummary Summarise(const query::LabelledColumn& column) {
  const series::Observations& observations = column.observations;
  v1::IndicatorSummary summary;
  ToProto(column.labels, summary.mutable_labels());
  summary.set_frequency(ToProto(observations.frequency));
  summary.set_observation_count(observations.size());
  const size_t n = observations.size();
  *summary.mutable_last() = ToProto(observations, n - 1);
  if (n >= 2 &&
      observations.ordinals[n - 1] - 1 == observations.ordinals[n - 2]) {
    summary.set_change(observations.values[n - 1] - observations.values[n - 2]);
  }
  return summary;
}

// With the newest values as of then, or why there are none: a listing shows
// what is broken beside what is well.
v1::Indicator WithSummaries(const Parts& parts, const Indicator& indicator,
                            const store::Reader& reader, absl::Time as_of) {
  v1::Indicator proto = DescribeIndicator(indicator);
  auto panel =
      parts.pipelines->EvaluateIndicator(indicator.name, reader, as_of);
  if (!panel.ok()) {
    proto.add_summaries()->set_error(std::string(panel.status().message()));
    return proto;
  }
  for (const query::LabelledColumn& column : panel->columns) {
    *proto.add_summaries() = Summarise(column);
  }
  if (panel->columns.empty()) {
    proto.add_summaries()->set_error("no data yet");
  }
  return proto;
}

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
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  v1::ListIndicatorsResponse response;
  std::string last;
  for (const auto& [key, indicator] :
       Select(*definitions, predicates, ordering)) {
    // The cursor is the key of the last indicator shown.
    if (!page.cursor.empty() && !ordering.Before(page.cursor, key)) continue;
    if (static_cast<size_t>(response.indicators_size()) == page.size) {
      response.set_next_page_token(MakeToken(scope, last));
      break;
    }
    RETURN_IF_ERROR(call.CheckAlive());
    *response.add_indicators() =
        WithSummaries(parts, *indicator, *reader, as_of);
    last = key;
  }
  return response;
}

absl::StatusOr<v1::Indicator> GetIndicator(
    const Parts& parts, const Call&, const v1::GetIndicatorRequest& request) {
  ASSIGN_OR_RETURN(absl::Time as_of, AsOf(request));
  const auto definitions = parts.pipelines->definitions();
  ASSIGN_OR_RETURN(const Indicator* indicator,
                   FindIndicator(*definitions, "name", request.name()));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  return WithSummaries(parts, *indicator, *reader, as_of);
}

absl::StatusOr<v1::ReadIndicatorResponse> ReadIndicator(
    const Parts& parts, const Call&, const v1::ReadIndicatorRequest& request) {
  ASSIGN_OR_RETURN(absl::Time as_of, AsOf(request));
  const auto definitions = parts.pipelines->definitions();
  ASSIGN_OR_RETURN(const Indicator* indicator,
                   FindIndicator(*definitions, "name", request.name()));
  const std::unique_ptr<store::Reader> reader = parts.store->NewReader();
  ASSIGN_OR_RETURN(query::Panel panel, parts.pipelines->EvaluateIndicator(
                                           indicator->name, *reader, as_of));
  v1::ReadIndicatorResponse response;
  *response.mutable_indicator() = DescribeIndicator(*indicator);
  for (query::LabelledColumn& column : panel.columns) {
    ASSIGN_OR_RETURN(
        PeriodBounds bounds,
        ToPeriodBounds(request.first_period(), request.last_period(),
                       column.observations.frequency));
    column.observations = Clip(column.observations, bounds);
    *response.add_series() = ToProto(column.labels, column.observations);
  }
  return response;
}

}  // namespace headway::service
