// What every command is given: the options that all of them share, and the
// place for what it is to do.
#ifndef HEADWAY_TOOLS_HEADWAY_BASE_CONTEXT_H_
#define HEADWAY_TOOLS_HEADWAY_BASE_CONTEXT_H_

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace headway::cli {

enum class Format { kTable, kJson, kCsv };

struct Context {
  // host:port, or unix:PATH.
  std::string address = "127.0.0.1:7311";
  Format format = Format::kTable;
  // For one call that answers once.
  double timeout_seconds = 60;
  // Left by the command that was parsed; main runs it once parsing is done, and
  // prints the message of a failure.
  std::function<absl::Status()> action;
};

}  // namespace headway::cli

#endif  // HEADWAY_TOOLS_HEADWAY_BASE_CONTEXT_H_
