#include "tools/headway/base/operation.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "daemon/messages/operation.h"
#include "tools/headway/render/format.h"
#include "tools/headway/render/operation_rows.h"

namespace headway::cli {
namespace {

// A line of standard error that is drawn anew at each update, and gone at the
// end. There is none unless that is a terminal: programs get the result alone.
class LiveLine {
 public:
  LiveLine() {
    winsize size = {};
    if (isatty(STDERR_FILENO) == 1 &&
        ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0) {
      width_ = size.ws_col;
    }
  }
  ~LiveLine() { Show(""); }
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  void Show(const std::string& text) const {
    if (width_ == 0) return;
    // A line that wraps could not be drawn over.
    std::fprintf(stderr, "\r\x1b[K%s", Truncate(text, width_ - 1).c_str());
    std::fflush(stderr);
  }

 private:
  int width_ = 0;
};

}  // namespace

absl::StatusOr<v1::Operation> AwaitEnd(Client& client, Interrupt& interrupt,
                                       const std::string& name) {
  v1::WatchOperationRequest request;
  request.set_name(name);
  grpc::ClientContext call;
  interrupt.SetAction([&call] { call.TryCancel(); });
  const auto no_action =
      absl::MakeCleanup([&interrupt] { interrupt.SetAction(nullptr); });
  const auto reader = client.operations().WatchOperation(&call, request);
  const LiveLine line;
  v1::Operation operation;
  while (reader->Read(&operation)) line.Show(OperationLine(operation));
  const absl::Status status = client.ToStatus(reader->Finish());
  if (messages::HasEnded(operation)) return operation;
  if (interrupt.was_called()) {
    const absl::string_view number = LastSegment(name);
    return absl::CancelledError(absl::StrCat(
        name, " goes on\n  watch it:  headway operation watch ", number,
        "\n  cancel it: headway operation cancel ", number));
  }
  RETURN_IF_ERROR(status);
  return absl::InternalError(
      absl::StrCat("the daemon stopped telling about ", name,
                   " before it ended; see headway operations"));
}

absl::Status StatusOf(const v1::Operation& operation) {
  switch (operation.state()) {
    case v1::Operation::SUCCEEDED:
      return absl::OkStatus();
    case v1::Operation::CANCELLED:
      return absl::CancelledError(
          absl::StrCat(operation.name(), " was cancelled"));
    default:
      return absl::Status(
          static_cast<absl::StatusCode>(operation.error().code()),
          operation.error().message());
  }
}

}  // namespace headway::cli
