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

void AddTarget(const std::optional<Report::Target>& target,
               std::optional<double> value, Json& line) {
  if (!target.has_value() || !value.has_value()) return;
  line["target"] = Rounded(target->bound);
  if (target->most.has_value()) line["target_most"] = Rounded(*target->most);
  line["met"] =
      (target->at_least ? *value >= target->bound : *value <= target->bound) &&
      *value <= target->most.value_or(*value);
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
  AddTarget(target, value, line);
  line["note"] = std::string(note);
  out_ << line.dump() << std::endl;
}

void Report::AddPeer(absl::string_view metric, absl::string_view peer,
                     std::optional<double> value, absl::string_view note) {
  AddPeerOnPart(metric, peer, Value(metric), value, note);
}

void Report::AddPeerOnPart(absl::string_view metric, absl::string_view peer,
                           std::optional<double> own,
                           std::optional<double> value, absl::string_view note,
                           std::optional<Target> target) {
  const auto it = figures_.find(metric);
  const std::string unit = it == figures_.end() ? "" : it->second.unit;
  Json line = {{"metric", std::string(metric)},
               {"value", Rounded(own)},
               {"unit", unit},
               {"peer", std::string(peer)},
               {"peer_value", Rounded(value)}};
  AddTarget(target, own, line);
  line["note"] = std::string(note);
  out_ << line.dump() << std::endl;
}

std::optional<double> Report::Value(absl::string_view metric) const {
  const auto it = figures_.find(metric);
  return it == figures_.end() ? std::nullopt : it->second.value;
}

}  // namespace headway::bench
