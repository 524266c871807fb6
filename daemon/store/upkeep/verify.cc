#include "daemon/store/upkeep/verify.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/engine/maintenance.h"
#include "daemon/store/format/cells.h"
#include "daemon/store/format/codec.h"
#include "daemon/store/format/document.h"
#include "daemon/store/format/format.h"
#include "daemon/store/history/blocks.h"
#include "daemon/store/history/catalogue.h"
#include "daemon/store/history/commit_log.h"
#include "daemon/store/history/head.h"

namespace headway::store {
namespace {

constexpr char kRestore[] = "restore the store from a backup";
// Entries between two questions whether to go on.
constexpr int64_t kAskEvery = 1000;
constexpr size_t kHashBytes = 32;

bool SameCells(const Cells& a, const Cells& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), Same);
}

class Verifier {
 public:
  Verifier(Engine& engine, const ProblemSink& sink,
           const std::function<absl::Status()>& check_alive)
      : engine_(engine),
        view_(engine.NewView()),
        sink_(sink),
        check_alive_(check_alive) {}

  absl::StatusOr<VerifyCounts> Run() {
    RETURN_IF_ERROR(CheckTables());
    // What another version has written means something else.
    if (!CheckFormat()) return counts_;
    RETURN_IF_ERROR(CheckCommits());
    RETURN_IF_ERROR(CheckAllSeries());
    RETURN_IF_ERROR(CheckKeys());
    RETURN_IF_ERROR(CheckIndex());
    RETURN_IF_ERROR(CheckStrays(Family::kVintages, "vintages"));
    RETURN_IF_ERROR(CheckStrays(Family::kCurrent, "current"));
    RETURN_IF_ERROR(CheckRecords());
    RETURN_IF_ERROR(CheckDocuments());
    return counts_;
  }

 private:
  void Report(std::string thing, absl::string_view what) {
    ++counts_.problems;
    sink_({std::move(thing), std::string(what), kRestore});
  }

  absl::Status Ask(int64_t count) const {
    return count % kAskEvery == 0 ? check_alive_() : absl::OkStatus();
  }

  absl::Status CheckTables();
  bool CheckFormat();
  absl::Status CheckCommits();
  absl::Status ReadChanges();
  void CheckCommit(CommitNumber number, const StoredCommit& commit);
  void CheckListed(CommitNumber number, const StoredCommit& commit);
  absl::Status CheckAllSeries();
  void CheckSeries(SeriesId id);
  void CheckEntries(const SeriesEntry& entry);
  void CheckBlocks(SeriesId id);
  void CheckState(SeriesId id);
  void CheckBase(SeriesId id, const Head& head,
                 const std::vector<StoredVintage>& vintages);
  void CheckRecording(const std::string& thing, CommitNumber commit,
                      Micros recorded_at);
  absl::Status CheckKeys();
  absl::Status CheckIndex();
  absl::Status CheckStrays(Family family, absl::string_view name);
  absl::Status CheckRecords();
  absl::Status CheckDocuments();
  void CheckDocument(absl::string_view key, absl::string_view value);
  void CheckHolder(absl::string_view key);
  bool Has(Family family, absl::string_view key);

  template <typename Check>
  absl::Status Walk(Family family, absl::string_view name, int64_t* count,
                    Check check);

  Engine& engine_;
  const std::unique_ptr<View> view_;
  const ProblemSink& sink_;
  const std::function<absl::Status()>& check_alive_;
  VerifyCounts counts_;
  // The list of changes; of a store of an older format there is none.
  bool has_changes_ = true;
  std::vector<CommitNumber> changes_;
  size_t changes_found_ = 0;
  CommitNumber last_commit_ = 0;
  Micros last_recorded_at_ = std::numeric_limits<Micros>::min();
  SeriesId last_series_ = 0;
  // By number: whether a commit in the log changed the series.
  std::vector<bool> changed_;
};

std::string TimeText(Micros micros) {
  return absl::FormatTime(absl::RFC3339_full, absl::FromUnixMicros(micros),
                          absl::UTCTimeZone());
}

