#include "daemon/ingest/trial/transcript.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "daemon/ingest/protocol/redaction.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace headway::ingest {
namespace {

using plugin::v1::PluginMessage;

// The same bytes for the same message, whatever the order of its maps.
std::string Canonical(const PluginMessage& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

std::string Words(const plugin::v1::ObservationBatch& batch) {
  std::string words = absl::StrCat("observations of ", Quote(batch.series()),
                                   ": ", batch.values_size(), " values");
  if (batch.periods_size() > 0) {
    absl::StrAppend(&words, ", ", batch.periods(0), " to ",
                    batch.periods(batch.periods_size() - 1));
  }
  if (batch.withdrawn_periods_size() > 0) {
    absl::StrAppend(&words, ", ", batch.withdrawn_periods_size(),
                    " periods withdrawn");
  }
  if (batch.snapshot()) absl::StrAppend(&words, ", a snapshot");
  return words;
}

std::string Words(const plugin::v1::Checkpoint& checkpoint) {
  std::string words = "checkpoint";
  if (!checkpoint.stream().empty()) {
    absl::StrAppend(&words, " of stream ", Quote(checkpoint.stream()));
  }
  absl::StrAppend(&words, ": ", Quote(checkpoint.state()));
  if (checkpoint.complete()) absl::StrAppend(&words, ", complete");
  return words;
}

std::string Words(const PluginMessage& message) {
  switch (message.message_case()) {
    case PluginMessage::kSeries:
      return absl::StrCat("series ", Quote(message.series().id()), ": ",
                          message.series().metric());
    case PluginMessage::kObservations:
      return Words(message.observations());
    case PluginMessage::kCheckpoint:
      return Words(message.checkpoint());
    default:
      return "another message";
  }
}

}  // namespace

void Transcript::Add(const PluginMessage& message) {
  if (message.has_progress() || message.has_log()) return;
  if (message.has_checkpoint()) ++checkpoints_;
  lines_.push_back(
      {Words(message), absl::Hash<std::string>()(Canonical(message))});
  if (message.has_observations()) AddValues(message.observations());
}

void Transcript::AddValues(const plugin::v1::ObservationBatch& batch) {
  const std::string instant = batch.has_known_at()
                                  ? absl::StrCat(batch.known_at().seconds(),
                                                 ".", batch.known_at().nanos())
                                  : "";
  const int count = std::min(batch.periods_size(), batch.values_size());
  for (int i = 0; i < count && !contradiction_; ++i) {
    const auto [there, is_new] = values_.try_emplace(
        absl::StrCat(batch.series(), "\n", instant, "\n", batch.periods(i)),
        batch.values(i), lines_.size());
    if (is_new || there->second.first == batch.values(i)) continue;
    contradiction_ = absl::StrCat(
        "message ", lines_.size(), " gives ", batch.periods(i), " of series ",
        Quote(batch.series()), " the value ", batch.values(i), " and message ",
        there->second.second, " the value ", there->second.first);
  }
}

std::optional<std::string> Transcript::FirstDifference(
    const Transcript& other) const {
  const size_t common = std::min(size(), other.size());
  for (size_t i = 0; i < common; ++i) {
    if (lines_[i].hash == other.lines_[i].hash) continue;
    return absl::StrCat("message ", i + 1, " was ", lines_[i].words,
                        ", and then ", other.lines_[i].words);
  }
  if (size() == other.size()) return std::nullopt;
  return absl::StrCat("there were ", size(), " messages, and then ",
                      other.size());
}

std::vector<std::string> Transcript::Lines(size_t limit) const {
  std::vector<std::string> lines;
  for (size_t i = 0; i < std::min(limit, size()); ++i) {
    lines.push_back(absl::StrCat("message ", i + 1, ": ", lines_[i].words));
  }
  if (size() > limit) {
    lines.push_back(absl::StrCat("… and ", size() - limit, " more"));
  }
  return lines;
}

}  // namespace headway::ingest
