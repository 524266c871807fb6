#include "tools/headway/render/run_progress.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/base/number_text.h"
#include "daemon/messages/run.h"
#include "tools/headway/render/format.h"
#include "tools/headway/render/pipeline_rows.h"
#include "tools/headway/render/table.h"

namespace headway::cli {
namespace {

constexpr int kBarWidth = 20;
constexpr int kSubjectWidth = 36;

std::string KindWord(const v1::RunStep& step) {
  return absl::AsciiStrToLower(v1::RunStep::Kind_Name(step.kind()));
}

std::string Counts(const v1::RunStep& step) {
  const std::string in = FormatCount(step.items_in());
  const std::string out = FormatCount(step.items_out());
  if (step.kind() == v1::RunStep::PULL) {
    return absl::StrCat(in, " observations read, ", out, " changed");
  }
  return absl::StrCat(
      in, " series, ", out,
      step.kind() == v1::RunStep::DERIVE ? " changed" : " issued");
}

// "pull      sample-trade        ", the same width for every step.
std::string Heading(const v1::RunStep& step) {
  const std::string subject = Truncate(step.subject(), kSubjectWidth);
  return absl::StrCat(absl::StrFormat("%-8s  ", KindWord(step)), subject,
                      std::string(kSubjectWidth - DisplayWidth(subject), ' '));
}

std::string DescribeEnd(const v1::RunStep& step) {
  const std::string elapsed = Elapsed(step.start_time(), step.end_time());
  switch (step.state()) {
    case v1::RunStep::FAILED:
      return step.error();
    case v1::RunStep::SKIPPED:
      return step.message().empty() ? "nothing to do" : step.message();
    default:
      return absl::StrCat(Counts(step), elapsed.empty() ? "" : ", ", elapsed,
                          step.message().empty() ? "" : "; ", step.message());
  }
}

std::string EndLine(const v1::RunStep& step, bool colour) {
  absl::string_view word = "done   ";
  Style style = Style::kGood;
  if (step.state() == v1::RunStep::FAILED) {
    word = "FAILED ";
    style = Style::kBad;
  } else if (step.state() == v1::RunStep::SKIPPED) {
    word = "skipped";
    style = Style::kFaint;
  }
  return absl::StrCat(Paint(word, style, colour), "  ", Heading(step), "  ",
                      DescribeEnd(step), "\n");
}

std::string LiveLine(const v1::RunStep& step) {
  const int percent =
      static_cast<int>(std::lround(100 * std::min(step.progress(), 1.0)));
  return absl::StrCat("running  ", Heading(step), "  ",
                      Bar(step.progress(), kBarWidth),
                      absl::StrFormat(" %3d %%  ", percent), step.message());
}

}  // namespace

std::string RunProgress::ChangedSteps(const v1::Run& run) {
  shown_.resize(run.steps_size(), v1::RunStep::PENDING);
  std::string lines;
  for (int i = 0; i < run.steps_size(); ++i) {
    const v1::RunStep& step = run.steps(i);
    if (step.state() == shown_[i]) continue;
    shown_[i] = step.state();
    if (messages::HasEnded(step)) {
      absl::StrAppend(&lines, EndLine(step, options_.colour));
    } else if (step.state() == v1::RunStep::WAITING) {
      absl::StrAppend(&lines, Paint("waiting", Style::kFaint, options_.colour),
                      "  ", Heading(step), "  ", step.message(), "\n");
    } else if (!options_.terminal && step.kind() == v1::RunStep::PULL &&
               step.state() == v1::RunStep::RUNNING) {
      absl::StrAppend(&lines, "running  ", Heading(step));
      absl::StripTrailingAsciiWhitespace(&lines);
      lines += '\n';
    }
  }
  return lines;
}

std::string RunProgress::LiveSteps(const v1::Run& run) {
  std::string lines;
  live_lines_ = 0;
  for (const auto& step : run.steps()) {
    if (step.state() != v1::RunStep::RUNNING) continue;
    // A line that wraps could not be drawn over.
    absl::StrAppend(&lines, Truncate(LiveLine(step), options_.width - 1), "\n");
    ++live_lines_;
  }
  return lines;
}

std::string RunProgress::Update(const v1::Run& run) {
  std::string text;
  if (live_lines_ > 0) {
    // Up to the first live line, and clear from there to the end.
    text = absl::StrCat("\x1b[", live_lines_, "F\x1b[J");
  }
  absl::StrAppend(&text, ChangedSteps(run));
  if (options_.terminal) absl::StrAppend(&text, LiveSteps(run));
  return text;
}

}  // namespace headway::cli