std::string Thing(SeriesId id) { return absl::StrCat("series ", id); }

// Calls `check` with each key and value of a family.
template <typename Check>
absl::Status Verifier::Walk(Family family, absl::string_view name,
                            int64_t* count, Check check) {
  const std::unique_ptr<Cursor> it = view_->NewCursor(family);
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    RETURN_IF_ERROR(Ask(++*count));
    check(it->key(), it->value());
  }
  if (!it->status().ok()) {
    Report(absl::StrCat("family ", name),
           absl::StrCat("after ", *count, " entries the rest cannot be read: ",
                        it->status().message()));
  }
  return absl::OkStatus();
}

absl::Status Verifier::CheckTables() {
  return engine_.maintenance().CheckTables(
      [this](const std::string& path, const absl::Status& status) {
        ++counts_.tables;
        if (!status.ok()) Report(path, status.message());
        return check_alive_();
      });
}

// False if the format is not the one that this program knows.
bool Verifier::CheckFormat() {
  const auto bytes = view_->Get(Family::kMeta, kFormatKey);
  if (!bytes.ok()) {
    Report("format", bytes.status().message());
    return true;
  }
  if (!*bytes) {
    Report("format", "its version is missing");
    return true;
  }
  ByteReader reader(**bytes);
  const uint64_t version = reader.ReadVarint();
  has_changes_ = version >= kFirstFormatWithChanges;
  if (reader.AtEnd() && version >= kOldestFormat && version <= kFormatVersion) {
    return true;
  }
  ++counts_.problems;
  sink_(
      {"format",
       absl::StrCat("it is ", version, ", this program knows ", kFormatVersion),
       "run the version of Headway that wrote it"});
  return false;
}

absl::Status Verifier::CheckCommits() {
  auto last = LastSeriesId(*view_);
  if (last.ok()) last_series_ = *last;
  changed_.resize(last_series_ + 1);
  RETURN_IF_ERROR(ReadChanges());
  RETURN_IF_ERROR(Walk(
      Family::kCommits, "commits", &counts_.commits,
      [this](absl::string_view key, absl::string_view value) {
        const absl::StatusOr<uint64_t> number = DecodeId(key);
        if (!number.ok()) {
          return Report("commit log", number.status().message());
        }
        const absl::StatusOr<StoredCommit> commit = DecodeCommit(value);
        if (!commit.ok()) {
          Report(absl::StrCat("commit ", *number), commit.status().message());
        } else {
          CheckCommit(*number, *commit);
        }
        last_commit_ = *number;
      }));
  if (changes_found_ < changes_.size()) {
    Report("changes", absl::StrCat(changes_.size() - changes_found_,
                                   " of them are commits that are not there"));
  }
  return absl::OkStatus();
}

absl::Status Verifier::ReadChanges() {
  int64_t count = 0;
  return Walk(Family::kChanges, "changes", &count,
              [this](absl::string_view key, absl::string_view) {
                const absl::StatusOr<uint64_t> number = DecodeId(key);
                if (number.ok()) return changes_.push_back(*number);
                Report("changes", number.status().message());
              });
}

void Verifier::CheckCommit(CommitNumber number, const StoredCommit& commit) {
  const std::string thing = absl::StrCat("commit ", number);
  if (number != last_commit_ + 1) {
    Report(thing,
           absl::StrCat("the one before it in the log is ", last_commit_));
  }
  if (commit.recorded_at <= last_recorded_at_) {
    Report(thing, "its recorded_at is not after that of the one before it");
  }
  last_recorded_at_ = std::max(last_recorded_at_, commit.recorded_at);
  if (has_changes_) CheckListed(number, commit);
  for (SeriesId id : commit.changed_series) {
    if (id == 0 || id > last_series_) {
      Report(thing, absl::StrCat("it changed series ", id,
                                 ", which is not in the catalogue"));
    } else {
      changed_[id] = true;
    }
  }
}

void Verifier::CheckListed(CommitNumber number, const StoredCommit& commit) {
  const bool is_listed =
      std::binary_search(changes_.begin(), changes_.end(), number);
  if (is_listed) ++changes_found_;
  if (is_listed == !commit.changed_series.empty()) return;
  Report(absl::StrCat("commit ", number),
         is_listed ? "it is listed among the changes, and changed no series"
                   : "it is not listed among the changes");
}

