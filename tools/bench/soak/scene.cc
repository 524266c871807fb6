#include "tools/bench/soak/scene.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "daemon/base/status_macros.h"
#include "tools/bench/rpc/runs.h"
#include "tools/bench/rpc/writer.h"

namespace headway::bench {
namespace {

// Beside the read indicator are some more, as a listing has them.
constexpr int kMoreIndicators = 20;
constexpr int kDays = 3650;

constexpr char kSceneDefinitions[] = R"text(
pipeline {
  name: "soak"
  indicator {
    name: "soak_read" title: "Read" expression: "sum(soak_value)" unit: "1"
    forecast { method: "naive" horizon: 12 }
  }
  indicator {
    name: "soak_watched" title: "Watched"
    expression: "sum(soak_watched_value)" unit: "1"
    forecast { disabled: true }
  }
  indicator {
    name: "soak_daily" title: "Days" expression: "sum(soak_daily_value)"
    unit: "1" forecast { disabled: true }
  }
MORE}
pipeline {
  name: "refused-a"
  source {
    name: "refused-a" plugin: "csv"
    config { key: "url" value: "http://PUBLISHER/a.csv" }
  }
}
pipeline {
  name: "refused-b"
  source {
    name: "refused-b" plugin: "csv"
    config { key: "url" value: "http://PUBLISHER/b.csv" }
  }
}
pipeline { name: "hung" source { name: "hung" plugin: "hung" } }
pipeline {
  name: "crash"
  schedule { cron: "*/10 * * * * *" }
  source { name: "crash" plugin: "crash" retry { max_attempts: 1 } }
}
pipeline { name: "sound" source { name: "sound" plugin: "sound" } }
)text";

constexpr char kMoreIndicator[] = R"text(  indicator {
    name: "soak_more_NUMBER" title: "More" expression: "sum(soak_value) + NUMBER"
    unit: "1" forecast { disabled: true }
  }
)text";

// A shell plugin that does BODY for every verb but describe.
constexpr char kPlugin[] = R"sh(#!/bin/sh
if [ "$1" = describe ]; then
  echo '{"description":{"name":"NAME","version":"1","protocol_version":1}}'
  exit 0
fi
BODY
)sh";

constexpr char kSoundBody[] =
    R"sh(echo '{"series":{"id":"s","metric":"sound","frequency":"MONTHLY","unit":"1"}}'
echo '{"observations":{"series":"s","periods":["2024-01"],"values":[1]}}'
echo '{"checkpoint":{}}')sh";

absl::Status AddPlugin(const std::string& directory, const std::string& name,
                       const std::string& body) {
  return WritePlugin(
      directory, name,
      absl::StrReplaceAll(kPlugin, {{"NAME", name}, {"BODY", body}}));
}

absl::Status WriteScene(const std::string& directory,
                        const std::string& publisher) {
  std::string more;
  for (int i = 0; i < kMoreIndicators; ++i) {
    absl::StrAppend(&more, absl::StrReplaceAll(kMoreIndicator,
                                               {{"NUMBER", absl::StrCat(i)}}));
  }
  RETURN_IF_ERROR(WriteDefinitions(
      directory, "soak.textproto",
      absl::StrReplaceAll(kSceneDefinitions,
                          {{"MORE", more}, {"PUBLISHER", publisher}})));
  RETURN_IF_ERROR(AddPlugin(directory, "hung", "exec sleep 100000"));
  RETURN_IF_ERROR(AddPlugin(directory, "crash", "kill -SEGV $$"));
  return AddPlugin(directory, "sound", kSoundBody);
}

v1::WriteObservationsRequest::Batch DailyBatch() {
  v1::WriteObservationsRequest::Batch batch;
  batch.set_metric("soak_daily_value");
  batch.set_frequency(v1::DAILY);
  batch.set_unit("1");
  const absl::CivilDay first(2015, 1, 1);
  for (int i = 0; i < kDays; ++i) {
    v1::Observation* observation = batch.add_observations();
    observation->set_period(absl::FormatCivilTime(first + i));
    // With a week and a year in it, so that every method has work to do.
    observation->set_value(100 + i * 0.01 + (i % 7) * 3 + (i % 365) * 0.1 +
                           ((i * 7919) % 13) * 0.7);
  }
  return batch;
}

absl::Status PushScene(const std::string& address) {
  v1::WriteObservationsRequest request;
  request.set_source("soak");
  *request.add_batches() = MonthlyBatch("soak_value", "a", 0, 120, 100);
  *request.add_batches() = MonthlyBatch(kSoakWatchedMetric, "a", 0, 120, 100);
  *request.add_batches() = DailyBatch();
  return Pusher(address).Push(request);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Daemon>> StartScene(
    const std::string& directory, const std::string& publisher) {
  RETURN_IF_ERROR(WriteScene(directory, publisher));
  ASSIGN_OR_RETURN(std::unique_ptr<Daemon> daemon,
                   Daemon::Start({.directory = directory}));
  RETURN_IF_ERROR(PushScene(daemon->address()));
  RETURN_IF_ERROR(RunPipeline(daemon->address(), "soak", absl::Minutes(1)));
  return daemon;
}

}  // namespace headway::bench
