#include "tools/bench/report.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

namespace headway::bench {
namespace {

using Json = nlohmann::ordered_json;

// To five digits: no figure here is better than that.
Json Rounded(std::optional<double> value) {
  if (!value.has_value() || !std::isfinite(*value)) return nullptr;
  double rounded = 0;
  if (!absl::SimpleAtod(absl::StrFormat("%.5g", *value), &rounded)) {
    return nullptr;
  }
  return rounded;
}

}  // namespace

void Report::Add(absl::string_view metric, std::optional<double> value,
                 absl::string_view unit, absl::string_view note,
                 std::optional<Target> target) {
  figures_[std::string(metric)] = {value, std::string(unit)};
  Json line = {{"metric", std::string(metric)},
               {"value", Rounded(value)},
               {"unit", std::string(unit)},
               {"peer", nullptr},
               {"peer_value", nullptr}};
  if (target.has_value() && value.has_value()) {
    line["target"] = Rounded(target->bound);
    line["met"] =
        target->at_least ? *value >= target->bound : *value <= target->bound;
  }
  line["note"] = std::string(note);
  out_ << line.dump() << std::endl;
}

void Report::AddPeer(absl::string_view metric, absl::string_view peer,
                     std::optional<double> value, absl::string_view note) {
  const auto it = figures_.find(metric);
  const Figure figure = it == figures_.end() ? Figure() : it->second;
  const Json line = {
      {"metric", std::string(metric)}, {"value", Rounded(figure.value)},
      {"unit", figure.unit},           {"peer", std::string(peer)},
      {"peer_value", Rounded(value)},  {"note", std::string(note)}};
  out_ << line.dump() << std::endl;
}

std::optional<double> Report::Value(absl::string_view metric) const {
  const auto it = figures_.find(metric);
  return it == figures_.end() ? std::nullopt : it->second.value;
}

}  // namespace headway::bench
