// How many releases there were, and how many there will have been once those
// who list them are done.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/call.h"
#include "daemon/query/columns/aggregate.h"
#include "daemon/query/columns/release_triangle.h"
#include "daemon/query/math/chain_ladder.h"
#include "daemon/query/math/resample.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Observations;
using series::ObservationStatus;

// With fewer rows the variance of a step is anybody's guess.
constexpr size_t kLeastRowsOfAStep = 5;
// Of one note.
constexpr size_t kMostPeriodsSaid = 6;

// The days that argument 2 gives, after which a count is final; 0 without it.
absl::StatusOr<absl::Duration> FinalAfter(const Call& call) {
  constexpr double kMostDays = 3650;
  if (!call.Has(2)) return absl::ZeroDuration();
  const double days = call.Number(2);
  if (days >= 0 && days <= kMostDays && days == std::trunc(days)) {
    return absl::Hours(24) * days;
  }
  return call.Error(
      2, absl::StrCat("a count is final after ", days,
                      " days; write a whole number from 0 to ", kMostDays));
}

// The vintages of the series that are counted, by the labels of their group.
struct ReleaseVintages {
  std::map<series::Labels, std::vector<std::vector<Observations>>> groups;
  absl::Time first_known = absl::InfiniteFuture();
  // When the store last took in one that nobody saw at its date.
  absl::Time assumed_until = absl::InfinitePast();

  // From when on growth was seen: what came before may have come together.
  absl::Time seen_since() const { return std::max(first_known, assumed_until); }
};

// When the store last took in a vintage of the series whose date is assumed. A
// series that another source took over may have some before those that were
// seen.
absl::StatusOr<absl::Time> AssumedUntil(const store::Reader& reader,
                                        const store::SeriesEntry& entry) {
  const auto is_assumed = [&](absl::Time instant) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const store::SeriesEntry then,
                     reader.GetSeries(entry.id, instant));
    return then.info.vintage_kind == series::VintageKind::kAssumed;
  };
  absl::Time until = absl::InfinitePast();
  ASSIGN_OR_RETURN(const bool at_first, is_assumed(absl::UnixEpoch()));
  if (!at_first && entry.info.vintage_kind != series::VintageKind::kAssumed) {
    return until;
  }
  ASSIGN_OR_RETURN(const std::vector<store::Vintage> vintages,
                   reader.ListVintages(entry.id));
  for (const store::Vintage& vintage : vintages) {
    ASSIGN_OR_RETURN(const bool assumed, is_assumed(vintage.recorded_at));
    if (assumed) until = std::max(until, vintage.recorded_at);
  }
  return until;
}

absl::StatusOr<ReleaseVintages> ReadVintages(
    const Call& call, const std::vector<store::SeriesEntry>& entries) {
  ReleaseVintages vintages;
  for (const store::SeriesEntry& entry : entries) {
    const store::Reader& reader = *call.source().reader();
    ASSIGN_OR_RETURN(std::vector<Observations> states,
                     reader.ReadTriangle(entry.id, call.source().options()));
    if (states.empty()) continue;
    ASSIGN_OR_RETURN(const absl::Time assumed_until,
                     AssumedUntil(reader, entry));
    vintages.assumed_until = std::max(vintages.assumed_until, assumed_until);
    for (const Observations& state : states) {
      RETURN_IF_ERROR(call.effort().Spend(state.size()));
    }
    vintages.first_known =
        std::min(vintages.first_known, states.front().known_at);
    vintages.groups[GroupLabels(entry.info.key.labels, call.grouping())]
        .push_back(std::move(states));
  }
  return vintages;
}

// An estimate is firm if its error is not above the chance spread of a count of
// that size, the square root: it then blurs a series of counts no more than
// chance does.
bool IsFirm(const Completion& completion) {
  return completion.standard_error <= std::sqrt(completion.value);
}

// `2026-06 from 7 to 11.2 (standard error 2.4)`
std::string DescribeCompletion(series::Period period, double count,
                               const std::optional<Completion>& completion) {
  const std::string name = series::FormatPeriod(period);
  if (!completion.has_value()) {
    return absl::StrCat(name, " stays at ", count, ", partial: ",
                        count == 0 ? "nothing grows from 0"
                                   : "too few periods were seen to grow");
  }
  const std::string estimate =
      absl::StrFormat("%.4g (standard error %.2g)", completion->value,
                      completion->standard_error);
  return IsFirm(*completion)
             ? absl::StrCat(name, " from ", count, " to ", estimate)
             : absl::StrCat(name, " stays at ", count, ", partial: ", estimate,
                            " is too doubtful");
}

