// The definitions of pipelines, sources and indicators: loading and checking.
//
// Definitions are headway.config.v1.PipelineFile messages in text format. Every
// error of every file is found, not only the first, and carries file, line and
// column. What is wrong is left out and the rest goes on:
//   a file that is not text format       none of its pipelines is known
//   a name, schedule or other field      the pipeline does not run; its good
//     of the pipeline itself             indicators can still be evaluated
//   a source                             it is not pulled
//   an indicator                         it is neither derived nor forecast,
//                                        nor are those that use it
//   a plugin that is missing or refuses  reported; the pull is still tried,
//     the configuration                  for plugins come and go
//
// Definitions is immutable after loading and thread-safe.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_DEFINITIONS_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_DEFINITIONS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/plugin_host.h"
#include "daemon/pipeline/definitions/dependencies.h"
#include "daemon/pipeline/definitions/evidence/evidence_files.h"
#include "daemon/pipeline/definitions/forecast_definition.h"
#include "daemon/pipeline/definitions/last_good.h"
#include "daemon/query/query.h"
#include "daemon/schedule/scheduler.h"
#include "daemon/store/store.h"

namespace headway::pipeline {

struct DefinitionError {
  std::string file;
  // From 1; 0 where the error is of the file as a whole.
  int line = 0;
  int column = 0;
  // What it is about, as far as that is known.
  std::string pipeline;
  std::string source;
  std::string indicator;
  std::string message;
  // It is wrong only because an indicator that it uses is.
  bool is_consequence = false;
  // The last valid version of what is wrong stays in force.
  bool is_kept = false;

  // pipelines/chips.textproto:12:3: unknown method "autoetz"; did you mean …
  std::string ToString() const;
};

struct RetryPolicy {
  int max_attempts = 3;
  absl::Duration initial_backoff = absl::Seconds(5);
  absl::Duration max_backoff = absl::Minutes(5);
};

struct Source {
  // With ${PIPELINES_DIR} put in and limits filled with their defaults.
  ingest::Source source;
  std::string pipeline;
  RetryPolicy retry;
  // Its definition says so, or is wrong, or another takes its place.
  bool disabled = false;
  // Its definition says so.
  bool declared_disabled = false;
  // It was switched by hand, and so is not as its definition says.
  bool switched = false;
  // The source whose place it takes while it is enabled; "" if none.
  std::string supersedes;
  // The enabled source that takes its place; "" if none.
  std::string superseded_by;
};

struct Indicator {
  std::string name;
  std::string title;
  std::string meaning;
  std::string expression;
  std::string topic;
  std::string pipeline;
  series::Unit unit;
  std::vector<query::MemberSet> members;
  ForecastDefinition forecast;
  // Changes with the expression, unit and members, its own and those of the
  // indicators it uses. Only if it is not disabled.
  uint64_t fingerprint = 0;
  // Not empty: why it is disabled.
  std::vector<std::string> errors;
};

struct Pipeline {
  std::string name;
  std::string title;
  std::string description;
  // As it was written; empty without a schedule.
  std::string cron;
  std::string time_zone;
  schedule::Job job;
  std::vector<std::string> sources;
  std::vector<std::string> indicators;
  // False: its own definition is wrong and it does not run.
  bool runs = true;
  // Everything that is wrong in it, each with file, line and column.
  std::vector<std::string> errors;
};

class IndicatorHistory;

// By name. Sources and indicators point to their pipeline by its name.
struct Definitions {
  std::map<std::string, Pipeline> pipelines;
  std::map<std::string, Source> sources;
  // Disabled ones too.
  std::map<std::string, Indicator> indicators;
  // Those that are not disabled, as expressions see them.
  query::IndicatorMap expressions;
  // What each of those uses, and an order in which each stands after what it
  // uses.
  InputMap inputs;
  std::vector<std::string> evaluation_order;
  // What the indicators were defined as before (indicator_history.h); null
  // where no store stands behind them.
  std::shared_ptr<const IndicatorHistory> history;
  // In the order of files and lines.
  std::vector<DefinitionError> errors;
  // What is to be kept for when a later version is broken.
  LastGood valid;
  // The acts and claims of the directory; their errors are among those above.
  EvidenceDefinitions evidence;
};

// Changes when the values of any indicator may come out otherwise by its
// definition.
uint64_t FingerprintOfAll(const Definitions& definitions);

struct LoadOptions {
  // Where given, sources are checked against their plugins.
  ingest::PluginHost* plugins = nullptr;
  // Where given, units and frequencies are checked against the series in it.
  const store::Reader* reader = nullptr;
  // Where given, it stands in for what is broken.
  const LastGood* last_good = nullptr;
  // Tells what lies in the future; null: the clock of the machine does.
  Clock* clock = nullptr;
  // Sources that were switched on (true) or off, whatever their files say.
  std::map<std::string, bool> switches = {};
};

// Every *.textproto file of `directory`, in the order of names;
// events.textproto and claims.textproto hold evidence, the others pipelines.
// NOT_FOUND or PERMISSION_DENIED if the directory cannot be read; all else is
// in `errors`.
absl::StatusOr<Definitions> LoadDirectory(const std::string& directory,
                                          const LoadOptions& options);
// These files; ${PIPELINES_DIR} is the directory of each. A file that cannot be
// read is in `errors`.
Definitions LoadFiles(const std::vector<std::string>& files,
                      const LoadOptions& options);

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_DEFINITIONS_H_
