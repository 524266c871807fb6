#include "daemon/store/history/catalogue.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/format/format.h"

namespace headway::store {
namespace {

using series::Matcher;
using series::MatchOp;
using series::Selector;
using series::SeriesKey;

constexpr absl::string_view kMetricName = "";
// Descriptions that are read by one request.
constexpr size_t kSeriesAtOnce = 256;

// The series in one range of the index, in rising order.
class Postings {
 public:
  Postings(const View& view, const std::string& prefix)
      : prefix_(prefix),
        it_(view.NewCursor(Family::kIndex, {prefix, PrefixEnd(prefix)})) {
    it_->SeekToFirst();
  }

  bool Valid() const { return it_->Valid(); }
  absl::Status status() const { return it_->status(); }
  absl::StatusOr<SeriesId> id() const {
    return DecodeId(it_->key().substr(prefix_.size()));
  }
  void Next() { it_->Next(); }
  // To the first series at or after `id`.
  void Seek(SeriesId id) { it_->Seek(absl::StrCat(prefix_, EncodeId(id))); }

 private:
  std::string prefix_;
  std::unique_ptr<Cursor> it_;
};

// A matcher that the index can answer without looking at every series: one
// that an absent label does not match. A 00 separates the parts of a key and is
// in no label, so it must not get into a prefix.
bool IsIndexable(const Matcher& matcher) {
  return (matcher.op() == MatchOp::kEqual || matcher.op() == MatchOp::kRegex) &&
         !matcher.Matches("") &&
         matcher.value().find('\0') == std::string::npos;
}

// The series that are in all the postings. Each list in turn leaps to the
// least series that it could share with the others (leapfrog join), so that
// the cost follows the shortest list.
absl::StatusOr<std::vector<SeriesId>> Intersect(std::vector<Postings> lists) {
  std::vector<SeriesId> ids;
  SeriesId candidate = 0;
  size_t agreeing = 0;
  for (size_t i = 0;; i = (i + 1) % lists.size()) {
    Postings& list = lists[i];
    list.Seek(candidate);
    if (!list.Valid()) {
      RETURN_IF_ERROR(list.status());
      return ids;
    }
    ASSIGN_OR_RETURN(SeriesId id, list.id());
    agreeing = id == candidate ? agreeing + 1 : 1;
    candidate = id;
    if (agreeing == lists.size()) {
      ids.push_back(candidate++);
      agreeing = 0;
    }
  }
}

// The series with a value of the label that the matcher accepts, unsorted:
// tries each value once, however many series have it.
absl::StatusOr<std::vector<SeriesId>> MatchValues(const View& view,
                                                  const Matcher& matcher) {
  std::vector<SeriesId> ids;
  const std::string prefix = IndexPrefix(matcher.name());
  const std::unique_ptr<Cursor> it =
      view.NewCursor(Family::kIndex, {prefix, PrefixEnd(prefix)});
  it->SeekToFirst();
  while (it->Valid()) {
    const absl::string_view value_and_id = it->key().substr(prefix.size());
    const size_t end = value_and_id.find('\0');
    if (end == absl::string_view::npos) {
      return absl::DataLossError(
          absl::StrCat("store ", view.location(),
                       ": the index holds a malformed key of label ",
                       matcher.name(), "; restore it from a backup"));
    }
    const std::string value(value_and_id.substr(0, end));
    const std::string value_prefix = IndexPrefix(matcher.name(), value);
    if (matcher.Matches(value)) {
      Postings list(view, value_prefix);
      for (; list.Valid(); list.Next()) {
        ASSIGN_OR_RETURN(SeriesId id, list.id());
        ids.push_back(id);
      }
      RETURN_IF_ERROR(list.status());
    }
    it->Seek(PrefixEnd(value_prefix));
  }
  RETURN_IF_ERROR(it->status());
  return ids;
}

// The series of the metric among `ids`, which come in any order.
absl::StatusOr<std::vector<SeriesId>> OfMetric(const View& view,
                                               absl::string_view metric,
                                               std::vector<SeriesId> ids) {
  std::sort(ids.begin(), ids.end());
  Postings list(view, IndexPrefix(kMetricName, metric));
  std::vector<SeriesId> kept;
  for (SeriesId id : ids) {
    list.Seek(id);
    if (!list.Valid()) break;
    ASSIGN_OR_RETURN(const SeriesId at, list.id());
    if (at == id) kept.push_back(id);
  }
  RETURN_IF_ERROR(list.status());
  return kept;
}

// A superset of the series that the selector means, if the index narrows the
// search; empty if every series of the metric must be looked at.
absl::StatusOr<std::optional<std::vector<SeriesId>>> Candidates(
    const View& view, const Selector& selector) {
  std::vector<Postings> lists;
  const Matcher* regex = nullptr;
  for (const Matcher& matcher : selector.matchers) {
    if (!IsIndexable(matcher)) continue;
    if (matcher.op() == MatchOp::kEqual) {
      lists.emplace_back(view, IndexPrefix(matcher.name(), matcher.value()));
    } else {
      regex = &matcher;
    }
  }
  std::optional<std::vector<SeriesId>> candidates;
  if (!lists.empty()) {
    if (!selector.metric.empty()) {
      lists.emplace_back(view, IndexPrefix(kMetricName, selector.metric));
    }
    ASSIGN_OR_RETURN(candidates, Intersect(std::move(lists)));
  } else if (regex != nullptr) {
    ASSIGN_OR_RETURN(candidates, MatchValues(view, *regex));
    // A series that is no business of the selector must not be looked at: it
    // may be damaged.
    if (!selector.metric.empty()) {
      ASSIGN_OR_RETURN(candidates,
                       OfMetric(view, selector.metric, *std::move(candidates)));
    }
  }
  return candidates;
}

std::vector<Postings> MetricPostings(const View& view,
                                     const Selector& selector) {
  std::vector<Postings> lists;
  lists.emplace_back(view, IndexPrefix(kMetricName, selector.metric));
  return lists;
}

absl::StatusOr<std::vector<SeriesId>> AllIds(const View& view) {
  std::vector<SeriesId> ids;
  const std::unique_ptr<Cursor> it = view.NewCursor(Family::kSeries);
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    ASSIGN_OR_RETURN(SeriesId id, DecodeId(it->key()));
    ids.push_back(id);
  }
  RETURN_IF_ERROR(it->status());
  return ids;
}

absl::Status AddMatcher(absl::string_view name, MatchOp op,
                        absl::string_view value, Selector* selector) {
  ASSIGN_OR_RETURN(Matcher matcher,
                   Matcher::Create(std::string(name), op, std::string(value)));
  selector->matchers.push_back(std::move(matcher));
  return absl::OkStatus();
}

bool AsksForOwnSeries(const Selector& selector) {
  return std::any_of(
      selector.matchers.begin(), selector.matchers.end(),
      [](const Matcher& m) { return m.name() == series::kSourceLabel; });
}

bool Selects(const Selector& selector, OwnSeries own, const SeriesKey& key) {
  return selector.Matches(key) &&
         (!key.labels.Has(series::kSourceLabel) || own == OwnSeries::kAlso ||
          AsksForOwnSeries(selector));
}

// Takes the sources' own series out of rising `ids`.
absl::Status RemoveOwnSeries(const View& view, std::vector<SeriesId>* ids) {
  ASSIGN_OR_RETURN(const Matcher any,
                   Matcher::Create(std::string(series::kSourceLabel),
                                   MatchOp::kRegex, ".+"));
  ASSIGN_OR_RETURN(std::vector<SeriesId> own, MatchValues(view, any));
  if (own.empty()) return absl::OkStatus();
  std::sort(own.begin(), own.end());
  std::vector<SeriesId> kept;
  std::set_difference(ids->begin(), ids->end(), own.begin(), own.end(),
                      std::back_inserter(kept));
  *ids = std::move(kept);
  return absl::OkStatus();
}

absl::StatusOr<SeriesEntry> DecodeEntry(
    const View& view, SeriesId id, std::optional<absl::string_view> bytes) {
  if (!bytes) {
    return absl::NotFoundError(absl::StrCat("there is no series ", id));
  }
  absl::StatusOr<series::SeriesInfo> info = DecodeSeriesInfo(*bytes);
  if (!info.ok()) {
    return Annotate(
        info.status(),
        absl::StrCat("store ", view.location(), ": description of series ", id,
                     " is damaged, restore it from a backup"));
  }
  return SeriesEntry{id, *std::move(info)};
}

// Calls `use` with each series, in the order of `ids`.
absl::Status ForEachSeries(const View& view, absl::Span<const SeriesId> ids,
                           absl::FunctionRef<void(SeriesEntry)> use) {
  for (; !ids.empty(); ids.remove_prefix(std::min(ids.size(), kSeriesAtOnce))) {
    const auto part = ids.subspan(0, kSeriesAtOnce);
    std::vector<std::string> keys;
    keys.reserve(part.size());
    for (SeriesId id : part) keys.push_back(EncodeId(id));
    auto decode = [&](size_t i, std::optional<absl::string_view> bytes) {
      ASSIGN_OR_RETURN(SeriesEntry entry, DecodeEntry(view, part[i], bytes));
      use(std::move(entry));
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(view.GetMany(Family::kSeries, keys, decode));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<SeriesEntry>> SelectAmong(
    const View& view, const std::vector<SeriesId>& candidates,
    const Selector& selector, OwnSeries own, size_t limit,
    const std::optional<SeriesKey>& after) {
  std::vector<SeriesEntry> entries;
  RETURN_IF_ERROR(ForEachSeries(view, candidates, [&](SeriesEntry entry) {
    if (Selects(selector, own, entry.info.key) &&
        (!after || entry.info.key > *after)) {
      entries.push_back(std::move(entry));
    }
  }));
  std::sort(entries.begin(), entries.end(),
            [](const SeriesEntry& a, const SeriesEntry& b) {
              return a.info.key < b.info.key;
            });
  if (entries.size() > limit) entries.resize(limit);
  return entries;
}

// Whether a page of `limit` is found sooner by walking the keys until it is
// full than by sorting all of `candidates`, which lie among the keys at random.
absl::StatusOr<bool> IsWalkShorter(const View& view, size_t candidates,
                                   size_t limit) {
  if (candidates / 2 <= limit) return false;
  ASSIGN_OR_RETURN(const SeriesId series, LastSeriesId(view));
  return static_cast<double>(limit) / static_cast<double>(candidates) *
             static_cast<double>(series) <
         static_cast<double>(candidates);
}

// Walks the keys in their order, so that a page costs no more than itself.
// Series that are not in `among`, if it is given, are passed over unread.
absl::StatusOr<std::vector<SeriesEntry>> SelectInOrder(
    const View& view, const Selector& selector, OwnSeries own, size_t limit,
    const std::optional<SeriesKey>& after,
    const std::optional<std::vector<SeriesId>>& among) {
  std::string lower, upper;
  if (!selector.metric.empty()) {
    lower = IndexPrefix(selector.metric);
    upper = PrefixEnd(lower);
  }
  if (after) {
    // The least text greater than the key.
    std::string beyond = EncodeOrderedKey(*after);
    beyond.push_back('\0');
    lower = std::max(lower, beyond);
    // An engine wants the bounds in order.
    if (!upper.empty() && lower >= upper) return std::vector<SeriesEntry>();
  }
  std::vector<SeriesEntry> entries;
  const std::unique_ptr<Cursor> it =
      view.NewCursor(Family::kKeys, {lower, upper});
  it->SeekToFirst();
  while (it->Valid() && entries.size() < limit) {
    // No more than are still wanted, if all of them match.
    const size_t most = std::min(limit - entries.size(), kSeriesAtOnce);
    std::vector<SeriesId> ids;
    for (; it->Valid() && ids.size() < most; it->Next()) {
      ASSIGN_OR_RETURN(const StoredKey key, DecodeStoredKey(it->value()));
      if (!among ||
          std::binary_search(among->begin(), among->end(), key.series)) {
        ids.push_back(key.series);
      }
    }
    RETURN_IF_ERROR(ForEachSeries(view, ids, [&](SeriesEntry entry) {
      if (Selects(selector, own, entry.info.key)) {
        entries.push_back(std::move(entry));
      }
    }));
  }
  RETURN_IF_ERROR(it->status());
  return entries;
}

}  // namespace

absl::StatusOr<SeriesEntry> GetSeries(const View& view, SeriesId id,
                                      absl::Time as_of) {
  if (as_of != absl::InfiniteFuture()) {
    // The oldest of those that held until later.
    const std::string lower =
        EncodeDescriptionKey(id, absl::ToUnixMicros(as_of) + 1);
    const std::unique_ptr<Cursor> it =
        view.NewCursor(Family::kDescriptions, {lower, PrefixEnd(EncodeId(id))});
    it->SeekToFirst();
    RETURN_IF_ERROR(it->status());
    if (it->Valid()) return DecodeEntry(view, id, it->value());
  }
  ASSIGN_OR_RETURN(std::optional<std::string> bytes,
                   view.Get(Family::kSeries, EncodeId(id)));
  return DecodeEntry(view, id, bytes);
}

absl::StatusOr<std::optional<StoredKey>> FindStoredKey(const View& view,
                                                       const SeriesKey& key) {
  // What is no metric could spell the ordered key of another series.
  if (!series::CheckMetric(key.metric).ok()) return std::optional<StoredKey>();
  ASSIGN_OR_RETURN(std::optional<std::string> bytes,
                   view.Get(Family::kKeys, EncodeOrderedKey(key)));
  if (!bytes) return std::optional<StoredKey>();
  ASSIGN_OR_RETURN(StoredKey stored, DecodeStoredKey(*bytes));
  return std::optional<StoredKey>(std::move(stored));
}

absl::StatusOr<std::optional<SeriesId>> FindSeriesId(const View& view,
                                                     const SeriesKey& key) {
  ASSIGN_OR_RETURN(const std::optional<StoredKey> stored,
                   FindStoredKey(view, key));
  return stored ? std::optional<SeriesId>(stored->series) : std::nullopt;
}

absl::StatusOr<std::vector<SeriesEntry>> SelectSeries(
    const View& view, const Selector& selector, size_t limit,
    const std::optional<SeriesKey>& after, OwnSeries own) {
  if (!selector.metric.empty() && !series::CheckMetric(selector.metric).ok()) {
    return std::vector<SeriesEntry>();
  }
  ASSIGN_OR_RETURN(std::optional<std::vector<SeriesId>> candidates,
                   Candidates(view, selector));
  if (candidates) {
    ASSIGN_OR_RETURN(const bool is_walk_shorter,
                     IsWalkShorter(view, candidates->size(), limit));
    if (!is_walk_shorter) {
      return SelectAmong(view, *candidates, selector, own, limit, after);
    }
    std::sort(candidates->begin(), candidates->end());
  }
  return SelectInOrder(view, selector, own, limit, after, candidates);
}

absl::StatusOr<std::vector<SeriesId>> SelectIds(const View& view,
                                                const Selector& selector) {
  if (!selector.metric.empty() && !series::CheckMetric(selector.metric).ok()) {
    return std::vector<SeriesId>();
  }
  ASSIGN_OR_RETURN(std::optional<std::vector<SeriesId>> candidates,
                   Candidates(view, selector));
  if (!candidates) {
    ASSIGN_OR_RETURN(candidates,
                     selector.metric.empty()
                         ? AllIds(view)
                         : Intersect(MetricPostings(view, selector)));
  }
  // The index has looked at equalities, and at nothing else.
  const bool is_exact = std::all_of(
      selector.matchers.begin(), selector.matchers.end(), [](const Matcher& m) {
        return m.op() == MatchOp::kEqual && IsIndexable(m);
      });
  if (!is_exact) {
    std::vector<SeriesId> matching;
    RETURN_IF_ERROR(
        ForEachSeries(view, *candidates, [&](const SeriesEntry& entry) {
          if (selector.Matches(entry.info.key)) matching.push_back(entry.id);
        }));
    candidates = std::move(matching);
  }
  std::sort(candidates->begin(), candidates->end());
  if (!AsksForOwnSeries(selector)) {
    RETURN_IF_ERROR(RemoveOwnSeries(view, &*candidates));
  }
  return *std::move(candidates);
}

absl::StatusOr<std::vector<SeriesEntry>> OwnSeriesOf(const View& view,
                                                     const SeriesKey& key) {
  Selector selector;
  selector.metric = key.metric;
  for (const auto& [name, value] : key.labels.pairs()) {
    RETURN_IF_ERROR(AddMatcher(name, MatchOp::kEqual, value, &selector));
  }
  RETURN_IF_ERROR(
      AddMatcher(series::kSourceLabel, MatchOp::kRegex, ".+", &selector));
  ASSIGN_OR_RETURN(std::vector<SeriesEntry> entries,
                   SelectSeries(view, selector, SIZE_MAX, std::nullopt));
  // A selector matches series that have further labels, too.
  auto is_other = [&key](const SeriesEntry& entry) {
    const SeriesKey& own = entry.info.key;
    return own != series::OwnKey(key, own.labels.Get(series::kSourceLabel));
  };
  entries.erase(std::remove_if(entries.begin(), entries.end(), is_other),
                entries.end());
  return entries;
}

absl::StatusOr<std::vector<SeriesEntry>> OwnSeriesBy(const View& view,
                                                     absl::string_view source) {
  Selector selector;
  RETURN_IF_ERROR(
      AddMatcher(series::kSourceLabel, MatchOp::kEqual, source, &selector));
  return SelectSeries(view, selector, SIZE_MAX, std::nullopt);
}

absl::StatusOr<SeriesId> LastSeriesId(const View& view) {
  const std::unique_ptr<Cursor> it =
      view.NewCursor(Family::kSeries, {.descending = true});
  it->SeekToFirst();
  RETURN_IF_ERROR(it->status());
  if (!it->Valid()) return SeriesId{0};
  return DecodeId(it->key());
}

void AddSeries(const StoredKey& stored, const series::SeriesInfo& info,
               WriteBatch* batch) {
  const SeriesKey& key = info.key;
  const std::string encoded_id = EncodeId(stored.series);
  batch->Put(Family::kSeries, encoded_id, EncodeSeriesInfo(info));
  UpdateOwner(stored, key, batch);
  auto index = [&](absl::string_view name, absl::string_view value) {
    batch->Put(Family::kIndex,
               absl::StrCat(IndexPrefix(name, value), encoded_id), "");
  };
  index(kMetricName, key.metric);
  for (const auto& [name, value] : key.labels.pairs()) index(name, value);
}

absl::Status CheckUnit(const View& view, SeriesId id,
                       const series::SeriesInfo& info) {
  ASSIGN_OR_RETURN(const SeriesEntry entry, GetSeries(view, id));
  if (entry.info.unit == info.unit) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("series ", series::FormatSeriesKey(info.key),
                   ": its unit is \"", entry.info.unit.ToString(),
                   "\" and stays so, and this is in \"", info.unit.ToString(),
                   "\"; convert the values, or give them another metric"));
}

absl::Status UpdateSeries(const View& view, SeriesId id,
                          const series::SeriesInfo& info, Micros recorded_at,
                          WriteBatch* batch) {
  PinnedValue stored;
  ASSIGN_OR_RETURN(bool is_there,
                   view.Get(Family::kSeries, EncodeId(id), &stored));
  const std::string description = EncodeSeriesInfo(info);
  if (is_there && stored.bytes == description) return absl::OkStatus();
  RETURN_IF_ERROR(CheckUnit(view, id, info));
  batch->Put(Family::kDescriptions, EncodeDescriptionKey(id, recorded_at),
             stored.bytes);
  batch->Put(Family::kSeries, EncodeId(id), description);
  return absl::OkStatus();
}

void UpdateOwner(const StoredKey& stored, const SeriesKey& key,
                 WriteBatch* batch) {
  batch->Put(Family::kKeys, EncodeOrderedKey(key), EncodeStoredKey(stored));
}

}  // namespace headway::store
