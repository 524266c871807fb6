#include "daemon/chart/figure.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/chart/panel.h"
#include "daemon/chart/svg.h"
#include "daemon/chart/ticks.h"

namespace headway::chart {
namespace {

constexpr double kWidth = 760;
constexpr double kMargin = 16;
constexpr double kFirstPanel = 250;
constexpr double kOtherPanel = 150;
constexpr double kRow = 18;
constexpr double kSwatch = 24;

absl::Status WrongLength(absl::string_view what, absl::string_view name,
                         size_t length, size_t periods) {
  return absl::InvalidArgumentError(absl::StrCat(
      what, " \"", name, "\" has ", length, " values for ", periods,
      " periods; give one a period, NaN where there is none"));
}

absl::Status CheckColour(absl::string_view name, int colour) {
  if (colour >= 1 && colour <= kColours) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", name, "\" has colour ", colour, "; colours are 1 to ", kColours));
}

bool HasNumber(const std::vector<double>& values) {
  return absl::c_any_of(values, [](double v) { return std::isfinite(v); });
}

absl::Status CheckPanel(const Panel& panel, size_t periods) {
  bool has_number = false;
  for (const Line& line : panel.lines) {
    if (line.values.size() != periods) {
      return WrongLength("line", line.name, line.values.size(), periods);
    }
    RETURN_IF_ERROR(CheckColour(line.name, line.colour));
    has_number |= HasNumber(line.values);
  }
  for (const Band& band : panel.bands) {
    for (const auto* bound : {&band.low, &band.high}) {
      if (bound->size() != periods) {
        return WrongLength("band", band.name, bound->size(), periods);
      }
      has_number |= HasNumber(*bound);
    }
    RETURN_IF_ERROR(CheckColour(band.name, band.colour));
  }
  if (has_number) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "panel \"", panel.name, "\" has no finite value to draw; leave it out"));
}

absl::Status CheckFigure(const Figure& figure) {
  if (figure.panels.empty() || figure.periods.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "figure \"", figure.title, "\" has no ",
        figure.panels.empty() ? "panel" : "period", "; give at least one"));
  }
  const size_t positions = figure.positions.size();
  if (positions != 0 && positions != figure.periods.size()) {
    return WrongLength("positions of", figure.title, positions,
                       figure.periods.size());
  }
  const auto falls =
      std::adjacent_find(figure.positions.begin(), figure.positions.end(),
                         [](double a, double b) { return !(b > a); });
  if (falls != figure.positions.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "positions of \"", figure.title, "\" do not rise after ", *falls));
  }
  if (figure.marked && *figure.marked >= figure.periods.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("marked period ", *figure.marked, " is not among the ",
                     figure.periods.size(), " of \"", figure.title, "\""));
  }
  for (const Panel& panel : figure.panels) {
    RETURN_IF_ERROR(CheckPanel(panel, figure.periods.size()));
  }
  return absl::OkStatus();
}

std::string DescriptionOf(const Figure& figure) {
  if (!figure.description.empty()) return figure.description;
  std::vector<std::string> parts;
  for (const Panel& panel : figure.panels) {
    std::vector<std::string> names;
    for (const Line& line : panel.lines) {
      if (!line.name.empty()) names.push_back(line.name);
    }
    for (const Band& band : panel.bands) {
      if (!band.name.empty()) names.push_back(band.name);
    }
    parts.push_back(absl::StrCat(panel.name, panel.name.empty() ? "" : ": ",
                                 absl::StrJoin(names, ", ")));
  }
  return absl::StrCat(
      "Lines from ", figure.periods.front(), " to ", figure.periods.back(),
      ". ", absl::StrJoin(parts, "; "),
      figure.marked
          ? absl::StrCat(". Marked before ", figure.periods[*figure.marked])
          : "",
      ".");
}

struct Entry {
  std::string name;
  std::string classes;
  bool is_band = false;
};

std::vector<Entry> LegendOf(const Panel& panel) {
  std::vector<Entry> entries;
  for (const Line& line : panel.lines) {
    if (line.name.empty()) continue;
    entries.push_back(
        {line.name, absl::StrCat("hc-line hc-s", line.colour,
                                 line.style == LineStyle::kDashed ? " hc-dashed"
                                 : line.style == LineStyle::kFaint ? " hc-faint"
                                                                   : "")});
  }
  for (const Band& band : panel.bands) {
    if (band.name.empty()) continue;
    entries.push_back(
        {band.name, absl::StrCat("hc-band hc-f", band.colour), true});
  }
  return entries;
}

// Lays texts out from the top down.
class Page {
 public:
  explicit Page(const Figure& figure) : figure_(figure) {}