absl::Status Verifier::CheckAllSeries() {
  // By number and not by walking the family, so that what cannot be read hides
  // only itself. Numbers are given without gaps and no series is ever deleted.
  for (SeriesId id = 1; id <= last_series_; ++id) {
    RETURN_IF_ERROR(Ask(++counts_.series));
    CheckSeries(id);
  }
  return absl::OkStatus();
}

void Verifier::CheckSeries(SeriesId id) {
  const absl::StatusOr<SeriesEntry> entry = GetSeries(*view_, id);
  if (!entry.ok()) {
    Report(Thing(id), absl::IsNotFound(entry.status())
                          ? "it is missing from the catalogue"
                          : entry.status().message());
  } else {
    CheckEntries(*entry);
  }
  CheckBlocks(id);
  CheckState(id);
}

// That the series is found by its key and its labels.
void Verifier::CheckEntries(const SeriesEntry& entry) {
  const std::string id = EncodeId(entry.id);
  const auto key = view_->Get(Family::kKeys, EncodeOrderedKey(entry.info.key));
  if (!key.ok()) return Report(Thing(entry.id), key.status().message());
  const auto stored = DecodeStoredKey(key->value_or(""));
  if (!stored.ok() || stored->series != entry.id) {
    Report(Thing(entry.id), "its key is missing or leads to another series");
  }
  auto check = [&](absl::string_view name, absl::string_view value) {
    const auto found =
        view_->Get(Family::kIndex, absl::StrCat(IndexPrefix(name, value), id));
    const std::string label = name.empty()
                                  ? absl::StrCat("metric ", value)
                                  : absl::StrCat(name, "=\"", value, "\"");
    if (!found.ok()) {
      Report(Thing(entry.id), found.status().message());
    } else if (!*found) {
      Report(Thing(entry.id),
             absl::StrCat("the index has no entry of ", label));
    }
  };
  check("", entry.info.key.metric);
  for (const auto& [name, value] : entry.info.key.labels.pairs()) {
    check(name, value);
  }
}

// Every recording of every vintage that is not in the head, each by itself.
void Verifier::CheckBlocks(SeriesId id) {
  const std::unique_ptr<Cursor> it = view_->NewCursor(
      Family::kVintages, {EncodeId(id), PrefixEnd(EncodeId(id))});
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    ++counts_.blocks;
    const absl::StatusOr<VintageKey> key = DecodeVintageKey(it->key());
    if (!key.ok()) {
      Report(Thing(id), key.status().message());
      continue;
    }
    const absl::StatusOr<Block> block = DecodeBlock(it->value());
    const std::string thing =
        absl::StrCat(Thing(id), ", vintage known at ", TimeText(key->known_at));
    if (!block.ok()) {
      Report(thing, block.status().message());
    } else {
      CheckRecording(thing, block->commit, key->recorded_at);
    }
  }
  if (!it->status().ok()) Report(Thing(id), it->status().message());
}

// That the vintages as they are now add up to the state in the head.
void Verifier::CheckState(SeriesId id) {
  PinnedValue bytes;
  const absl::StatusOr<bool> has_head = GetHead(*view_, id, &bytes);
  if (!has_head.ok()) return Report(Thing(id), has_head.status().message());
  if (!*has_head) {
    // A series may be known before anything is known of it.
    if (changed_[id]) Report(Thing(id), "its head is missing");
    return;
  }
  const absl::StatusOr<Head> head = DecodeHead(bytes.bytes);
  if (!head.ok()) {
    return Report(Thing(id), absl::StrCat("its head is damaged: ",
                                          head.status().message()));
  }
  for (const Undo& undo : head->recent) {
    CheckRecording(Thing(id), undo.commit, undo.recorded_at);
  }
  const auto vintages = ReadAllVintages(*view_, id);
  // CheckBlocks has reported a block that does not decode.
  if (!vintages.ok()) return;
  CheckBase(id, *head, *vintages);
  Cells state;
  for (auto it = vintages->rbegin(); it != vintages->rend(); ++it) {
    OverlayOnto(SaidCells(it->block), &state);
    if (it->block.full && !SameCells(ToCells(it->block.columns), state)) {
      Report(Thing(id),
             absl::StrCat("the full vintage known at ", TimeText(it->known_at),
                          " is not what the vintages up to it add "
                          "up to"));
    }
  }
  if (!SameCells(ToCells(head->state), state)) {
    Report(Thing(id),
           "the state in its head is not what its vintages add up to");
  }
}

