#include "daemon/chart/waterfall.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "daemon/base/number_text.h"
#include "daemon/base/status_macros.h"
#include "daemon/chart/svg.h"
#include "daemon/chart/ticks.h"

namespace headway::chart {
namespace {

constexpr double kPageWidth = 760;
constexpr double kSide = 16;
constexpr double kStepHeight = 26;
constexpr double kMostNameWidth = 240;
// Right of the bars, for the numbers.
constexpr double kNumberWidth = 90;

absl::Status CheckFinite(absl::string_view name, double value) {
  if (std::isfinite(value)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", name, "\" is ", value, "; a waterfall is drawn of finite numbers"));
}

class WaterfallPage {
 public:
  explicit WaterfallPage(const Waterfall& waterfall) : waterfall_(waterfall) {}

  std::string Draw() {
    for (const std::string& line :
         Wrapped(waterfall_.title, (kPageWidth - 2 * kSide) * 0.8)) {
      y_ += 22;
      absl::StrAppend(&body_, TextAt(kSide, y_, Anchor::kStart, "title", line));
    }
    SetScale();
    if (!waterfall_.unit.empty()) {
      y_ += 20;
      absl::StrAppend(
          &body_, TextAt(left_, y_, Anchor::kStart, "tick", waterfall_.unit));
    }
    DrawAxis();
    DrawTotal(waterfall_.start_name, waterfall_.start);
    double at = waterfall_.start;
    for (const Step& step : waterfall_.steps) {
      DrawStep(step, at);
      at += step.change;
    }
    DrawTotal(waterfall_.end_name, at);
    return DocumentOf(
        {waterfall_.title, Description(at), kPageWidth, y_ + kSide}, body_);
  }

 private:
  void SetScale() {
    double low = waterfall_.start;
    double high = low;
    double at = low;
    double widest = std::max(TextWidth(waterfall_.start_name),
                             TextWidth(waterfall_.end_name));
    for (const Step& step : waterfall_.steps) {
      at += step.change;
      low = std::min(low, at);
      high = std::max(high, at);
      widest = std::max(widest, TextWidth(step.name));
    }
    ticks_ = NumberTicks(low, high, 5);
    name_width_ = std::min(widest, kMostNameWidth);
    left_ = kSide + name_width_ + 12;
    right_ = kPageWidth - kSide - kNumberWidth;
  }

  double X(double value) const {
    const double low = ticks_.front().value;
    return left_ +
           (value - low) / (ticks_.back().value - low) * (right_ - left_);
  }

  void DrawAxis() {
    y_ += 18;
    const double rows = static_cast<double>(waterfall_.steps.size()) + 2;
    double free_from = 0;
    for (const NumberTick& tick : ticks_) {
      const double x = X(tick.value);
      absl::StrAppend(
          &body_,
          PathOf(absl::StrCat("M", Coordinate(x), ",", Coordinate(y_ + 6), "v",
                              Coordinate(rows * kStepHeight)),
                 "hc-grid"));
      const double half = TextWidth(tick.label) / 2;
      if (x - half < free_from) continue;
      free_from = x + half + 8;
      absl::StrAppend(&body_,
                      TextAt(x, y_, Anchor::kMiddle, "tick", tick.label));
    }
    y_ += 6;
  }

  // The row's name and number.
  void DrawTexts(absl::string_view name, absl::string_view number) {
    absl::StrAppend(
        &body_,
        TextAt(kSide, y_ + 17, Anchor::kStart, "name",
               Shortened(name, name_width_)),
        TextAt(kPageWidth - kSide, y_ + 17, Anchor::kEnd, "name", number));
    y_ += kStepHeight;
  }

  void DrawTotal(absl::string_view name, double value) {
    absl::StrAppend(&body_, PathOf(absl::StrCat("M", Coordinate(X(value)), ",",
                                                Coordinate(y_ + 4), "v18"),
                                   "hc-line hc-s1"));
    DrawTexts(name, FormatNumber(value));
  }

  void DrawStep(const Step& step, double from) {
    const double x0 = X(std::min(from, from + step.change));
    const double x1 = X(std::max(from, from + step.change));
    absl::StrAppend(
        &body_, "<rect class=\"", step.change < 0 ? "hc-f3" : "hc-f2",
        "\" x=\"", Coordinate(x0), "\" y=\"", Coordinate(y_ + 5), "\" width=\"",
        Coordinate(std::max(x1 - x0, 0.5)), "\" height=\"16\"/>\n");
    DrawTexts(step.name, FormatSigned(step.change));
  }

  std::string Description(double end) const {
    if (!waterfall_.description.empty()) return waterfall_.description;
    std::string text = absl::StrCat("From ", waterfall_.start_name, ", ",
                                    FormatNumber(waterfall_.start), ": ");
    for (const Step& step : waterfall_.steps) {
      absl::StrAppend(&text, step.name, " ", FormatSigned(step.change), ", ");
    }
    return absl::StrCat(text, "to ", waterfall_.end_name, ", ",
                        FormatNumber(end), ".");
  }

  const Waterfall& waterfall_;
  std::string body_;
  std::vector<NumberTick> ticks_;
  double name_width_ = 0;
  double left_ = 0;
  double right_ = 0;
  double y_ = 8;
};

}  // namespace

absl::StatusOr<std::string> ToSvg(const Waterfall& waterfall) {
  if (waterfall.steps.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "waterfall \"", waterfall.title, "\" has no step; give at least one"));
  }
  RETURN_IF_ERROR(CheckFinite(waterfall.start_name, waterfall.start));
  for (const Step& step : waterfall.steps) {
    RETURN_IF_ERROR(CheckFinite(step.name, step.change));
  }
  return WaterfallPage(waterfall).Draw();
}

}  // namespace headway::chart
