// Structured logs: one line each on standard error, in logfmt.
//
//   Log(LogLevel::kWarning, "plugin parked", {{"plugin", name}});
//
//   2026-03-05T06:30:00.123456Z warning msg="plugin parked" plugin=census
//
// Thread-safe: a line is written in one piece. Callers keep secrets out of the
// fields; ingest redacts what plugins say.
#ifndef HEADWAY_DAEMON_BASE_LOG_H_
#define HEADWAY_DAEMON_BASE_LOG_H_

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace headway {

enum class LogLevel { kInfo, kWarning, kError };

struct LogField {
  absl::string_view key;
  std::string value;
};

void Log(LogLevel level, absl::string_view message,
         std::initializer_list<LogField> fields = {});

// The line that Log writes, without its newline.
std::string FormatLogLine(absl::Time time, LogLevel level,
                          absl::string_view message,
                          std::initializer_list<LogField> fields);

}  // namespace headway

#endif  // HEADWAY_DAEMON_BASE_LOG_H_
