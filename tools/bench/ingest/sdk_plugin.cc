// bench-sdk: a plugin in C++ that delivers a Workload through the SDK, which
// speaks the binary framing.
#include <utility>

#include "plugins/sdk/cpp/plugin.h"
#include "tools/bench/ingest/workload.h"

namespace headway::bench {
namespace {

absl::Status ReadOptions(const sdk::Request& request, Workload* workload) {
  ASSIGN_OR_RETURN(workload->frequency,
                   series::ParseFrequency(request.Option("frequency")));
  for (const auto& [name, field] :
       {std::pair{"series", &workload->series},
        std::pair{"values", &workload->values},
        std::pair{"series_per_commit", &workload->series_per_commit},
        std::pair{"revised_per_mille", &workload->revised_per_mille}}) {
    ASSIGN_OR_RETURN(const double number, request.NumberOption(name));
    *field = static_cast<int>(number);
  }
  return absl::OkStatus();
}

void WriteSeries(const Workload& workload, int series, sdk::Writer& out) {
  const series::SeriesInfo info = workload.InfoOf(series);
  const auto& labels = info.key.labels.pairs();
  sdk::Batch batch;
  batch.series = out.Define({.id = workload.IdOf(series),
                             .metric = info.key.metric,
                             .labels = {labels.begin(), labels.end()},
                             .frequency = info.key.frequency,
                             .unit = info.unit.ToString(),
                             .title = info.title,
                             .source_name = info.source_name});
  batch.observations.reserve(static_cast<size_t>(workload.values));
  for (int place = 0; place < workload.values; ++place) {
    batch.observations.push_back(
        {workload.PeriodOf(place), workload.ValueOf(series, place)});
  }
  out.Write(batch);
}

absl::Status ReadWorkload(const sdk::Request& request, sdk::Writer& out) {
  Workload workload;
  RETURN_IF_ERROR(ReadOptions(request, &workload));
  for (int commit = 0; commit < workload.commits(); ++commit) {
    const int end = workload.FirstSeries(commit + 1);
    for (int i = workload.FirstSeries(commit); i < end; ++i) {
      WriteSeries(workload, i, out);
    }
    out.Checkpoint({.stream = workload.StreamOf(commit)});
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace headway::bench

int main(int argc, char** argv) {
  headway::sdk::Plugin plugin{"bench-sdk", "1", "Makes up series."};
  for (const char* name : {"frequency", "series", "values", "series_per_commit",
                           "revised_per_mille"}) {
    plugin.options.push_back({name, "Of the workload.", "", true});
  }
  plugin.read = headway::bench::ReadWorkload;
  return headway::sdk::RunPlugin(argc, argv, plugin);
}
