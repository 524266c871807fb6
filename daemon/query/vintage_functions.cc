// Functions of the vintages of series.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/query/call.h"
#include "daemon/query/math/column.h"
#include "daemon/query/math/resample.h"

namespace headway::query {
namespace {

using series::Frequency;
using series::Observations;
using series::VintageKind;

constexpr int kMostRevisions = 1000;

// The series that argument 0 selects; an error if their vintages are not what
// was published.
absl::StatusOr<std::vector<store::SeriesEntry>> PublishedSeries(
    const Call& call) {
  ASSIGN_OR_RETURN(std::vector<store::SeriesEntry> entries,
                   SelectedSeries(call));
  bool is_observed = false;
  for (const store::SeriesEntry& entry : entries) {
    if (entry.info.vintage_kind == VintageKind::kAssumed) {
      return call.Error(
          0, absl::StrCat("the vintages of ", FormatSeriesKey(entry.info.key),
                          " are assumed: what was published first, and what "
                          "was revised, is not known of them"));
    }
    is_observed |= entry.info.vintage_kind == VintageKind::kObserved;
  }
  if (is_observed && call.source().reads()) {
    call.Note(
        "vintages were observed, not dated by the publisher: what was "
        "revised before the first was seen is not known");
  }
  return entries;
}

// What `make` makes of the id of each series of argument 0.
template <typename Make>
absl::StatusOr<Value> MapSeries(const Call& call, Make make) {
  const Value& x = call.Series(0);
  Value result;
  result.unit = x.unit;
  result.frequency = x.frequency;
  ASSIGN_OR_RETURN(const std::vector<store::SeriesEntry> entries,
                   PublishedSeries(call));
  if (!call.source().reads()) return result;
  std::map<series::Labels, Observations> made;
  for (const store::SeriesEntry& entry : entries) {
    ASSIGN_OR_RETURN(made[entry.info.key.labels], make(entry.id));
  }
  // Those that have values keep their vintage and their order.
  for (const LabelledColumn& column : x.columns) {
    Observations& observations = made[column.labels];
    observations.frequency = column.observations.frequency;
    observations.known_at = column.observations.known_at;
    result.columns.push_back({column.labels, std::move(observations)});
  }
  return result;
}

absl::StatusOr<Value> ApplyFirstRelease(const Call& call) {
  return MapSeries(
      call, [&](store::SeriesId id) -> absl::StatusOr<Observations> {
        ASSIGN_OR_RETURN(const std::vector<store::Release> releases,
                         call.source().reader()->CompareReleases(
                             id, call.source().options()));
        RETURN_IF_ERROR(call.effort().Spend(releases.size()));
        Observations first;
        for (const store::Release& release : releases) {
          Append(release.ordinal, release.first, &first);
        }
        return first;
      });
}

// What one period has been revised by so far.
struct History {
  double value = 0;
  int revisions = 0;
  // Of the revision asked for.
  std::optional<double> change;
};

absl::StatusOr<Observations> Revision(const Call& call, store::SeriesId id,
                                      int number) {
  ASSIGN_OR_RETURN(
      const std::vector<Observations> states,
      call.source().reader()->ReadTriangle(id, call.source().options()));
  std::map<int32_t, History> periods;
  for (const Observations& state : states) {
    RETURN_IF_ERROR(call.effort().Spend(state.size()));
    for (size_t i = 0; i < state.size(); ++i) {
      const auto [entry, is_new] =
          periods.try_emplace(state.ordinals[i], History{state.values[i]});
      History& history = entry->second;
      if (is_new || history.value == state.values[i]) continue;
      if (++history.revisions == number) {
        history.change = state.values[i] - history.value;
      }
      history.value = state.values[i];
    }
  }
  Observations changes;
  for (const auto& [ordinal, history] : periods) {
    if (history.change.has_value()) Append(ordinal, *history.change, &changes);
  }
  return changes;
}

absl::StatusOr<Value> ApplyRevision(const Call& call) {
  const double number = call.Number(1);
  if (number < 1 || number > kMostRevisions || number != std::trunc(number)) {
    return call.Error(
        1, absl::StrCat("the revision is number ", number,
                        "; write a whole number from 1 to ", kMostRevisions));
  }
  return MapSeries(call, [&](store::SeriesId id) {
    return Revision(call, id, static_cast<int>(number));
  });
}

absl::StatusOr<Value> ApplyAge(const Call& call) {
  const Value& x = call.Series(0);
  Value result;
  result.unit = UnitNamed("day");
  result.frequency = Frequency::kDaily;
  if (x.columns.empty()) return result;
  ASSIGN_OR_RETURN(const absl::Time instant, call.source().Instant());
  for (const LabelledColumn& column : x.columns) {
    Observations age;
    age.frequency = Frequency::kDaily;
    age.known_at = std::max(instant, column.observations.known_at);
    Append(LastPeriodOver(Frequency::kDaily, instant),
           absl::FDivDuration(instant - column.observations.known_at,
                              absl::Hours(24)),
           &age);
    result.columns.push_back({column.labels, std::move(age)});
  }
  return result;
}

const Function kVintageFunctions[] = {
    {"first_release", "first_release(x)", "x", false, ApplyFirstRelease,
     OverPaths::kRefused},
    {"revision", "revision(x, k)", "xn", false, ApplyRevision,
     OverPaths::kRefused},
    {"age", "age(x)", "x", false, ApplyAge, OverPaths::kRefused},
};

}  // namespace

absl::Span<const Function> VintageFunctions() { return kVintageFunctions; }

}  // namespace headway::query
