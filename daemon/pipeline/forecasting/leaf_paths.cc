#include "daemon/pipeline/forecasting/leaf_paths.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/stable_hash.h"
#include "daemon/base/status_macros.h"
#include "daemon/forecast/innovations.h"
#include "daemon/forecast/paths.h"
#include "daemon/forecast/records.h"
#include "daemon/messages/forecast.h"
#include "daemon/pipeline/forecasting/breaks.h"
#include "daemon/pipeline/forecasting/column.h"
#include "daemon/pipeline/models/series_work.h"
#include "daemon/series/labels.h"
#include "daemon/series/period.h"

namespace headway::pipeline {
namespace {

using forecast::Bounds;
using series::Frequency;
using series::Period;

// Each is forecast by itself. A convention.
constexpr size_t kMostLeaves = 200;

std::string NameOf(const query::Leaf& leaf) {
  if (leaf.indicator.empty()) return series::FormatSeriesKey(leaf.key);
  return leaf.column.labels.pairs().empty()
             ? leaf.indicator
             : absl::StrCat(leaf.indicator,
                            series::FormatLabels(leaf.column.labels));
}

bool IsRelease(const query::Leaf& leaf) {
  return !leaf.stream.empty() &&
         leaf.column.observations.frequency == Frequency::kDaily;
}

absl::Status Named(const absl::Status& status, const std::string& name) {
  return absl::Status(status.code(),
                      absl::StrCat(name, ": ", status.message()));
}

// The last period that a column has begun with.
Period LastOf(const series::Observations& x) {
  return {x.frequency, x.ordinals.back()};
}

void Put(const query::Leaf& leaf, query::PathBlock block,
         query::Futures& futures) {
  auto shared = std::make_shared<const query::PathBlock>(std::move(block));
  if (leaf.indicator.empty()) {
    futures.series[leaf.series] = std::move(shared);
  } else {
    futures.indicators[leaf.indicator][leaf.column.labels] = std::move(shared);
  }
}

// A leaf that is forecast as a regular series.
class RegularLeaf {
 public:
  RegularLeaf(const query::Leaf& leaf, const LeafOptions& options)
      : leaf_(leaf),
        column_(WithoutPartial(leaf.column, &left_out_)),
        axis_(column_.observations),
        bounds_(BoundsOf(options)),
        seed_(StableHash().Add(options.seed).Add(NameOf(leaf)).value()) {}

  const query::Leaf& leaf() const { return leaf_; }
  // Leaves with the same go together: a frequency, and the days of its week.
  std::pair<Frequency, int> group() const {
    return {column_.observations.frequency, axis_.season()};
  }
  // Once there is work.
  int64_t first_step() const { return mended_.first_step; }
  int64_t last_step() const {
    return axis_.StepOf(column_.observations.ordinals.back());
  }
  const forecast::PathLaw& law() const { return law_; }
  uint64_t seed() const { return seed_; }
  // What it is forecast by, and what of it is not fitted.
  std::string Describe() const {
    std::string text =
        absl::StrCat(model_, left_out_.empty() ? "" : "; ", left_out_,
                     failure_.empty() ? "" : "; ", failure_);
    for (const v1::ForecastBreak& one : mended_.breaks) {
      absl::StrAppend(&text, "; ", messages::DescribeBreak(one));
    }
    for (const std::string& note : mended_.notes) {
      absl::StrAppend(&text, "; ", note);
    }
    if (without_regressors_) {
      absl::StrAppend(&text, "; without its regressors");
    }
    return text;
  }

  // By whose models it is forecast. One that had another definition then may be
  // gone.
  const ForecastDefinition& DefinitionIn(const LeafOptions& options) const {
    const auto found = options.indicators->find(leaf_.indicator);
    return found == options.indicators->end() ? options.definition
                                              : found->second.forecast;
  }

