#include "tests/store/model/naive_model.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "daemon/series/period.h"

namespace headway::store {
namespace {

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

std::string Text(double value, series::ObservationStatus status) {
  std::string text = absl::StrFormat("%.17g", value);
  if (status == series::ObservationStatus::kFinal) return text;
  return absl::StrCat(text, " ", series::ObservationStatusName(status));
}

// The plainest way: a status for each value, then none if all are final.
void Append(int32_t ordinal, const Word& word, series::Observations* column) {
  column->statuses.resize(column->size());
  column->ordinals.push_back(ordinal);
  column->values.push_back(word.value);
  column->statuses.push_back(word.status);
  series::DropFinalStatuses(&column->statuses);
}

bool SameBits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
        return std::bit_cast<uint64_t>(x) == std::bit_cast<uint64_t>(y);
      });
}

}  // namespace

bool operator==(const Word& a, const Word& b) {
  return a.kind == b.kind &&
         std::bit_cast<uint64_t>(a.value) == std::bit_cast<uint64_t>(b.value) &&
         a.status == b.status;
}

NaiveSeries::NaiveSeries(std::vector<int32_t> periods)
    : periods_(std::move(periods)) {}

Words NaiveSeries::WordsOf(const VintageUpdate& update) const {
  Words words(periods_.size());
  auto index = [this](int32_t ordinal) {
    return std::lower_bound(periods_.begin(), periods_.end(), ordinal) -
           periods_.begin();
  };
  for (size_t i = 0; i < update.ordinals.size(); ++i) {
    words[index(update.ordinals[i])] = {Word::kValue, update.values[i],
                                        series::StatusAt(update.statuses, i)};
  }
  for (int32_t ordinal : update.withdrawn) {
    words[index(ordinal)] = {Word::kWithdrawn, 0};
  }
  if (update.snapshot) {
    for (Word& word : words) {
      if (word.kind == Word::kSilent) word.kind = Word::kWithdrawn;
    }
  }
  return words;
}

int64_t NaiveSeries::Apply(const VintageUpdate& update, CommitNumber commit) {
  const Words before = StateAsOf(update.known_at);
  const Words words = WordsOf(update);
  Vintage vintage;
  vintage.said.resize(periods_.size());
  vintage.commit = commit;
  const auto stored = vintages_.find(update.known_at);
  if (stored != vintages_.end()) vintage = stored->second;
  int64_t changed = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i].kind == Word::kSilent || words[i] == before[i]) continue;
    // Nothing is there to withdraw.
    if (words[i].kind == Word::kWithdrawn && before[i].kind == Word::kSilent) {
      continue;
    }
    Say(&vintage, update.known_at, i, words[i], before[i]);
    ++changed;
  }
  if (changed == 0) return 0;
  vintage.snapshot |= update.snapshot;
  vintages_[update.known_at] = vintage;
  if (vintage.commit != commit) return changed;
  // It covers what the series had when it was recorded.
  const Words state = StateAsOf(update.known_at);
  const auto spoken = [](const Word& word) {
    return word.kind != Word::kSilent;
  };
  Vintage& added = vintages_[update.known_at];
  added.first_covered = static_cast<int>(
      std::find_if(state.begin(), state.end(), spoken) - state.begin());
  added.last_covered = static_cast<int>(
      state.rend() - std::find_if(state.rbegin(), state.rend(), spoken) - 1);
  return changed;
}

// Puts a word into a vintage, and keeps it from those after it that were
// recorded without it.
void NaiveSeries::Say(Vintage* vintage, absl::Time known_at, size_t period,
                      Word word, Word stood) {
  const bool corrects = vintage->said[period].kind != Word::kSilent;
  vintage->said[period] = word;
  const int index = static_cast<int>(period);
  for (auto it = vintages_.upper_bound(known_at); it != vintages_.end(); ++it) {
    Vintage& later = it->second;
    if (later.said[period].kind != Word::kSilent) return;
    const bool covers =
        index >= later.first_covered && index <= later.last_covered;
    const bool speaks = covers && stood.kind != Word::kSilent && !corrects;
    if (!later.snapshot && !speaks) continue;
    later.said[period] =
        stood.kind == Word::kSilent ? Word{Word::kWithdrawn, 0} : stood;
    return;
  }
}

