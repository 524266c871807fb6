// What a plugin says to the daemon while it reads.
//
// The writer checks what it is given as the daemon would. The first mistake is
// kept in status(), nothing is written after it, and RunPlugin reports it; so
// the calls need no checks of their own. Not thread-safe.
#ifndef HEADWAY_PLUGINS_SDK_CPP_WRITER_H_
#define HEADWAY_PLUGINS_SDK_CPP_WRITER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/series/observation_status.h"
#include "daemon/series/period.h"
#include "daemon/series/series_info.h"

namespace headway::plugin::v1 {
class PluginMessage;
}

namespace headway::sdk {

using series::Frequency;
using series::ObservationStatus;
using series::ParsePeriod;
using series::Period;
using series::VintageKind;

struct Series {
  // A name for the series within this conversation. "" means its metric with
  // its labels.
  std::string id = {};
  std::string metric;
  std::map<std::string, std::string> labels = {};
  Frequency frequency;
  // In base units: "USD", "FLOP", "percent", "1".
  std::string unit;
  std::string title = {};
  std::string description = {};
  VintageKind vintage_kind = VintageKind::kObserved;
  // With kAssumed: the publisher's usual delay after the end of a period.
  absl::Duration release_lag = {};
  // Where the figures come from, for people.
  std::string source_name = {};
};

struct Observation {
  Period period;
  double value;
  ObservationStatus status = ObservationStatus::kFinal;
};

// Values of one series as known at one instant.
struct Batch {
  std::string series;
  std::vector<Observation> observations = {};
  // Given for kNative and for nothing else.
  std::optional<absl::Time> known_at = {};
  // The batch is the whole series: periods it leaves out are withdrawn.
  bool snapshot = false;
  std::vector<Period> withdrawn = {};
};

struct Checkpoint {
  // A part of the source with a cursor of its own; may be empty.
  std::string stream = {};
  // Given back by Request::checkpoint at the next read. At most 64 KiB.
  std::string state = {};
  // The stream was delivered whole: what earlier reads delivered and this one
  // did not is withdrawn, as of known_at or of the time of the read.
  bool complete = false;
  std::optional<absl::Time> known_at = {};
};

class Writer {
 public:
  using Emit = std::function<void(const plugin::v1::PluginMessage&)>;

  // `secrets` are struck out of all text. With `definitions_only` observations
  // and checkpoints are checked and dropped.
  Writer(Emit emit, std::vector<std::string> secrets, bool definitions_only);

  // Returns the id by which batches name the series.
  std::string Define(const Series& series);
  void Write(const Batch& batch);
  // One value of a series that is not kNative; kept until the checkpoint.
  void Observe(absl::string_view series, absl::string_view period, double value,
               ObservationStatus status = ObservationStatus::kFinal);
  // What was written since the last checkpoint is stored together with it.
  void Checkpoint(const struct Checkpoint& checkpoint);

  // A `total` of 0 is unknown.
  void Progress(int64_t done, int64_t total, absl::string_view message = "");
  void Info(absl::string_view message);
  void Warn(absl::string_view message);
  // Ends the conversation with an Error message.
  void Fail(const absl::Status& status);

  // The first mistake; an error too if values follow the last checkpoint.
  absl::Status status() const;
  int64_t series_count() const { return static_cast<int64_t>(known_.size()); }

 private:
  struct Known {
    Frequency frequency;
    VintageKind vintage_kind;
  };

  absl::Status TryDefine(const Series& series, const std::string& id);
  absl::Status TryWrite(const Batch& batch);
  void FlushObserved();
  void EmitData(const plugin::v1::PluginMessage& message);
  void Log(int level, absl::string_view message);
  std::string Redacted(absl::string_view text) const;
  void Keep(const absl::Status& status);

  const Emit emit_;
  const std::vector<std::string> secrets_;
  const bool definitions_only_;
  absl::Status first_error_;
  int64_t unsaved_values_ = 0;
  absl::flat_hash_map<std::string, Known> known_;
  std::map<std::string, Batch, std::less<>> observed_;
};

}  // namespace headway::sdk

#endif  // HEADWAY_PLUGINS_SDK_CPP_WRITER_H_