  // FAILED_PRECONDITION: the days on which it has values come and go.
  absl::StatusOr<SeriesWork> Work(const LeafOptions& options) {
    RETURN_IF_ERROR(CheckIsRegular());
    SeriesWork work = {.labels = leaf_.column.labels,
                       .frequency = column_.observations.frequency,
                       .unit = leaf_.unit.ToString(),
                       .axis = axis_,
                       .first_step = 0,
                       .values = {},
                       .options = {}};
    forecast::Options& how = work.options;
    how.method = DefinitionIn(options).method;
    how.season = axis_.season();
    how.bounds = bounds_;
    // What is made of a series may be of another kind than it.
    if (!leaf_.indicator.empty()) how.quantity = DefinitionIn(options).quantity;
    how.probabilities = forecast::PathProbabilities();
    how.backtest = false;
    how.stopped = options.models.stopped;
    how.seed = seed_;
    how.horizon = StepsUntil(options.end);
    ASSIGN_OR_RETURN(mended_, MendColumn(column_.observations, axis_,
                                         DefinitionIn(options).breaks, how));
    work.first_step = mended_.first_step;
    work.values = mended_.values;
    without_regressors_ = !DefinitionIn(options).regressors.empty();
    return work;
  }

  absl::Status Take(const ModelledForecast& made) {
    RETURN_IF_ERROR(made.forecast.status());
    model_ = made.forecast->model;
    failure_ = std::string(made.model_failure.message());
    ASSIGN_OR_RETURN(
        law_, forecast::MakePathLaw(mended_.values, *made.forecast, bounds_));
    return absl::OkStatus();
  }

  // Aligned with the steps from `first` to `last`.
  absl::StatusOr<std::vector<double>> InnovationsFrom(int64_t first,
                                                      int64_t last) const {
    ASSIGN_OR_RETURN(
        const std::vector<double> own,
        forecast::Innovations(mended_.values, axis_.season(), bounds_));
    std::vector<double> aligned(static_cast<size_t>(last - first + 1),
                                std::numeric_limits<double>::quiet_NaN());
    std::copy(
        own.begin(), own.end(),
        aligned.begin() + static_cast<std::ptrdiff_t>(first_step() - first));
    return aligned;
  }

  // Days on which the series never has a value stay without.
  query::PathBlock BlockOf(const forecast::PathRows& rows) const {
    const int32_t last = static_cast<int32_t>(last_step());
    const int32_t first = column_.observations.ordinals.back() + 1;
    const int32_t end =
        axis_.OrdinalOf(last + static_cast<int32_t>(rows.size())) + 1;
    query::PathBlock block = query::EmptyBlock(first, end, rows[0].size());
    for (size_t h = 0; h < rows.size(); ++h) {
      const int32_t ordinal =
          axis_.OrdinalOf(last + 1 + static_cast<int32_t>(h));
      std::copy(rows[h].begin(), rows[h].end(),
                block.Row(static_cast<size_t>(ordinal - first)));
    }
    return block;
  }

 private:
  Bounds BoundsOf(const LeafOptions& options) const {
    if (!leaf_.indicator.empty()) return DefinitionIn(options).bounds;
    if (leaf_.unit == options.unit &&
        options.definition.bounds != Bounds::kNone) {
      return options.definition.bounds;
    }
    const std::vector<double>& values = column_.observations.values;
    const bool never_below = std::all_of(values.begin(), values.end(),
                                         [](double x) { return x >= 0; });
    return never_below && leaf_.unit.ToString() != "percent"
               ? Bounds::kNonNegative
               : Bounds::kNone;
  }

  // Of days that come and go nothing is known in advance.
  absl::Status CheckIsRegular() const {
    const size_t present = column_.observations.size();
    const int32_t days = axis_.StepOf(column_.observations.ordinals.back()) -
                         axis_.StepOf(column_.observations.ordinals.front()) +
                         1;
    if (column_.observations.frequency != Frequency::kDaily ||
        2 * present >= static_cast<size_t>(days)) {
      return absl::OkStatus();
    }
    return absl::FailedPreconditionError(absl::StrCat(
        "has values on ", present, " of ", days,
        " days, and is no regular series; resample it to weeks or months in "
        "an indicator of its own, and name that"));
  }

  // At least one.
  int StepsUntil(absl::CivilDay end) const {
    const int32_t last = static_cast<int32_t>(last_step());
    int32_t steps = 1;
    while (series::FirstDay({column_.observations.frequency,
                             axis_.OrdinalOf(last + steps + 1)}) < end) {
      ++steps;
    }
    return steps;
  }

