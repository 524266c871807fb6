#include "tools/headway/commands/evidence/plot.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/chart/figure.h"
#include "tools/headway/input/files.h"

namespace headway::cli {
namespace {

constexpr double kNotDrawn = std::numeric_limits<double>::quiet_NaN();

// One number of each period.
template <typename Get>
std::vector<double> DrawnColumn(const Report& report, Get get) {
  std::vector<double> values;
  for (const PeriodResult& period : report.periods) {
    values.push_back(get(period));
  }
  return values;
}

void AddBandIfAny(std::vector<double> low, std::vector<double> high,
                  chart::Panel& panel) {
  if (std::all_of(low.begin(), low.end(),
                  [](double value) { return std::isnan(value); })) {
    return;
  }
  panel.bands.push_back(
      {.name = "interval", .low = std::move(low), .high = std::move(high)});
}

chart::Panel OutcomePanel(const Report& report) {
  chart::Panel panel{.name = "outcome"};
  AddBandIfAny(DrawnColumn(report,
                           [](const PeriodResult& one) {
                             return one.low.value_or(kNotDrawn);
                           }),
               DrawnColumn(report,
                           [](const PeriodResult& one) {
                             return one.high.value_or(kNotDrawn);
                           }),
               panel);
  panel.lines.push_back(
      {.name = "observed",
       .values = DrawnColumn(report, [](const PeriodResult& one) {
         return one.observed.value_or(kNotDrawn);
       })});
  panel.lines.push_back(
      {.name = "counterfactual",
       .values = DrawnColumn(
           report, [](const PeriodResult& one) { return one.counterfactual; }),
       .style = chart::LineStyle::kDashed,
       .colour = 2});
  return panel;
}

chart::Panel EffectPanel(const Report& report) {
  chart::Panel panel{.name = "effect", .with_zero = true};
  AddBandIfAny(DrawnColumn(report,
                           [](const PeriodResult& one) {
                             return one.effect_low.value_or(kNotDrawn);
                           }),
               DrawnColumn(report,
                           [](const PeriodResult& one) {
                             return one.effect_high.value_or(kNotDrawn);
                           }),
               panel);
  for (const std::vector<double>& placebo : report.placebo_effects) {
    panel.lines.push_back({.name = panel.lines.empty() ? "placebos" : "",
                           .values = placebo,
                           .style = chart::LineStyle::kFaint,
                           .colour = 3});
  }
  panel.lines.push_back(
      {.name = "effect",
       .values = DrawnColumn(
           report, [](const PeriodResult& one) { return one.effect; })});
  return panel;
}

}  // namespace

absl::Status PlotReport(const Report& report, const std::string& path) {
  if (report.periods.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "--plot: ", report.method, " has no effects by period to draw"));
  }
  chart::Figure figure{.title = report.title};
  for (const PeriodResult& period : report.periods) {
    figure.periods.push_back(period.period);
  }
  figure.panels = {OutcomePanel(report), EffectPanel(report)};
  figure.marked = report.first_treated;
  if (report.first_treated) figure.mark_name = "treatment";
  ASSIGN_OR_RETURN(const std::string svg, chart::ToSvg(figure));
  return WriteFile(path, svg);
}

}  // namespace headway::cli
