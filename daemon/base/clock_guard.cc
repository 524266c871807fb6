#include "daemon/base/clock_guard.h"

#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/instant_text.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"

namespace headway {
namespace {

constexpr char kRemedy[] =
    "nothing is stored until the machine says that its clock is synchronised "
    "(timedatectl, chronyc tracking) or the clock is set right; if it is right "
    "as it is, restart headwayd with --accept-clock";

constexpr char kInDoubt[] = "headway/clock-in-doubt";

absl::Status Doubted(absl::string_view message, bool is_new) {
  absl::Status status =
      absl::FailedPreconditionError(absl::StrCat(message, "; ", kRemedy));
  status.SetPayload(kInDoubt, absl::Cord());
  if (is_new) {
    Log(LogLevel::kError, "the clock is not believed",
        {{"reason", std::string(status.message())}});
  }
  return status;
}

std::string Days(absl::Duration duration) {
  return absl::StrCat(duration / absl::Hours(24), " days");
}

}  // namespace

bool IsClockInDoubt(const absl::Status& status) {
  return status.GetPayload(kInDoubt).has_value();
}

ClockGuard::ClockGuard(Clock* clock, const Options& options,
                       absl::Time last_commit)
    : clock_(clock), options_(options), believed_{last_commit, std::nullopt} {
  if (options.accept_clock) believed_ = {clock->Now(), clock->Elapsed()};
}

absl::Status ClockGuard::Check() {
  absl::MutexLock lock(&mutex_);
  const Look now = {clock_->Now(), clock_->Elapsed()};
  if (!believed_.elapsed) {
    RETURN_IF_ERROR(CheckGap(now));
  } else {
    const absl::Duration step =
        (now.wall - believed_.wall) - (*now.elapsed - *believed_.elapsed);
    RETURN_IF_ERROR(CheckStep(now, step));
  }
  believed_ = now;
  doubt_.reset();
  return absl::OkStatus();
}

absl::Status ClockGuard::CheckGap(const Look& now) {
  const absl::Duration gap = now.wall - believed_.wall;
  if (believed_.wall == absl::InfinitePast() || gap <= options_.max_gap ||
      clock_->IsSynchronised()) {
    return absl::OkStatus();
  }
  return Doubted(
      absl::StrCat("the clock shows ", FormatInstant(now.wall), ", ", Days(gap),
                   " after the last commit (", FormatInstant(believed_.wall),
                   "), and more than ", Days(options_.max_gap),
                   " need a clock that is known to be right"),
      !std::exchange(gap_said_, true));
}

absl::Status ClockGuard::CheckStep(const Look& now, absl::Duration step) {
  if (step <= kMaxStep) {
    if (step < -kMaxStep) {
      Log(LogLevel::kWarning, "the clock was set back",
          {{"by", absl::FormatDuration(-step)},
           {"now", FormatInstant(now.wall)}});
    } else if (doubt_) {
      Log(LogLevel::kInfo, "the clock is right again",
          {{"now", FormatInstant(now.wall)}});
    }
    return absl::OkStatus();
  }
  const bool moved =
      !doubt_ || absl::AbsDuration(step - doubt_->step) > kMaxStep;
  if (moved) doubt_ = Doubt{step, *now.elapsed};
  const bool settled =
      step <= options_.max_gap && *now.elapsed - doubt_->since >= kSettled;
  if (settled || clock_->IsSynchronised()) {
    Log(LogLevel::kWarning, "the clock was set forward",
        {{"by", absl::FormatDuration(step)}, {"now", FormatInstant(now.wall)}});
    return absl::OkStatus();
  }
  return Doubted(absl::StrCat("the clock shows ", FormatInstant(now.wall), ", ",
                              absl::FormatDuration(step),
                              " more than have passed since it showed ",
                              FormatInstant(believed_.wall)),
                 moved);
}

}  // namespace headway