  const query::Leaf& leaf_;
  std::string left_out_;
  query::LabelledColumn column_;
  series::StepAxis axis_;
  MendedColumn mended_;
  bool without_regressors_ = false;
  Bounds bounds_;
  uint64_t seed_;
  forecast::PathLaw law_;
  std::string model_;
  // Of a plugin, for which another model stands in.
  std::string failure_;
};

// Forecasts the leaves, those of one definition together.
absl::Status FitAll(const std::vector<std::unique_ptr<RegularLeaf>>& leaves,
                    const LeafOptions& options) {
  struct Batch {
    std::vector<RegularLeaf*> leaves;
    std::vector<SeriesWork> works;
  };
  std::map<const ForecastDefinition*, Batch> batches;
  // In the order of the leaves, which that of addresses is not.
  std::vector<const ForecastDefinition*> order;
  for (const std::unique_ptr<RegularLeaf>& leaf : leaves) {
    absl::StatusOr<SeriesWork> work = leaf->Work(options);
    if (!work.ok()) return Named(work.status(), NameOf(leaf->leaf()));
    const ForecastDefinition* definition = &leaf->DefinitionIn(options);
    Batch& batch = batches[definition];
    if (batch.leaves.empty()) order.push_back(definition);
    batch.leaves.push_back(leaf.get());
    batch.works.push_back(*std::move(work));
  }
  for (const ForecastDefinition* definition : order) {
    const Batch& batch = batches[definition];
    const std::vector<ModelledForecast> made =
        ForecastByModels(batch.works, *definition, options.models);
    for (size_t i = 0; i < made.size(); ++i) {
      const absl::Status taken = batch.leaves[i]->Take(made[i]);
      if (!taken.ok()) return Named(taken, NameOf(batch.leaves[i]->leaf()));
    }
  }
  return absl::OkStatus();
}

// The newest day of any leaf.
absl::CivilDay NewestDay(absl::Span<const query::Leaf> leaves) {
  absl::CivilDay newest = absl::CivilDay::min();
  for (const query::Leaf& leaf : leaves) {
    newest = std::max(newest, EndDay(LastOf(leaf.column.observations)));
  }
  return newest;
}

// The correlation of the innovations of leaves of one group; says in a note
// what it was learned from.
absl::StatusOr<std::vector<std::vector<double>>> CorrelationOf(
    const std::vector<const RegularLeaf*>& group,
    std::vector<std::string>& notes) {
  if (group.size() < 2) return std::vector<std::vector<double>>();
  int64_t first = group[0]->first_step();
  int64_t last = group[0]->last_step();
  for (const RegularLeaf* leaf : group) {
    first = std::min(first, leaf->first_step());
    last = std::max(last, leaf->last_step());
  }
  std::vector<std::vector<double>> innovations;
  for (const RegularLeaf* leaf : group) {
    ASSIGN_OR_RETURN(std::vector<double> own,
                     leaf->InnovationsFrom(first, last));
    innovations.push_back(std::move(own));
  }
  ASSIGN_OR_RETURN(forecast::InnovationCorrelation estimate,
                   forecast::CorrelateInnovations(innovations));
  notes.push_back(absl::StrCat(
      group.size(), " ", FrequencyName(group[0]->group().first),
      " columns are drawn together: their correlation, of ", estimate.periods,
      " periods, has ", std::lround(100 * (1 - estimate.shrinkage)),
      " % of the weight, and independence the rest"));
  return std::move(estimate.correlation);
}

absl::Status DrawRegular(const std::vector<const query::Leaf*>& leaves,
                         const LeafOptions& options, LeafPaths& to) {
  std::vector<std::unique_ptr<RegularLeaf>> regular;
  std::map<std::pair<Frequency, int>, std::vector<const RegularLeaf*>> groups;
  for (const query::Leaf* leaf : leaves) {
    regular.push_back(std::make_unique<RegularLeaf>(*leaf, options));
  }
  RETURN_IF_ERROR(FitAll(regular, options));
  for (const std::unique_ptr<RegularLeaf>& leaf : regular) {
    groups[leaf->group()].push_back(leaf.get());
    to.names.push_back(NameOf(leaf->leaf()));
    to.notes.push_back(
        absl::StrCat("through ", to.names.back(), ": ", leaf->Describe()));
  }
  for (const auto& [key, group] : groups) {
    ASSIGN_OR_RETURN(auto correlation, CorrelationOf(group, to.notes));
    std::vector<forecast::PathJob> jobs;
    for (const RegularLeaf* leaf : group) {
      jobs.push_back({&leaf->law(), leaf->seed(), leaf->last_step() + 1});
    }
    ASSIGN_OR_RETURN(
        const std::vector<forecast::PathRows> rows,
        forecast::DrawPaths(jobs, std::move(correlation), options.paths,
                            options.models.stopped));
    for (size_t i = 0; i < group.size(); ++i) {
      Put(group[i]->leaf(), group[i]->BlockOf(rows[i]), to.futures);
    }
  }
  return absl::OkStatus();
}

// Of all leaves of a stream, in the order of days.
std::vector<forecast::Release> ReleasesOf(
    const std::vector<const query::Leaf*>& stream) {
  std::vector<forecast::Release> releases;
  for (const query::Leaf* leaf : stream) {
    const series::Observations& x = leaf->column.observations;
    for (size_t i = 0; i < x.size(); ++i) {
      releases.push_back({x.ordinals[i], x.values[i]});
    }
  }
  std::sort(releases.begin(), releases.end(),
            [](const forecast::Release& a, const forecast::Release& b) {
              return std::pair(a.day, a.value) < std::pair(b.day, b.value);
            });
  return releases;
}

absl::Status DrawReleases(const std::vector<const query::Leaf*>& leaves,
                          const LeafOptions& options, LeafPaths& to) {
  std::map<std::string, std::vector<const query::Leaf*>> streams;
  // A publisher who knows a release of one stream would know one of another.
  int32_t known_until = std::numeric_limits<int32_t>::min();
  for (const query::Leaf* leaf : leaves) {
    streams[leaf->stream].push_back(leaf);
    known_until =
        std::max(known_until, leaf->column.observations.ordinals.back());
  }
  for (const auto& [text, stream] : streams) {
    const std::string name =
        stream.size() == 1 ? NameOf(*stream[0])
                           : absl::StrCat("the ", stream.size(),
                                          " series with ", NameOf(*stream[0]));
    forecast::RecordOptions how;
    how.known_until = known_until;
    how.days = std::max(
        1, static_cast<int>(options.end - series::FirstDay({Frequency::kDaily,
                                                            known_until + 1})));
    how.count = options.paths;
    how.seed = StableHash().Add(options.seed).Add(text).value();
    how.stopped = options.models.stopped;
    const auto rows = forecast::DrawRecords(ReleasesOf(stream), how);
    if (!rows.ok()) return Named(rows.status(), name);
    query::PathBlock block = {
        known_until + 1, static_cast<size_t>(options.paths), {}};
    for (const std::vector<double>& row : *rows) {
      block.values.insert(block.values.end(), row.begin(), row.end());
    }
    // Whichever has them, the record does.
    Put(*stream[0], std::move(block), to.futures);
    to.names.push_back(name);
    to.notes.push_back(absl::StrCat("through ", name, ": arrivals of records"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LeafPaths> DrawLeafPaths(absl::Span<const query::Leaf> leaves,
                                        const LeafOptions& options) {
  std::vector<const query::Leaf*> regular;
  std::vector<const query::Leaf*> releases;
  LeafPaths paths;
  const absl::CivilDay newest = NewestDay(leaves);
  int ended = 0;
  for (const query::Leaf& leaf : leaves) {
    if (IsRelease(leaf)) {
      releases.push_back(&leaf);
    } else if (newest - EndDay(LastOf(leaf.column.observations)) > 366) {
      ++ended;
    } else {
      regular.push_back(&leaf);
    }
  }
  if (ended > 0) {
    paths.notes.push_back(absl::StrCat(
        ended, ended == 1 ? " column has" : " columns have",
        " ended more than a year before the newest, and does not go on"));
  }
  if (regular.size() > kMostLeaves) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the expression reads ", regular.size(), " columns, and at most ",
        kMostLeaves,
        " are forecast one by one; name an indicator that aggregates them"));
  }
  RETURN_IF_ERROR(DrawRegular(regular, options, paths));
  RETURN_IF_ERROR(DrawReleases(releases, options, paths));
  if (paths.names.empty()) {
    return absl::FailedPreconditionError(
        "the expression reads no column that could go on");
  }
  return paths;
}

}  // namespace headway::pipeline
