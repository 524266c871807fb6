#include "daemon/pipeline/restamp.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "daemon/pipeline/issues/forecast_archive.h"
#include "headway/v1/forecast.pb.h"
#include "headway/v1/pipeline.pb.h"

namespace headway::pipeline {
namespace {

using store::Record;
using store::RecordKind;

constexpr size_t kRecordsAtOnce = 256;
// As failures.cc writes them.
constexpr absl::string_view kFailures = "failure/";
constexpr absl::string_view kSources = "source/";
constexpr absl::string_view kPulled = "/pulled";

absl::Status Unreadable(absl::string_view what, absl::string_view key) {
  return absl::DataLossError(
      absl::StrCat("the stored ", what, " ", key,
                   " cannot be read; restore the store from a backup"));
}

absl::Status RightForecast(const std::string& key, const std::string& bytes,
                           const schedule::RightInstant& right,
                           std::vector<Record>* records) {
  // INDICATOR/TIME/PLACE
  const std::vector<absl::string_view> parts = absl::StrSplit(key, '/');
  uint64_t place = 0;
  v1::Forecast forecast;
  if (parts.size() != 3 || !absl::SimpleHexAtoi(parts[2], &place) ||
      !forecast.ParseFromString(bytes)) {
    return Unreadable("forecast", key);
  }
  // Not `bytes`: labels have no order of their own.
  const std::string was = forecast.SerializeAsString();
  schedule::RightTimestamps(right, &forecast);
  forecast.set_run(schedule::RightRunName(forecast.run(), right));
  Record record = ArchiveForecast(parts[0], place, forecast);
  if (record.value == was) return absl::OkStatus();
  if (record.key != key) {
    records->push_back({RecordKind::kForecasts, key, std::nullopt});
  }
  records->push_back(std::move(record));
  return absl::OkStatus();
}

absl::Status RightForecasts(const store::Reader& reader,
                            const schedule::RightInstant& right,
                            std::vector<Record>* records) {
  std::string after;
  while (true) {
    ASSIGN_OR_RETURN(
        const auto some,
        reader.ScanRecords(RecordKind::kForecasts, "", after, kRecordsAtOnce));
    for (const auto& [key, bytes] : some) {
      RETURN_IF_ERROR(RightForecast(key, bytes, right, records));
    }
    if (some.size() < kRecordsAtOnce) return absl::OkStatus();
    after = some.back().first;
  }
}

absl::Status RightFailures(const store::Reader& reader,
                           const schedule::RightInstant& right,
                           std::vector<Record>* records) {
  ASSIGN_OR_RETURN(const auto failures,
                   reader.ScanRecords(RecordKind::kState, kFailures));
  for (const auto& [key, bytes] : failures) {
    v1::StepFailure failure;
    if (!failure.ParseFromString(bytes)) return Unreadable("failure", key);
    schedule::RightTimestamps(right, &failure);
    failure.set_run(schedule::RightRunName(failure.run(), right));
    std::string now = failure.SerializeAsString();
    if (now != bytes) {
      records->push_back({RecordKind::kState, key, std::move(now)});
    }
  }
  return absl::OkStatus();
}

absl::Status RightPulls(const store::Reader& reader,
                        const schedule::RightInstant& right,
                        std::vector<Record>* records) {
  ASSIGN_OR_RETURN(const auto sources,
                   reader.ScanRecords(RecordKind::kState, kSources));
  for (const auto& [key, text] : sources) {
    int64_t micros = 0;
    if (!absl::EndsWith(key, kPulled) || !absl::SimpleAtoi(text, &micros)) {
      continue;
    }
    const int64_t now = absl::ToUnixMicros(right(absl::FromUnixMicros(micros)));
    if (now == micros) continue;
    records->push_back({RecordKind::kState, key, absl::StrCat(now)});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Record>> RightRecords(
    const store::Reader& reader, const schedule::RightInstant& right) {
  std::vector<Record> records;
  RETURN_IF_ERROR(RightForecasts(reader, right, &records));
  RETURN_IF_ERROR(RightFailures(reader, right, &records));
  RETURN_IF_ERROR(RightPulls(reader, right, &records));
  return records;
}

}  // namespace headway::pipeline
