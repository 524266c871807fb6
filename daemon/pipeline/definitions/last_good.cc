#include "daemon/pipeline/definitions/last_good.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "google/protobuf/repeated_field.h"

namespace headway::pipeline {
namespace {

// Key: definitions/PIPELINE. Value: the file, a line break, the message.
constexpr char kLastGoodPrefix[] = "definitions/";

std::string Encode(const LastGood::Entry& entry) {
  return absl::StrCat(entry.file, "\n", entry.pipeline.SerializeAsString());
}

template <typename Part>
const Part* FindPart(const google::protobuf::RepeatedPtrField<Part>& parts,
                     const std::string& name) {
  for (const Part& part : parts) {
    if (part.name() == name) return &part;
  }
  return nullptr;
}

// Replaces the broken ones of `parts` by those of the same name in `good`.
template <typename Part>
void MendParts(const std::set<std::string>& broken,
               const google::protobuf::RepeatedPtrField<Part>& good,
               google::protobuf::RepeatedPtrField<Part>* parts,
               std::set<std::string>* kept) {
  for (Part& part : *parts) {
    if (broken.count(part.name()) == 0) continue;
    const Part* last = FindPart(good, part.name());
    if (last == nullptr) continue;
    kept->insert(part.name());
    part = *last;
  }
}

template <typename Part>
void RemoveParts(const std::set<std::string>& broken,
                 const std::set<std::string>& kept,
                 google::protobuf::RepeatedPtrField<Part>* parts) {
  for (int i = parts->size() - 1; i >= 0; --i) {
    const std::string& name = parts->Get(i).name();
    if (broken.count(name) > 0 && kept.count(name) == 0) {
      parts->DeleteSubrange(i, 1);
    }
  }
}

}  // namespace

config::v1::Pipeline Mend(const config::v1::Pipeline& now,
                          const BrokenParts& broken, const LastGood& last_good,
                          BrokenParts* kept) {
  config::v1::Pipeline mended = now;
  const auto found = last_good.pipelines.find(now.name());
  if (found == last_good.pipelines.end()) return mended;
  const config::v1::Pipeline& good = found->second.pipeline;
  if (broken.schedules.count(now.name()) > 0) {
    kept->schedules.insert(now.name());
    mended.clear_schedule();
    if (good.has_schedule()) *mended.mutable_schedule() = good.schedule();
  }
  MendParts(broken.sources, good.source(), mended.mutable_source(),
            &kept->sources);
  MendParts(broken.indicators, good.indicator(), mended.mutable_indicator(),
            &kept->indicators);
  return mended;
}

config::v1::PipelineFile MendFile(const std::string& file,
                                  const LastGood& last_good) {
  config::v1::PipelineFile mended;
  for (const auto& [name, entry] : last_good.pipelines) {
    if (entry.file == file) *mended.add_pipeline() = entry.pipeline;
  }
  return mended;
}

config::v1::Pipeline ValidParts(const config::v1::Pipeline& pipeline,
                                const BrokenParts& broken,
                                const BrokenParts& kept) {
  config::v1::Pipeline valid = pipeline;
  const std::string& name = pipeline.name();
  if (broken.schedules.count(name) > 0 && kept.schedules.count(name) == 0) {
    valid.clear_schedule();
  }
  RemoveParts(broken.sources, kept.sources, valid.mutable_source());
  RemoveParts(broken.indicators, kept.indicators, valid.mutable_indicator());
  return valid;
}

absl::StatusOr<LastGood> ReadLastGood(const store::Reader& reader) {
  ASSIGN_OR_RETURN(
      const auto records,
      reader.ScanRecords(store::RecordKind::kState, kLastGoodPrefix));
  LastGood last_good;
  for (const auto& [key, value] : records) {
    const size_t line = value.find('\n');
    LastGood::Entry entry;
    if (line == std::string::npos ||
        !entry.pipeline.ParseFromString(value.substr(line + 1))) {
      continue;
    }
    entry.file = value.substr(0, line);
    const std::string name(absl::StripPrefix(key, kLastGoodPrefix));
    last_good.pipelines[name] = std::move(entry);
  }
  return last_good;
}

std::vector<store::Record> LastGoodRecords(const LastGood& before,
                                           const LastGood& now) {
  std::vector<store::Record> records;
  const auto key = [](const std::string& name) {
    return absl::StrCat(kLastGoodPrefix, name);
  };
  for (const auto& [name, entry] : before.pipelines) {
    if (now.pipelines.count(name) > 0) continue;
    records.push_back({store::RecordKind::kState, key(name), std::nullopt});
  }
  for (const auto& [name, entry] : now.pipelines) {
    const auto old = before.pipelines.find(name);
    std::string value = Encode(entry);
    if (old != before.pipelines.end() && Encode(old->second) == value) continue;
    records.push_back({store::RecordKind::kState, key(name), std::move(value)});
  }
  return records;
}

}  // namespace headway::pipeline
