// What a plugin said in one conversation, kept so that two of them can be
// compared: of each message its place, a few words and a hash, not the message.
//
// Not thread-safe.
#ifndef HEADWAY_DAEMON_INGEST_TRIAL_TRANSCRIPT_H_
#define HEADWAY_DAEMON_INGEST_TRIAL_TRANSCRIPT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "headway/plugin/v1/plugin.pb.h"

namespace headway::ingest {

class Transcript {
 public:
  // Takes a message; those of progress and log count for nothing.
  void Add(const plugin::v1::PluginMessage& message);

  size_t size() const { return lines_.size(); }
  int checkpoints() const { return checkpoints_; }

  // The first message in which the other differs, in words; absent if there is
  // none.
  std::optional<std::string> FirstDifference(const Transcript& other) const;
  // The first period that was given two values known at one instant, in words.
  const std::optional<std::string>& contradiction() const {
    return contradiction_;
  }
  // A line for each message, the first `limit` of them.
  std::vector<std::string> Lines(size_t limit) const;

 private:
  struct Line {
    std::string words;
    size_t hash;
  };
  void AddValues(const plugin::v1::ObservationBatch& batch);

  std::vector<Line> lines_;
  int checkpoints_ = 0;
  // By series, instant and period: the value, and the message that gave it.
  absl::flat_hash_map<std::string, std::pair<double, size_t>> values_;
  std::optional<std::string> contradiction_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_TRIAL_TRANSCRIPT_H_