// That the blocks begin where the head ends.
void Verifier::CheckBase(SeriesId id, const Head& head,
                         const std::vector<StoredVintage>& vintages) {
  const bool has_blocks = vintages.size() > head.recent.size();
  if (has_blocks != head.base.has_value()) {
    Report(Thing(id), has_blocks
                          ? "it has blocks of which its head knows nothing"
                          : "the blocks before those in its head are missing");
  } else if (has_blocks &&
             vintages[head.recent.size()].known_at != head.base->known_at) {
    Report(Thing(id),
           absl::StrCat("its newest block should be the vintage known at ",
                        TimeText(head.base->known_at), ", and is another"));
  }
}

void Verifier::CheckRecording(const std::string& thing, CommitNumber commit,
                              Micros recorded_at) {
  if (commit == 0 || commit > last_commit_ || recorded_at > last_recorded_at_) {
    Report(thing, "no commit that is in the log recorded a vintage of it");
  }
}

absl::Status Verifier::CheckKeys() {
  return Walk(
      Family::kKeys, "keys", &counts_.index_entries,
      [this](absl::string_view key, absl::string_view value) {
        const absl::StatusOr<StoredKey> stored = DecodeStoredKey(value);
        if (!stored.ok()) return Report("keys", stored.status().message());
        const SeriesId id = stored->series;
        const auto entry = GetSeries(*view_, id);
        if (absl::IsNotFound(entry.status())) {
          Report(Thing(id), "a key leads to it but it is not there");
        } else if (entry.ok() && EncodeOrderedKey(entry->info.key) != key) {
          Report(Thing(id), "a key that is not its own leads to it");
        }
      });
}

absl::Status Verifier::CheckIndex() {
  return Walk(
      Family::kIndex, "index", &counts_.index_entries,
      [this](absl::string_view key, absl::string_view) {
        if (key.size() < 8) return Report("index", "a key is too short");
        const absl::string_view label = key.substr(0, key.size() - 8);
        const SeriesId id = DecodeId(key.substr(key.size() - 8)).value();
        const auto entry = GetSeries(*view_, id);
        if (absl::IsNotFound(entry.status())) {
          return Report(Thing(id), "the index has it but it is not there");
        }
        if (!entry.ok()) return;  // reported by CheckSeries
        if (label == IndexPrefix("", entry->info.key.metric)) return;
        for (const auto& [name, value] : entry->info.key.labels.pairs()) {
          if (label == IndexPrefix(name, value)) return;
        }
        Report(Thing(id), "the index has it under a label that it has not");
      });
}

// What belongs to series that are not in the catalogue.
absl::Status Verifier::CheckStrays(Family family, absl::string_view name) {
  for (const auto& [lower, upper] :
       {std::pair(std::string(), EncodeId(1)),
        std::pair(EncodeId(last_series_ + 1), std::string())}) {
    const std::unique_ptr<Cursor> it = view_->NewCursor(family, {lower, upper});
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      const auto id = DecodeId(it->key().substr(0, 8));
      Report(id.ok() ? Thing(*id) : absl::StrCat("family ", name),
             absl::StrCat("family ", name,
                          " has an entry of it but the catalogue has not"));
      RETURN_IF_ERROR(check_alive_());
    }
    if (!it->status().ok()) {
      Report(absl::StrCat("family ", name), it->status().message());
    }
  }
  return absl::OkStatus();
}

