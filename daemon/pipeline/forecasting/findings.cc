#include "daemon/pipeline/forecasting/findings.h"

#include <cstdint>
#include <map>

#include "absl/status/statusor.h"
#include "daemon/forecast/anomalies.h"
#include "daemon/series/period.h"

namespace headway::pipeline {
namespace {

v1::Anomaly::Kind ToProto(forecast::AnomalyKind kind) {
  switch (kind) {
    case forecast::AnomalyKind::kOutlier:
      return v1::Anomaly::OUTLIER;
    case forecast::AnomalyKind::kLevelShift:
      return v1::Anomaly::LEVEL_SHIFT;
    case forecast::AnomalyKind::kJump:
      return v1::Anomaly::JUMP;
  }
  return v1::Anomaly::KIND_UNSPECIFIED;
}

v1::RegressorEffect::Scale ToProto(forecast::EffectScale scale) {
  switch (scale) {
    case forecast::EffectScale::kValues:
      return v1::RegressorEffect::VALUES;
    case forecast::EffectScale::kLogarithms:
      return v1::RegressorEffect::LOGARITHMS;
    case forecast::EffectScale::kLogits:
      return v1::RegressorEffect::LOGITS;
    case forecast::EffectScale::kSoftplus:
      return v1::RegressorEffect::SOFTPLUS;
  }
  return v1::RegressorEffect::SCALE_UNSPECIFIED;
}

v1::Anomaly ToProto(const forecast::Anomaly& anomaly, const SeriesWork& work,
                    const MendedColumn& column) {
  v1::Anomaly proto;
  const int32_t step = work.first_step + anomaly.position;
  proto.set_period(
      series::FormatPeriod({work.frequency, work.axis.OrdinalOf(step)}));
  proto.set_kind(ToProto(anomaly.kind));
  const int position = step - column.first_step;
  const auto shown = [&](double value) {
    return column.on_own_level ? column.on_own_level(position, value) : value;
  };
  proto.set_observed(shown(anomaly.observed));
  proto.set_expected(shown(anomaly.observed - anomaly.size));
  proto.set_deviations(anomaly.score);
  proto.set_treatment(anomaly.treatment ==
                              forecast::AnomalyTreatment::kHalfFitted
                          ? v1::Anomaly::HALF_FITTED
                          : v1::Anomaly::FITTED);
  return proto;
}

}  // namespace

absl::Status FillAnomalies(const SeriesWork& work, const MendedColumn& column,
                           const forecast::Forecast& made, v1::Forecast& to) {
  const auto found = forecast::FindAnomalies(work.values, work.options.season,
                                             work.options.stopped);
  if (absl::IsCancelled(found.status())) return found.status();
  std::map<int, forecast::Anomaly> by_position;
  // Without an answer the values are too few to tell.
  if (found.ok()) {
    for (const forecast::Anomaly& anomaly : *found) {
      by_position[anomaly.position] = anomaly;
    }
  }
  for (const forecast::Anomaly& anomaly : made.anomalies) {
    by_position[anomaly.position] = anomaly;
  }
  for (const auto& [position, anomaly] : by_position) {
    *to.add_anomalies() = ToProto(anomaly, work, column);
  }
  return absl::OkStatus();
}

void FillEffects(const forecast::Forecast& made, v1::Forecast& to) {
  for (const forecast::RegressorEffect& effect : made.effects) {
    v1::RegressorEffect& proto = *to.add_regressors();
    proto.set_name(effect.name);
    proto.set_coefficient(effect.coefficient);
    proto.set_standard_error(effect.standard_error);
    proto.set_scale(ToProto(effect.scale));
  }
}

}  // namespace headway::pipeline
