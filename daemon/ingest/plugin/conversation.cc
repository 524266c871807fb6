#include "daemon/ingest/plugin/conversation.h"

#include <signal.h>
#include <string.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/protocol/framing.h"
#include "daemon/ingest/protocol/redaction.h"
#include "daemon/ingest/sandbox/process.h"
#include "daemon/ingest/source/errors.h"
#include "google/protobuf/util/json_util.h"

namespace headway::ingest {
namespace {

using plugin::v1::PluginMessage;

// Keys of status payloads.
constexpr absl::string_view kCrashUrl = "headway/crash";
constexpr absl::string_view kSaidUrl = "headway/said";

constexpr size_t kLastWords = 3;
constexpr int64_t kMebibyte = int64_t{1} << 20;

std::string Variable(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return absl::StrCat(name, "=", value != nullptr ? value : fallback);
}

std::vector<std::string> Environment(const std::vector<Secret>& secrets) {
  std::vector<std::string> environment = {
      Variable("PATH", "/usr/local/bin:/usr/bin:/bin"),
      Variable("LANG", "C.UTF-8"), Variable("TZ", "UTC")};
  for (const Secret& secret : secrets) {
    environment.push_back(absl::StrCat(secret.name, "=", secret.value));
  }
  return environment;
}

absl::StatusOr<std::string> RequestLine(const plugin::v1::Request& request) {
  std::string line;
  // Fields are named as in plugin.proto, which authors read.
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  const auto status =
      google::protobuf::util::MessageToJsonString(request, &line, options);
  if (!status.ok()) {
    return absl::InternalError(
        absl::StrCat("cannot write the request as JSON: ", status.ToString()));
  }
  line.push_back('\n');
  return line;
}

absl::Status FromError(const plugin::v1::Error& error) {
  const std::string message = error.message().empty()
                                  ? "it failed and did not say why"
                                  : error.message();
  switch (error.class_()) {
    case plugin::v1::Error::CONFIG:
      return absl::FailedPreconditionError(message);
    case plugin::v1::Error::TRANSIENT: {
      absl::Status status = absl::UnavailableError(message);
      if (error.has_retry_after()) {
        const absl::Duration after =
            absl::Seconds(error.retry_after().seconds()) +
            absl::Nanoseconds(error.retry_after().nanos());
        return WithRetryAfter(std::move(status), after);
      }
      return status;
    }
    default:
      return absl::InternalError(message);
  }
}

std::string LevelPrefix(plugin::v1::LogLine::Level level) {
  switch (level) {
    case plugin::v1::LogLine::WARNING:
      return "warning: ";
    case plugin::v1::LogLine::ERROR:
      return "error: ";
    default:
      return "";
  }
}

// The same status with another message.
absl::Status WithMessage(const absl::Status& status,
                         absl::string_view message) {
  absl::Status changed(status.code(), message);
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    changed.SetPayload(url, payload);
  });
  return changed;
}

// The signal by which somebody else ended the program. A program faults by
// other signals; a shell whose child was ended by one says 128 and its number.
std::optional<int> SignalFromOutside(const ProcessResult& result) {
  const bool signalled = result.end == ProcessEnd::kSignalled;
  const int signal = signalled ? result.signal : result.exit_status - 128;
  for (int outside : {SIGTERM, SIGINT, SIGHUP, SIGKILL}) {
    if (signal == outside) return signal;
  }
  return std::nullopt;
}

// What is kept while a plugin talks.
class Conversation {
 public:
  Conversation(const Invocation& invocation, const Listener& listener)
      : invocation_(invocation),
        listener_(listener),
        redactor_(MakeRedactor(invocation.secrets)),
        log_(&redactor_) {}

  absl::StatusOr<std::vector<std::string>> Run() {
    absl::Status status = Execute();
    if (status.ok()) return log_.lines();
    status = redactor_.Clean(Annotate(
        status,
        absl::StrCat("plugin ", invocation_.plugin, ", ", invocation_.verb)));
    return WithLog(std::move(status), log_.lines());
  }

 private:
  absl::Status Execute();
  absl::Status Judge(const ProcessResult& result);
  absl::Status Crash(const ProcessResult& result) const;
  absl::Status Interruption(int signal) const;
  absl::Status Handle(const PluginMessage& message);
  void ReportProgress(const plugin::v1::Progress& progress) const;
  // "; it last logged: …", or "".
  std::string LastWords() const;

  const Invocation& invocation_;
  const Listener& listener_;
  const Redactor redactor_;
  LogTail log_;
  MessageDecoder decoder_;
  std::optional<plugin::v1::Error> error_;
};

absl::Status Conversation::Execute() {
  const Limits& limits = invocation_.limits;
  ProcessOptions options;
  options.path = invocation_.path;
  options.arguments = {invocation_.verb};
  options.environment = Environment(invocation_.secrets);
  options.environment.insert(options.environment.begin(),
                             invocation_.environment.begin(),
                             invocation_.environment.end());
  ASSIGN_OR_RETURN(options.input, RequestLine(invocation_.request));
  options.wall_time = limits.wall_time;
  options.cpu_time = limits.cpu_time;
  options.memory_bytes = limits.memory_bytes;
  options.output_bytes = limits.output_bytes;
  options.scratch_bytes = limits.scratch_bytes;
  options.processes = limits.max_processes;
  options.isolation = invocation_.isolation;
  options.readable = invocation_.readable;
  options.writable = invocation_.writable;
  options.writable_bytes = invocation_.writable_bytes;
  options.hosts = invocation_.hosts;
  options.limits = invocation_.limits_of_hosts;
  options.quotas = invocation_.quotas;

  ProcessObserver observer;
  observer.on_output = [this](absl::string_view bytes) {
    return decoder_.Feed(bytes, [this](const PluginMessage& message) {
      return Handle(message);
    });
  };
  observer.on_error_output = [this](absl::string_view bytes) {
    log_.Append(bytes);
  };
  observer.cancelled = listener_.cancelled;
  ASSIGN_OR_RETURN(ProcessResult result, RunProcess(options, observer));
  log_.Finish();
  if (listener_.on_end) listener_.on_end(result);
  absl::Status status = Judge(result);
  for (const std::string& line : result.refused_connections) {
    log_.AddLine(absl::StrCat("warning: ", line));
  }
  if (status.ok() || result.refused_connections.empty()) return status;
  // What a plugin says of it is that something could not be reached.
  return WithMessage(status, absl::StrCat(status.message(), "; ",
                                          result.refused_connections.front()));
}