  std::string Draw() {
    for (const std::string& line :
         Wrapped(figure_.title, (kWidth - 2 * kMargin) * 0.8)) {
      y_ += kRow + 4;
      absl::StrAppend(&body_,
                      TextAt(kMargin, y_, Anchor::kStart, "title", line));
    }
    SetSides();
    for (size_t i = 0; i < figure_.panels.size(); ++i) {
      DrawHead(figure_.panels[i]);
      DrawPanel(figure_.panels[i], i == 0);
    }
    DrawPeriods();
    return DocumentOf(
        {figure_.title, DescriptionOf(figure_), kWidth, y_ + kMargin}, body_);
  }

 private:
  // Room for the widest label of any panel.
  void SetSides() {
    double widest = 0;
    for (const Panel& panel : figure_.panels) {
      for (const NumberTick& tick : ValueTicks(panel)) {
        widest = std::max(widest, TextWidth(tick.label));
      }
    }
    area_.left = kMargin + widest + 8;
    area_.right = kWidth - kMargin;
    pixels_ = PeriodPixels(figure_, area_);
    if (figure_.marked) {
      const size_t at = *figure_.marked;
      mark_ = at == 0 ? area_.left : (pixels_[at - 1] + pixels_[at]) / 2;
    }
  }

  // The panel's name, then its legend, in as many rows as they need.
  void DrawHead(const Panel& panel) {
    y_ += kRow + 6;
    double x = kMargin;
    const auto take = [&](double width) {
      if (x > kMargin && x + width > kWidth - kMargin) {
        x = kMargin;
        y_ += kRow;
      }
      const double at = x;
      x += width + kMargin;
      return at;
    };
    const double room = kWidth - 2 * kMargin - kSwatch - 6;
    if (!panel.name.empty()) {
      const std::string name = Shortened(panel.name, room);
      absl::StrAppend(&body_, TextAt(take(TextWidth(name)), y_, Anchor::kStart,
                                     "tick", name));
    }
    for (const Entry& entry : LegendOf(panel)) {
      const std::string name = Shortened(entry.name, room);
      const double at = take(kSwatch + 6 + TextWidth(name));
      absl::StrAppend(
          &body_, Swatch(entry, at),
          TextAt(at + kSwatch + 6, y_, Anchor::kStart, "name", name));
    }
  }

  std::string Swatch(const Entry& entry, double x) const {
    const std::string from =
        absl::StrCat("M", Coordinate(x), ",", Coordinate(y_ - 4));
    const std::string right = absl::StrCat("h", Coordinate(kSwatch));
    if (!entry.is_band) return PathOf(absl::StrCat(from, right), entry.classes);
    return PathOf(absl::StrCat("M", Coordinate(x), ",", Coordinate(y_ - 9),
                               right, "v10h-", Coordinate(kSwatch), "Z"),
                  entry.classes);
  }

  // Above the first panel stands what the mark is.
  void DrawPanel(const Panel& panel, bool first) {
    if (first && mark_ && !figure_.mark_name.empty()) {
      y_ += kRow;
      const std::string name =
          Shortened(figure_.mark_name, kWidth / 2 - kMargin);
      const bool left = *mark_ < kWidth / 2;
      absl::StrAppend(&body_,
                      TextAt(*mark_, y_, left ? Anchor::kStart : Anchor::kEnd,
                             "tick", name));
    }
    area_.top = y_ + 12;
    area_.bottom = area_.top + (first ? kFirstPanel : kOtherPanel);
    absl::StrAppend(&body_, PanelSvg(panel, area_, pixels_, mark_));
    y_ = area_.bottom;
  }

  void DrawPeriods() {
    double widest = 0;
    for (const std::string& period : figure_.periods) {
      widest = std::max(widest, TextWidth(period));
    }
    widest = std::min(widest, 160.0) + 14;
    const auto most = static_cast<size_t>((area_.right - area_.left) / widest);
    y_ += kRow;
    double free_from = 0;
    for (const PeriodTick& tick : PeriodTicks(figure_.periods, most)) {
      const double x = pixels_[tick.place];
      const std::string label = Shortened(tick.label, 160);
      const double half = TextWidth(label) / 2;
      // Unevenly spaced periods may still be close to one another.
      if (x - half < free_from) continue;
      const double middle = std::min(x, kWidth - 2 - half);
      free_from = middle + half + 8;
      absl::StrAppend(&body_,
                      PathOf(absl::StrCat("M", Coordinate(x), ",",
                                          Coordinate(area_.bottom), "v5"),
                             "hc-axis"),
                      TextAt(middle, y_, Anchor::kMiddle, "tick", label));
    }
  }

  const Figure& figure_;
  std::string body_;
  double y_ = kMargin / 2;
  Area area_;
  std::vector<double> pixels_;
  std::optional<double> mark_;
};

}  // namespace

absl::StatusOr<std::string> ToSvg(const Figure& figure) {
  RETURN_IF_ERROR(CheckFigure(figure));
  return Page(figure).Draw();
}

}  // namespace headway::chart
