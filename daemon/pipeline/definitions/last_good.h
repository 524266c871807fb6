// The last valid version of each definition, which stays in force when a newer
// one is broken.
//
// The parts are the schedule of a pipeline, each source and each indicator: a
// broken one is replaced, and what changed beside it holds. A file that cannot
// be parsed is replaced as a whole. What was taken out of a file on purpose is
// gone. Pure functions but for the records.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_LAST_GOOD_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_LAST_GOOD_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/store/store.h"
#include "headway/config/v1/config.pb.h"

namespace headway::pipeline {

// The valid parts of each pipeline, by its name.
struct LastGood {
  struct Entry {
    // Where it is defined.
    std::string file;
    config::v1::Pipeline pipeline;
  };
  std::map<std::string, Entry> pipelines;
};

// The parts that are wrong: pipelines by name, for their schedules; sources and
// indicators by name.
struct BrokenParts {
  std::set<std::string> schedules;
  std::set<std::string> sources;
  std::set<std::string> indicators;

  bool empty() const {
    return schedules.empty() && sources.empty() && indicators.empty();
  }
};

// The pipeline with its broken parts as they were when they were last valid. A
// part that never was stays as it is. Adds the parts that were replaced to
// `kept`.
config::v1::Pipeline Mend(const config::v1::Pipeline& now,
                          const BrokenParts& broken, const LastGood& last_good,
                          BrokenParts* kept);

// The pipelines that were last valid in a file that cannot be parsed now.
config::v1::PipelineFile MendFile(const std::string& file,
                                  const LastGood& last_good);

// The pipeline without those of its broken parts that are not kept.
config::v1::Pipeline ValidParts(const config::v1::Pipeline& pipeline,
                                const BrokenParts& broken,
                                const BrokenParts& kept);

// In the store. A record that cannot be read is left out: the definition then
// has no last valid version.
absl::StatusOr<LastGood> ReadLastGood(const store::Reader& reader);
// The records that turn what is stored into `now`.
std::vector<store::Record> LastGoodRecords(const LastGood& before,
                                           const LastGood& now);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_LAST_GOOD_H_