absl::Status Verifier::CheckRecords() {
  RETURN_IF_ERROR(Walk(Family::kCheckpoints, "checkpoints", &counts_.records,
                       [this](absl::string_view key, absl::string_view) {
                         ByteReader reader(key);
                         reader.ReadText();
                         if (!reader.ok()) {
                           Report("checkpoints", "a key is malformed");
                         }
                       }));
  for (const auto& [family, name] :
       {std::pair(Family::kForecasts, "forecasts"),
        std::pair(Family::kRuns, "runs"), std::pair(Family::kScores, "scores"),
        std::pair(Family::kVerdicts, "verdicts"),
        std::pair(Family::kState, "state")}) {
    RETURN_IF_ERROR(Walk(family, name, &counts_.records,
                         [](absl::string_view, absl::string_view) {}));
  }
  return absl::OkStatus();
}

bool Verifier::Has(Family family, absl::string_view key) {
  const auto found = view_->Get(family, key);
  // What cannot be read is reported by the walk over its family.
  return !found.ok() || found->has_value();
}

void Verifier::CheckDocument(absl::string_view key, absl::string_view value) {
  const absl::StatusOr<Document> document = DecodeDocument(value);
  if (!document.ok()) {
    return Report("raw documents", document.status().message());
  }
  if (document->hash.empty()) return;
  const std::string hash = absl::HexStringToBytes(document->hash);
  if (!Has(Family::kBodies, hash)) {
    Report(absl::StrCat("document ", document->file),
           absl::StrCat("its body ", document->hash, " is missing"));
  }
  if (!Has(Family::kHolders, absl::StrCat(hash, key))) {
    Report(absl::StrCat("document ", document->file),
           absl::StrCat("body ", document->hash,
                        " does not say that it holds it"));
  }
}

void Verifier::CheckHolder(absl::string_view key) {
  if (key.size() < kHashBytes) return Report("holders", "a key is too short");
  if (!Has(Family::kDocuments, key.substr(kHashBytes))) {
    Report(absl::StrCat("body ",
                        absl::BytesToHexString(key.substr(0, kHashBytes))),
           "it is kept for a document that is not there");
  }
}

absl::Status Verifier::CheckDocuments() {
  int64_t* count = &counts_.documents;
  RETURN_IF_ERROR(Walk(Family::kPulls, "pulls", count,
                       [this](absl::string_view key, absl::string_view value) {
                         const absl::string_view source =
                             ByteReader(key).ReadText();
                         const absl::StatusOr<Pull> pull =
                             DecodePull(source, key, value);
                         if (!pull.ok()) {
                           Report(absl::StrCat("a pull of source ", source),
                                  pull.status().message());
                         }
                       }));
  RETURN_IF_ERROR(Walk(Family::kDocuments, "documents", count,
                       [this](absl::string_view key, absl::string_view value) {
                         CheckDocument(key, value);
                       }));
  RETURN_IF_ERROR(Walk(
      Family::kHolders, "holders", count,
      [this](absl::string_view key, absl::string_view) { CheckHolder(key); }));
  return Walk(Family::kBodies, "bodies", count,
              [this](absl::string_view key, absl::string_view value) {
                const absl::StatusOr<std::string> body = DecompressBody(value);
                if (!body.ok() || HashOf(*body) != key) {
                  Report(absl::StrCat("body ", absl::BytesToHexString(key)),
                         "it is not what its hash says");
                }
              });
}

}  // namespace

absl::StatusOr<VerifyCounts> VerifyStore(
    const Store& store, const ProblemSink& sink,
    const std::function<absl::Status()>& check_alive) {
  return VerifyEngine(store.engine(), sink, check_alive);
}

absl::StatusOr<VerifyCounts> VerifyEngine(
    Engine& engine, const ProblemSink& sink,
    const std::function<absl::Status()>& check_alive) {
  return Verifier(engine, sink, check_alive).Run();
}

absl::StatusOr<VerifyCounts> VerifyDirectory(
    const std::string& directory, const ProblemSink& sink,
    const std::function<absl::Status()>& check_alive) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine,
                   Store::OpenEngine(directory, {}));
  return VerifyEngine(*engine, sink, check_alive);
}

}  // namespace headway::store
