#include "tools/bench/ingest/lines.h"

#include <charconv>
#include <filesystem>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::bench {
namespace {

constexpr char kScript[] = R"(#!/bin/sh
if [ "$1" = describe ]; then
  echo '{"description":{"name":"bench-lines","version":"1","protocolVersion":1}}'
else
  exec cat "${0%/*}/lines"
fi
)";

std::string LabelsOf(const series::SeriesInfo& info) {
  std::string text;
  for (const auto& [name, value] : info.key.labels.pairs()) {
    absl::StrAppend(&text, text.empty() ? "" : ",", "\"", name, "\":\"", value,
                    "\"");
  }
  return text;
}

std::string Definition(const Workload& workload, int series) {
  const series::SeriesInfo info = workload.InfoOf(series);
  return absl::StrCat(
      R"({"series":{"id":")", workload.IdOf(series), R"(","metric":")",
      info.key.metric, R"(","labels":{)", LabelsOf(info), R"(},"frequency":")",
      absl::AsciiStrToUpper(series::FrequencyName(info.key.frequency)),
      R"(","unit":")", info.unit.ToString(), R"(","title":")", info.title,
      R"(","sourceName":")", info.source_name, "\"}}\n");
}

void AppendNumber(double value, std::string* text) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value);
  text->append(digits, end.ptr);
}

std::string Observations(const Workload& workload, int series) {
  std::string text = absl::StrCat(R"({"observations":{"series":")",
                                  workload.IdOf(series), R"(","periods":[)");
  for (int i = 0; i < workload.values; ++i) {
    absl::StrAppend(&text, i == 0 ? "\"" : ",\"",
                    series::FormatPeriod(workload.PeriodOf(i)), "\"");
  }
  absl::StrAppend(&text, R"(],"values":[)");
  for (int i = 0; i < workload.values; ++i) {
    if (i > 0) text += ',';
    AppendNumber(workload.ValueOf(series, i), &text);
  }
  return text + "]}}\n";
}

}  // namespace

absl::Status WriteLinesPlugin(const std::string& path) {
  std::ofstream(path) << kScript;
  std::error_code error;
  std::filesystem::permissions(path, std::filesystem::perms{0755}, error);
  if (!error) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("cannot write ", path, ": ", error.message()));
}

absl::Status WriteLines(const Workload& workload, const std::string& path) {
  std::ofstream out(path);
  for (int commit = 0; commit < workload.commits(); ++commit) {
    const int end = workload.FirstSeries(commit + 1);
    for (int i = workload.FirstSeries(commit); i < end; ++i) {
      out << Definition(workload, i) << Observations(workload, i);
    }
    out << R"({"checkpoint":{"stream":")" << workload.StreamOf(commit)
        << "\"}}\n";
  }
  if (out.flush()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot write ", path));
}

}  // namespace headway::bench