absl::Status Conversation::Judge(const ProcessResult& result) {
  const Limits& limits = invocation_.limits;
  switch (result.end) {
    case ProcessEnd::kRefused:
      return result.refusal;
    case ProcessEnd::kCancelled:
      return absl::CancelledError("ended, as was asked");
    case ProcessEnd::kWallTime:
      return absl::InternalError(absl::StrCat(
          "ended, for it took longer than the ",
          absl::FormatDuration(limits.wall_time),
          " it is allowed; raise wall_time in the source's limits if it "
          "needs them",
          LastWords()));
    case ProcessEnd::kOutputLimit:
      return absl::InternalError(absl::StrCat(
          "ended, for it wrote more than the ", limits.output_bytes,
          " bytes it is allowed; raise output_bytes in the source's limits if "
          "it needs them",
          LastWords()));
    case ProcessEnd::kWritableLimit:
      return absl::InternalError(absl::StrCat(
          "ended, for its documents took more than the ",
          invocation_.writable_bytes / kMebibyte,
          " MiB they may; raise max_pull_bytes in the documents of the source "
          "if it needs them",
          LastWords()));
    case ProcessEnd::kExited:
    case ProcessEnd::kSignalled:
      break;
  }
  absl::Status last = decoder_.Finish(
      [this](const PluginMessage& message) { return Handle(message); });
  if (error_.has_value()) {
    absl::Status said = FromError(*error_);
    said.SetPayload(kSaidUrl, absl::Cord("1"));
    return said;
  }
  const bool clean =
      result.end == ProcessEnd::kExited && result.exit_status == 0;
  if (clean) return last;
  const std::optional<int> signal = SignalFromOutside(result);
  return signal.has_value() ? Interruption(*signal) : Crash(result);
}

absl::Status Conversation::Interruption(int signal) const {
  return AsInterrupted(absl::UnavailableError(
      absl::StrCat("ended by signal ", signal, " (", ::strsignal(signal),
                   "), which the daemon did not send; if nobody stopped it, "
                   "see whether the machine ran out of memory",
                   LastWords())));
}

absl::Status Conversation::Crash(const ProcessResult& result) const {
  std::string how;
  if (result.end == ProcessEnd::kExited) {
    how = absl::StrCat("ended with status ", result.exit_status,
                       " without saying why");
  } else if (result.signal == SIGXCPU) {
    how = absl::StrCat(
        "killed, for it used more CPU time than the ",
        absl::FormatDuration(invocation_.limits.cpu_time),
        " it is allowed; raise cpu_time in the source's limits if it needs it");
  } else if (result.signal == SIGXFSZ) {
    how = absl::StrCat("killed, for it wrote a file larger than the ",
                       kMaxFileBytes / kMebibyte, " MiB it is allowed");
  } else {
    how = absl::StrCat("crashed by signal ", result.signal, " (",
                       ::strsignal(result.signal), ")");
  }
  absl::Status status = absl::InternalError(absl::StrCat(
      how, " (its memory was limited to ",
      invocation_.limits.memory_bytes / kMebibyte, " MiB)", LastWords()));
  status.SetPayload(kCrashUrl, absl::Cord("1"));
  return status;
}

absl::Status Conversation::Handle(const PluginMessage& message) {
  switch (message.message_case()) {
    case PluginMessage::kProgress:
      ReportProgress(message.progress());
      return absl::OkStatus();
    case PluginMessage::kLog:
      log_.AddLine(absl::StrCat(LevelPrefix(message.log().level()),
                                message.log().message()));
      return absl::OkStatus();
    case PluginMessage::kError:
      if (!error_.has_value()) error_ = message.error();
      return absl::OkStatus();
    default:
      if (error_.has_value()) return absl::OkStatus();
      return listener_.on_message(message);
  }
}

void Conversation::ReportProgress(const plugin::v1::Progress& progress) const {
  if (!listener_.on_progress) return;
  std::optional<double> fraction;
  if (progress.total() > 0) {
    fraction = std::clamp(static_cast<double>(progress.done()) /
                              static_cast<double>(progress.total()),
                          0.0, 1.0);
  }
  listener_.on_progress(fraction, redactor_.Clean(progress.message()));
}

std::string Conversation::LastWords() const {
  const std::string words = log_.Last(kLastWords);
  return words.empty() ? "" : absl::StrCat("; it last logged: ", words);
}

}  // namespace

Redactor MakeRedactor(const std::vector<Secret>& secrets) {
  std::vector<std::string> values;
  for (const Secret& secret : secrets) values.push_back(secret.value);
  return Redactor(values);
}

absl::StatusOr<std::vector<std::string>> Converse(const Invocation& invocation,
                                                  const Listener& listener) {
  return Conversation(invocation, listener).Run();
}

bool IsCrash(const absl::Status& status) {
  return status.GetPayload(kCrashUrl).has_value();
}

bool IsSaid(const absl::Status& status) {
  return status.GetPayload(kSaidUrl).has_value();
}

}  // namespace headway::ingest
