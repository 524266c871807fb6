#include "daemon/ingest/plugin/parking.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"

namespace headway::ingest {
namespace {

std::string ParkingKey(absl::string_view source) {
  return absl::StrCat("ingest/parking/", source);
}

}  // namespace

absl::StatusOr<std::optional<Parking::Record>> Parking::Read(
    const std::string& source) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> text,
                   store_->NewReader()->FindRecord(store::RecordKind::kState,
                                                   ParkingKey(source)));
  if (!text.has_value()) return std::nullopt;
  // The last crash goes on to the end, line breaks and all.
  const std::vector<std::string> parts =
      absl::StrSplit(*text, absl::MaxSplits('\n', 3));
  Record record;
  int64_t until = 0;
  if (parts.size() != 4 || !absl::SimpleAtoi(parts[1], &record.crashes) ||
      !absl::SimpleAtoi(parts[2], &until)) {
    return absl::DataLossError(absl::StrCat("record ", ParkingKey(source),
                                            " is corrupt; headway source "
                                            "unpark ",
                                            source, " deletes it"));
  }
  record.hash = parts[0];
  record.until = absl::FromUnixMicros(until);
  record.last = parts[3];
  return record;
}

absl::Status Parking::Write(const std::string& source,
                            const std::optional<Record>& record) {
  std::optional<std::string> value;
  if (record.has_value()) {
    value = absl::StrCat(record->hash, "\n", record->crashes, "\n",
                         absl::ToUnixMicros(record->until), "\n", record->last);
  }
  store::Batch batch;
  batch.records.push_back(
      {store::RecordKind::kState, ParkingKey(source), std::move(value)});
  batch.provenance.source = source;
  return store_->Commit(batch).status();
}

absl::Duration Parking::PauseAfter(int crashes) const {
  // 2^20 of any pause is beyond the longest.
  const int doublings = std::min(crashes - options_.crashes_until_parked, 20);
  return std::min(options_.first_pause * (int64_t{1} << doublings),
                  options_.longest_pause);
}

absl::Status Parking::Check(const std::string& source,
                            const PluginInfo& plugin) const {
  ASSIGN_OR_RETURN(const std::optional<Record> record, Read(source));
  if (!record.has_value() || record->hash != plugin.hash ||
      record->crashes < options_.crashes_until_parked ||
      clock_->Now() >= record->until) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "source ", source, " is parked until ", FormatInstant(record->until),
      ": plugin ", plugin.name, " ended ", record->crashes,
      " times in a row without saying why; correct ", plugin.path,
      ", or the source, and headway source unpark ", source,
      " has it tried at once; the last time: ", record->last));
}

void Parking::RecordCrash(const std::string& source, const PluginInfo& plugin,
                          const absl::Status& crash) {
  absl::MutexLock lock(&mutex_);
  const absl::StatusOr<std::optional<Record>> before = Read(source);
  Record record;
  // Those of another executable do not count.
  if (before.ok() && before->has_value() && (*before)->hash == plugin.hash) {
    record = **before;
  }
  record.hash = plugin.hash;
  record.last = std::string(crash.message());
  ++record.crashes;
  if (record.crashes >= options_.crashes_until_parked) {
    record.until = clock_->Now() + PauseAfter(record.crashes);
    Log(LogLevel::kError, "source parked",
        {{"source", source},
         {"plugin", plugin.name},
         {"crashes", absl::StrCat(record.crashes)},
         {"until", FormatInstant(record.until)},
         {"last", record.last}});
  } else {
    record.until = absl::UnixEpoch();
  }
  if (absl::Status status = Write(source, record); !status.ok()) {
    Log(LogLevel::kError, "cannot store how often a plugin crashed",
        {{"source", source}, {"error", status.ToString()}});
  }
}

void Parking::RecordSuccess(const std::string& source) {
  absl::MutexLock lock(&mutex_);
  const absl::StatusOr<std::optional<Record>> record = Read(source);
  if (record.ok() && !record->has_value()) return;
  if (absl::Status status = Write(source, std::nullopt); !status.ok()) {
    Log(LogLevel::kError, "cannot store that a plugin crashes no more",
        {{"source", source}, {"error", status.ToString()}});
  }
}

absl::StatusOr<bool> Parking::Unpark(const std::string& source) {
  absl::MutexLock lock(&mutex_);
  const absl::StatusOr<std::optional<Record>> record = Read(source);
  if (record.ok() && !record->has_value()) return false;
  RETURN_IF_ERROR(Write(source, std::nullopt));
  return !record.ok() || (*record)->crashes >= options_.crashes_until_parked;
}

}  // namespace headway::ingest
