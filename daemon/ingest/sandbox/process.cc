#include "daemon/ingest/sandbox/process.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "daemon/base/status_macros.h"
#include "daemon/ingest/egress/proxy.h"
#include "daemon/ingest/sandbox/child.h"
#include "daemon/ingest/sandbox/directory_size.h"
#include "daemon/ingest/sandbox/isolation.h"

namespace headway::ingest {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr absl::Duration kPollInterval = absl::Milliseconds(100);

// Carries a child's output to the observer until there is a reason to stop.
class Watch {
 public:
  Watch(const ProcessOptions& options, const ProcessObserver& observer,
        Child& child)
      : options_(options),
        observer_(observer),
        child_(child),
        output_left_(options.output_bytes) {
    if (options.wall_time < absl::Hours(24 * 365)) {
      deadline_ =
          SteadyClock::now() + absl::ToChronoNanoseconds(options.wall_time);
    }
  }

  // Why the program is over; kExited when it ended by itself.
  ProcessEnd Run() {
    while (true) {
      pollfd fds[3] = {{child_.output().get(), POLLIN, 0},
                       {child_.error_output().get(), POLLIN, 0},
                       {child_.pidfd(), POLLIN, 0}};
      ::poll(fds, 3, static_cast<int>(absl::ToInt64Milliseconds(Timeout())));
      // The group first: a child left behind could fill the pipes for ever.
      const bool exited = fds[2].revents != 0;
      if (exited) child_.KillGroup();
      std::optional<ProcessEnd> end;
      do {
        end = Transfer();
      } while (exited && !end && moved_);
      if (end) return *end;
      if (exited) return ProcessEnd::kExited;
      if (SteadyClock::now() >= deadline_) return ProcessEnd::kWallTime;
      if (!IsTimeToLook()) continue;
      if (observer_.cancelled && observer_.cancelled()) {
        return ProcessEnd::kCancelled;
      }
      if (WritesTooMuch()) return ProcessEnd::kWritableLimit;
    }
  }

  const absl::Status& refusal() const { return refusal_; }

 private:
  absl::Duration Timeout() const {
    absl::Duration left = absl::FromChrono(deadline_ - SteadyClock::now());
    left = std::max(left + absl::Milliseconds(1), absl::ZeroDuration());
    const bool looks = observer_.cancelled || !options_.writable.empty();
    return std::min(left, looks ? kPollInterval : absl::Hours(1));
  }

  // Whether to look at what nothing tells of.
  bool IsTimeToLook() {
    if (SteadyClock::now() < next_look_) return false;
    next_look_ =
        SteadyClock::now() + absl::ToChronoMilliseconds(kPollInterval) / 2;
    return true;
  }

  bool WritesTooMuch() const {
    return !options_.writable.empty() &&
           HoldsMoreThan(options_.writable, options_.writable_bytes,
                         options_.writable_files);
  }

  // Reads once from each pipe.
  std::optional<ProcessEnd> Transfer() {
    moved_ = false;
    absl::string_view bytes = Read(child_.error_output());
    if (!bytes.empty() && observer_.on_error_output) {
      observer_.on_error_output(bytes);
    }
    bytes = Read(child_.output());
    if (!bytes.empty() && observer_.on_output) {
      refusal_ = observer_.on_output(bytes);
      if (!refusal_.ok()) return ProcessEnd::kRefused;
    }
    if (output_left_ < 0) return ProcessEnd::kOutputLimit;
    return std::nullopt;
  }

  // What there is to read now, up to the size of the buffer and what is left
  // of the output limit; closes the pipe at its end.
  absl::string_view Read(FileDescriptor& pipe) {
    if (!pipe.is_open()) return "";
    ssize_t size = ::read(pipe.get(), buffer_.data(), buffer_.size());
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return "";
    if (size <= 0) {
      pipe.Close();
      return "";
    }
    moved_ = true;
    const int64_t allowed = std::clamp<int64_t>(output_left_, 0, size);
    output_left_ -= size;
    return absl::string_view(buffer_.data(), static_cast<size_t>(allowed));
  }

  const ProcessOptions& options_;
  const ProcessObserver& observer_;
  Child& child_;
  SteadyClock::time_point deadline_ =
      SteadyClock::now() + std::chrono::hours(24 * 365);
  SteadyClock::time_point next_look_;
  // Below 0: more was said than is allowed.
  int64_t output_left_;
  bool moved_ = false;
  absl::Status refusal_;
  std::string buffer_ = std::string(size_t{1} << 16, '\0');
};

}  // namespace

absl::StatusOr<ProcessResult> RunProcess(const ProcessOptions& options,
                                         const ProcessObserver& observer) {
  ASSIGN_OR_RETURN(std::unique_ptr<Child> child, Child::Start(options));
  std::optional<EgressProxy> proxy;
  if (FileDescriptor listener = child->TakeListener(); listener.is_open()) {
    proxy.emplace(
        std::move(listener),
        EgressProxy::Options{.hosts = options.hosts,
                             .limits = options.limits,
                             .quotas = options.quotas,
                             .resolve = options.isolation->options().resolve});
  }
  Watch watch(options, observer, *child);
  const ProcessEnd end = watch.Run();
  ProcessResult result = child->End(
      end == ProcessEnd::kExited ? absl::ZeroDuration() : options.term_grace);
  if (end != ProcessEnd::kExited) result.end = end;
  result.refusal = watch.refusal();
  if (proxy.has_value()) result.refused_connections = proxy->refusals();
  return result;
}

}  // namespace headway::ingest