void NoteCompletions(const Call& call, const series::Labels& labels,
                     int32_t periods_seen, std::vector<std::string> said) {
  if (said.empty()) return;
  const size_t all = said.size();
  if (all > kMostPeriodsSaid) {
    said.erase(said.begin(),
               said.end() - static_cast<ptrdiff_t>(kMostPeriodsSaid));
  }
  call.Note(absl::StrCat(
      FormatLabels(labels), " is completed by chain ladder from what ",
      periods_seen, " periods were seen to grow by: ",
      all > said.size() ? absl::StrCat(all - said.size(), " older ones; ") : "",
      absl::StrJoin(said, "; ")));
}

// Completes the counts of one group that are partial, where that is firm.
void CompleteCounts(const Call& call, const series::Labels& labels,
                    const ReleaseTriangle& triangle, int32_t final_age,
                    Observations* counts) {
  const ChainLadder ladder = FitChainLadder(
      triangle.rows(), static_cast<size_t>(final_age), kLeastRowsOfAStep);
  std::vector<std::string> said;
  series::Statuses statuses;
  for (size_t i = 0; i < counts->size(); ++i) {
    ObservationStatus status = series::StatusAt(counts->statuses, i);
    const int32_t row = counts->ordinals[i] - triangle.first_row();
    if (status == ObservationStatus::kPartial && row >= 0) {
      const std::optional<Completion>& completion =
          ladder.rows[static_cast<size_t>(row)];
      said.push_back(
          DescribeCompletion({counts->frequency, counts->ordinals[i]},
                             counts->values[i], completion));
      if (completion.has_value() && IsFirm(*completion)) {
        counts->values[i] = completion->value;
        status = ObservationStatus::kEstimated;
      }
    }
    series::AppendStatus(status, i, &statuses);
  }
  counts->statuses = std::move(statuses);
  NoteCompletions(call, labels, triangle.periods_seen(), std::move(said));
}

// As CompleteCounts, of all groups; says why not where too little was seen.
absl::Status CompleteFromVintages(const Call& call, absl::Duration final_after,
                                  std::vector<LabelledColumn>* columns) {
  ASSIGN_OR_RETURN(const std::vector<store::SeriesEntry> entries,
                   SelectedSeries(call));
  if (columns->empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const ReleaseVintages vintages, ReadVintages(call, entries));
  const Observations& any = columns->front().observations;
  ReleaseTriangle::Span span;
  span.frequency = any.frequency;
  span.first = any.ordinals.front();
  span.last = any.ordinals.back();
  span.final_age =
      span.last - LastPeriodOver(any.frequency, any.known_at - final_after);
  span.first_seen = vintages.seen_since();
  span.known_at = any.known_at;
  if (span.final_age <= 0) return absl::OkStatus();
  if (ReleaseTriangle(span).periods_seen() <
      static_cast<int32_t>(kLeastRowsOfAStep)) {
    call.Note(
        absl::StrCat("nothing is completed: counts were seen to grow from ",
                     FormatMinute(vintages.seen_since()), " on",
                     vintages.assumed_until > vintages.first_known
                         ? " (vintages before are assumed)"
                         : "",
                     ", over ", ReleaseTriangle(span).periods_seen(),
                     " whole periods, and ", kLeastRowsOfAStep, " are needed"));
    return absl::OkStatus();
  }
  for (LabelledColumn& column : *columns) {
    ReleaseTriangle triangle(span);
    const auto group = vintages.groups.find(column.labels);
    if (group == vintages.groups.end()) continue;
    for (const std::vector<Observations>& states : group->second) {
      RETURN_IF_ERROR(call.effort().Spend(
          static_cast<size_t>(triangle.periods_seen()) * states.back().size()));
      triangle.Add(states);
    }
    CompleteCounts(call, column.labels, triangle, span.final_age,
                   &column.observations);
  }
  return absl::OkStatus();
}

absl::StatusOr<Value> ApplyCountReleases(const Call& call) {
  const Value& x = call.Series(0);
  ASSIGN_OR_RETURN(const Frequency frequency, call.CoarserFrequency(1));
  ASSIGN_OR_RETURN(const absl::Duration final_after, FinalAfter(call));
  ASSIGN_OR_RETURN(const bool complete, call.Option(3, "complete"));
  NoteLabelsNobodyHas(call, x.columns);
  Value result;
  result.unit = series::Unit();
  result.frequency = frequency;
  ASSIGN_OR_RETURN(result.columns,
                   CountReleases(x.columns, call.grouping(), frequency,
                                 final_after, call.effort()));
  if (complete) {
    RETURN_IF_ERROR(CompleteFromVintages(call, final_after, &result.columns));
  }
  return result;
}

const Function kReleaseFunctions[] = {
    {"count_releases",
     "count_releases by (labels) (x, \"Q\"), count_releases(x, \"Q\", days) or "
     "count_releases(x, \"Q\", days, \"complete\")",
     "xs|ns", true, ApplyCountReleases, OverPaths::kOneByOne,
     /*refusing=*/"complete"},
};

}  // namespace

absl::Span<const Function> ReleaseFunctions() { return kReleaseFunctions; }

}  // namespace headway::query