Words NaiveSeries::StateAsOf(absl::Time as_of) const {
  Words state(periods_.size());
  for (const auto& [known_at, vintage] : vintages_) {
    if (known_at > as_of) break;
    for (size_t i = 0; i < state.size(); ++i) {
      if (vintage.said[i].kind != Word::kSilent) state[i] = vintage.said[i];
    }
  }
  return state;
}

series::Observations NaiveSeries::Read(series::Frequency frequency,
                                       const ReadOptions& options) const {
  series::Observations column;
  column.frequency = frequency;
  const Words state = StateAsOf(options.as_of);
  for (size_t i = 0; i < state.size(); ++i) {
    if (state[i].kind != Word::kValue || periods_[i] < options.first ||
        periods_[i] > options.last) {
      continue;
    }
    Append(periods_[i], state[i], &column);
  }
  const auto beyond = vintages_.upper_bound(options.as_of);
  if (beyond != vintages_.begin()) column.known_at = std::prev(beyond)->first;
  return column;
}

std::string Difference(const series::Observations& got,
                       const series::Observations& expected) {
  if (got == expected && SameBits(got.values, expected.values)) return "";
  return absl::StrCat("the store says ", Describe(got), ", the model ",
                      Describe(expected));
}

std::string Difference(const std::vector<Vintage>& got,
                       const NaiveSeries& expected) {
  if (got.size() != expected.vintages().size()) {
    return absl::StrCat("the store lists ", got.size(),
                        " vintages, the model has ",
                        expected.vintages().size());
  }
  // The changes, laid over one another, are the states.
  std::map<int32_t, Word> state;
  auto model = expected.vintages().begin();
  Words model_state(expected.periods().size());
  for (const Vintage& vintage : got) {
    const std::string at =
        absl::StrCat("the vintage of ", Text(vintage.known_at), " ");
    if (vintage.known_at != model->first) {
      return absl::StrCat(at, "is that of ", Text(model->first),
                          " in the model");
    }
    for (size_t i = 0; i < model_state.size(); ++i) {
      const Word& said = model->second.said[i];
      if (said.kind != Word::kSilent) model_state[i] = said;
    }
    ++model;
    for (size_t i = 0; i < vintage.ordinals.size(); ++i) {
      const Word said{Word::kValue, vintage.values[i],
                      series::StatusAt(vintage.statuses, i)};
      auto [it, is_new] = state.try_emplace(vintage.ordinals[i], said);
      if (!is_new && it->second == said) {
        return absl::StrCat(at, "lists ", vintage.ordinals[i],
                            ", which did not change");
      }
      it->second = said;
    }
    for (int32_t ordinal : vintage.withdrawn) {
      if (state.erase(ordinal) == 0) {
        return absl::StrCat(at, "withdraws ", ordinal, ", which was not there");
      }
    }
    series::Observations is, should_be;
    for (const auto& [ordinal, word] : state) Append(ordinal, word, &is);
    for (size_t i = 0; i < model_state.size(); ++i) {
      if (model_state[i].kind != Word::kValue) continue;
      Append(expected.periods()[i], model_state[i], &should_be);
    }
    if (std::string text = Difference(is, should_be); !text.empty()) {
      return absl::StrCat("up to ", at, text);
    }
  }
  return "";
}

std::string Describe(const VintageUpdate& update) {
  std::string text = absl::StrCat(series::FormatSeriesKey(update.info.key),
                                  " known_at ", Text(update.known_at));
  if (update.snapshot) absl::StrAppend(&text, " snapshot");
  for (size_t i = 0; i < update.ordinals.size(); ++i) {
    absl::StrAppend(
        &text, " ", update.ordinals[i], "=",
        Text(update.values[i], series::StatusAt(update.statuses, i)));
  }
  for (int32_t ordinal : update.withdrawn) {
    absl::StrAppend(&text, " -", ordinal);
  }
  return text;
}

std::string Describe(const series::Observations& column) {
  std::string text = absl::StrCat("[known_at ", Text(column.known_at));
  for (size_t i = 0; i < column.size(); ++i) {
    absl::StrAppend(
        &text, " ", column.ordinals[i], "=",
        Text(column.values[i], series::StatusAt(column.statuses, i)));
  }
  return text + "]";
}

}  // namespace headway::store
