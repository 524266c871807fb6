#include "daemon/ingest/pull/assumed_vintages.h"

#include <algorithm>
#include <map>
#include <utility>

#include "daemon/series/period.h"

namespace headway::ingest {

AssumedVintages::AssumedVintages(const StoredHistory& stored)
    : absent_until_(stored.absent_until) {
  const store::SeriesState& state = stored.state;
  for (size_t i = 0; i < state.ordinals.size(); ++i) {
    current_[state.ordinals[i]] = {state.values[i],
                                   series::StatusAt(state.statuses, i)};
  }
  for (const std::vector<int32_t>* ordinals :
       {&state.ordinals, &state.withdrawn}) {
    if (ordinals->empty()) continue;
    seen_.insert(ordinals->begin(), ordinals->end());
    first_stored_ = std::min(first_stored_, ordinals->front());
    last_stored_ = std::max(last_stored_, ordinals->back());
  }
}

std::vector<store::VintageUpdate> AssumedVintages::Apply(
    const CheckedBatch& batch, const series::SeriesInfo& info, absl::Time now) {
  std::map<absl::Time, store::VintageUpdate> updates;
  store::VintageUpdate& observed = updates[now];
  // What goes, first: a snapshot is judged against the state before it.
  for (int32_t ordinal : batch.withdrawn) {
    if (current_.contains(ordinal)) observed.withdrawn.push_back(ordinal);
  }
  if (batch.snapshot) {
    for (const auto& [ordinal, value] : current_) {
      if (!std::binary_search(batch.ordinals.begin(), batch.ordinals.end(),
                              ordinal)) {
        observed.withdrawn.push_back(ordinal);
      }
    }
    std::sort(observed.withdrawn.begin(), observed.withdrawn.end());
    observed.withdrawn.erase(
        std::unique(observed.withdrawn.begin(), observed.withdrawn.end()),
        observed.withdrawn.end());
  }
  for (int32_t ordinal : observed.withdrawn) current_.erase(ordinal);

  for (size_t i = 0; i < batch.ordinals.size(); ++i) {
    const int32_t ordinal = batch.ordinals[i];
    const auto known = current_.find(ordinal);
    const series::StatedValue stated = {batch.values[i],
                                        series::StatusAt(batch.statuses, i)};
    if (known != current_.end() && known->second == stated) continue;
    absl::Time known_at = now;
    const bool fills_gap = first_stored_ < ordinal && ordinal < last_stored_;
    if (seen_.insert(ordinal).second && !fills_gap) {
      const series::Period period = {info.key.frequency, ordinal};
      const absl::Time usual = series::EndTime(period) + info.release_lag;
      if (usual > absent_until_) known_at = std::min(now, usual);
    }
    store::VintageUpdate& update = updates[known_at];
    series::AppendStatus(stated.status, update.values.size(), &update.statuses);
    update.ordinals.push_back(ordinal);
    update.values.push_back(stated.value);
    current_[ordinal] = stated;
  }

  std::vector<store::VintageUpdate> in_order;
  for (auto& [known_at, update] : updates) {
    update.info = info;
    update.known_at = known_at;
    in_order.push_back(std::move(update));
  }
  return in_order;
}

}  // namespace headway::ingest
