#include "daemon/ingest/pull/suspicion.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "daemon/base/status_macros.h"
#include "daemon/series/observations.h"

namespace headway::ingest {
namespace {

constexpr int64_t kFewPeriods = 5;
constexpr double kManyWithdrawn = 0.4;
// In powers of ten.
constexpr double kOtherMagnitude = 1;
constexpr double kLeap = 2;
constexpr size_t kSteps = 12;

// The power of ten between two values; absent where there is none.
std::optional<double> Magnitude(double from, double to) {
  // Most of what is given again.
  if (from == to && from != 0) return 0;
  if (from == 0 || to == 0 || std::signbit(from) != std::signbit(to)) {
    return std::nullopt;
  }
  return std::log10(to / from);
}

// What the updates do to what stood.
class Comparison {
 public:
  // `is_first` of its series.
  void Add(const store::VintageUpdate& update,
           const series::Observations& stood, bool is_first) {
    if (is_first) stood_ += static_cast<int64_t>(stood.size());
    // Both columns rise.
    auto place = update.ordinals.begin();
    for (size_t i = 0; i < stood.size(); ++i) {
      while (place != update.ordinals.end() && *place < stood.ordinals[i]) {
        ++place;
      }
      const bool is_given =
          place != update.ordinals.end() && *place == stood.ordinals[i];
      if (is_given) {
        const double value = update.values[place - update.ordinals.begin()];
        if (auto power = Magnitude(stood.values[i], value)) {
          given_again_.push_back(*power);
        }
      } else if (update.snapshot || std::binary_search(update.withdrawn.begin(),
                                                       update.withdrawn.end(),
                                                       stood.ordinals[i])) {
        ++withdrawn_;
      }
    }
    if (is_first) AddStep(update, stood);
  }

  std::vector<std::string> Suspicions(const Delivery& delivery) {
    std::vector<std::string> found;
    if (delivery.complete && delivery.observations == 0 && stood_ > 0) {
      found.push_back(absl::StrCat("it delivers nothing, and ", stood_,
                                   " values of it stood"));
    } else if (withdrawn_ >= kFewPeriods &&
               static_cast<double>(withdrawn_) >
                   kManyWithdrawn * static_cast<double>(stood_)) {
      found.push_back(absl::StrCat(withdrawn_, " of ", stood_,
                                   " values would be withdrawn"));
    }
    if (static_cast<int64_t>(given_again_.size()) >= kFewPeriods) {
      const auto middle = given_again_.begin() +
                          static_cast<ptrdiff_t>(given_again_.size() / 2);
      std::nth_element(given_again_.begin(), middle, given_again_.end());
      if (std::abs(*middle) >= kOtherMagnitude) {
        found.push_back(absl::StrFormat(
            "the %d values given again are %.3g times what they were, in the "
            "median",
            given_again_.size(), std::pow(10, *middle)));
      }
    }
    if (leaps_ > 0 && 2 * leaps_ >= continued_) {
      found.push_back(absl::StrCat(
          "the next value of ", leaps_, " of ", continued_,
          " series leaps to a hundredfold or a hundredth of the last, such as ",
          leap_));
    }
    return found;
  }

 private:
  // The step from the last value that stood to the first one after it.
  void AddStep(const store::VintageUpdate& update,
               const series::Observations& stood) {
    if (stood.size() < 3) return;
    const auto next = std::upper_bound(
        update.ordinals.begin(), update.ordinals.end(), stood.ordinals.back());
    if (next == update.ordinals.end()) return;
    ++continued_;
    const size_t first = stood.size() > kSteps ? stood.size() - kSteps : 1;
    for (size_t i = first; i < stood.size(); ++i) {
      const auto step = Magnitude(stood.values[i - 1], stood.values[i]);
      if (!step || std::abs(*step) >= kOtherMagnitude) return;
    }
    const double value = update.values[next - update.ordinals.begin()];
    const auto step = Magnitude(stood.values.back(), value);
    if (!step || std::abs(*step) < kLeap) return;
    ++leaps_;
    if (leap_.empty()) leap_ = series::FormatSeriesKey(update.info.key);
  }

  int64_t stood_ = 0;
  int64_t withdrawn_ = 0;
  std::vector<double> given_again_;
  int64_t continued_ = 0;
  int64_t leaps_ = 0;
  std::string leap_;
};

std::string HeldKey(absl::string_view source) {
  return absl::StrCat("ingest/held/", source);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FindSuspicions(
    const store::Batch& batch, const Delivery& delivery,
    const store::Reader& reader) {
  Comparison comparison;
  std::map<series::SeriesKey, std::optional<store::SeriesId>> ids;
  for (const store::VintageUpdate& update : batch.updates) {
    const auto [id, is_new] = ids.try_emplace(update.info.key);
    if (is_new) {
      const auto entry =
          reader.FindSeriesOf(update.info.key, batch.provenance.source);
      if (entry.ok()) {
        id->second = entry->id;
      } else if (!absl::IsNotFound(entry.status())) {
        return entry.status();
      }
    }
    series::Observations stood;
    if (id->second) {
      ASSIGN_OR_RETURN(stood,
                       reader.Read(*id->second, {.as_of = update.known_at}));
    }
    comparison.Add(update, stood, is_new);
  }
  return comparison.Suspicions(delivery);
}

absl::Status HeldBack(absl::string_view source,
                      const std::vector<std::string>& suspicions) {
  return absl::FailedPreconditionError(absl::StrCat(
      "held back, for it looks wrong: ", absl::StrJoin(suspicions, "; "),
      "; look at what it fetched (headway source documents ", source,
      "); if it is right, headway source accept ", source,
      ", and the next pull is stored"));
}

store::Record HeldRecord(absl::string_view source,
                         std::optional<std::string> why) {
  return {store::RecordKind::kState, HeldKey(source), std::move(why)};
}

store::Record AcceptanceRecord(absl::string_view source, bool accepted) {
  return {store::RecordKind::kState, absl::StrCat("ingest/accepted/", source),
          accepted ? std::make_optional<std::string>("1") : std::nullopt};
}

absl::Status Accept(absl::string_view source, store::Store* store) {
  ASSIGN_OR_RETURN(const std::optional<std::string> held,
                   store->NewReader()->FindRecord(store::RecordKind::kState,
                                                  HeldKey(source)));
  if (!held) {
    return absl::NotFoundError(
        absl::StrCat("nothing of source ", source,
                     " is held back; there is nothing to "
                     "accept"));
  }
  store::Batch batch;
  batch.records = {HeldRecord(source, std::nullopt),
                   AcceptanceRecord(source, true)};
  return store->Commit(batch).status();
}

}  // namespace headway::ingest
