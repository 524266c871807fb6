// A program that runs: its start, alone or in a sandbox, and its end.
// Not thread-safe; any number may be started at once.
#ifndef HEADWAY_DAEMON_INGEST_SANDBOX_CHILD_H_
#define HEADWAY_DAEMON_INGEST_SANDBOX_CHILD_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/base/file_descriptor.h"
#include "daemon/ingest/sandbox/private_directory.h"
#include "daemon/ingest/sandbox/process.h"
#include "daemon/ingest/sandbox/user_ids.h"

namespace headway::ingest {

// Destruction kills it, all of its group and all of its sandbox.
class Child {
 public:
  // Returns when the program itself runs, or could not be made to.
  static absl::StatusOr<std::unique_ptr<Child>> Start(
      const ProcessOptions& options);
  ~Child();

  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Non-blocking.
  FileDescriptor& output() { return output_; }
  FileDescriptor& error_output() { return error_output_; }
  int pidfd() const { return pidfd_.get(); }
  // Listens where the program looks for the proxy; not open without one.
  FileDescriptor TakeListener() { return std::move(listener_); }

  // Kills what is left, the program with `grace` after TERM, waits until it is
  // gone, and fills in how the program ended. The group's number cannot become
  // another's before.
  ProcessResult End(absl::Duration grace);
  void KillGroup();

 private:
  struct Pipes;

  Child() = default;
  absl::Status Launch(const ProcessOptions& options, Pipes& pipes);
  absl::Status AwaitExec(const ProcessOptions& options, FileDescriptor report);
  absl::Status ReceiveListener(FileDescriptor channel);

  bool is_sandboxed_ = false;
  UserIds::Lease user_;
  // Without a sandbox.
  std::optional<PrivateDirectory> directory_;
  pid_t pid_ = -1;
  FileDescriptor pidfd_;
  FileDescriptor output_;
  FileDescriptor error_output_;
  FileDescriptor listener_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_SANDBOX_CHILD_H_
