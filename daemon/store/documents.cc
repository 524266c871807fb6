#include "daemon/store/documents.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/engine/engine.h"
#include "daemon/store/format/codec.h"
#include "daemon/store/format/document.h"
#include "daemon/store/format/format.h"

namespace headway::store {
namespace {

constexpr size_t kHashBytes = 32;

absl::Status Damaged(const View& view, const absl::Status& status,
                     absl::string_view what) {
  return Annotate(status,
                  absl::StrCat("store ", view.location(), ": ", what,
                               " is damaged, restore it from a backup"));
}

absl::Status DamagedEntry(const View& view, const absl::Status& status,
                          absl::string_view source) {
  return Damaged(view, status,
                 absl::StrCat("an entry on the documents of source ", source));
}

absl::StatusOr<std::vector<Pull>> ReadPulls(const View& view,
                                            absl::string_view source,
                                            absl::Time before, size_t limit) {
  std::vector<Pull> pulls;
  const std::string prefix = PullPrefix(source);
  const int64_t before_micros = absl::ToUnixMicros(before);
  if (before_micros == INT64_MIN) return pulls;
  const std::unique_ptr<Cursor> it = view.NewCursor(
      Family::kPulls,
      {EncodePullKey(source, absl::FromUnixMicros(before_micros - 1)),
       PrefixEnd(prefix)});
  for (it->SeekToFirst(); it->Valid() && pulls.size() < limit; it->Next()) {
    absl::StatusOr<Pull> pull = DecodePull(source, it->key(), it->value());
    if (!pull.ok()) return DamagedEntry(view, pull.status(), source);
    pulls.push_back(*std::move(pull));
  }
  RETURN_IF_ERROR(it->status());
  return pulls;
}

absl::StatusOr<std::optional<Pull>> ReadOldestPull(const View& view,
                                                   absl::string_view source) {
  const std::string prefix = PullPrefix(source);
  // The newest sort first.
  const std::unique_ptr<Cursor> it = view.NewCursor(
      Family::kPulls,
      {.lower = prefix, .upper = PrefixEnd(prefix), .descending = true});
  it->SeekToFirst();
  RETURN_IF_ERROR(it->status());
  if (!it->Valid()) return std::optional<Pull>();
  absl::StatusOr<Pull> pull = DecodePull(source, it->key(), it->value());
  if (!pull.ok()) return DamagedEntry(view, pull.status(), source);
  return std::optional<Pull>(*std::move(pull));
}

absl::StatusOr<std::vector<Document>> ReadDocuments(const View& view,
                                                    absl::string_view source,
                                                    absl::Time start_time) {
  std::vector<Document> documents;
  const std::string prefix = EncodePullKey(source, start_time);
  const std::unique_ptr<Cursor> it =
      view.NewCursor(Family::kDocuments, {prefix, PrefixEnd(prefix)});
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    absl::StatusOr<Document> document = DecodeDocument(it->value());
    if (!document.ok()) return DamagedEntry(view, document.status(), source);
    documents.push_back(*std::move(document));
  }
  RETURN_IF_ERROR(it->status());
  return documents;
}

// The bytes that a body takes, if somebody names it.
absl::StatusOr<std::optional<int64_t>> StoredSize(const View& view,
                                                  absl::string_view hash) {
  const std::unique_ptr<Cursor> it =
      view.NewCursor(Family::kHolders, {std::string(hash), PrefixEnd(hash)});
  it->SeekToFirst();
  RETURN_IF_ERROR(it->status());
  if (!it->Valid()) return std::optional<int64_t>();
  return std::optional<int64_t>(
      static_cast<int64_t>(ByteReader(it->value()).ReadVarint()));
}

// Whether a pull whose key begins with `prefix`, and which is not that of
// `pull_key`, names the body.
absl::StatusOr<bool> HeldByAnother(const View& view, absl::string_view hash,
                                   absl::string_view prefix,
                                   absl::string_view pull_key) {
  const std::string holders = absl::StrCat(hash, prefix);
  const std::unique_ptr<Cursor> it =
      view.NewCursor(Family::kHolders, {holders, PrefixEnd(holders)});
  const std::string own = absl::StrCat(hash, pull_key);
  for (it->SeekToFirst(); it->Valid();) {
    if (it->key().substr(0, own.size()) != own) return true;
    it->Seek(PrefixEnd(own));
  }
  RETURN_IF_ERROR(it->status());
  return false;
}

std::string Holder(absl::string_view hash, absl::string_view document_key) {
  return absl::StrCat(hash, document_key);
}

}  // namespace

absl::StatusOr<absl::Time> DocumentArchive::NextStartTime(
    absl::string_view source, absl::Time now) const {
  const absl::Time start = absl::FromUnixMicros(absl::ToUnixMicros(now));
  ASSIGN_OR_RETURN(std::vector<Pull> newest,
                   ListPulls(source, absl::InfiniteFuture(), 1));
  if (newest.empty()) return start;
  return std::max(start, newest[0].start_time + absl::Microseconds(1));
}

absl::Status DocumentArchive::Put(absl::Span<const Fetched> documents,
                                  Pull* pull) {
  absl::MutexLock lock(&mutex_);
  const std::unique_ptr<View> view = engine_.NewView();
  const std::string pull_key = EncodePullKey(pull->source, pull->start_time);
  Pull next = *pull;
  WriteBatch batch;
  std::map<std::string, int64_t> in_batch;
  int64_t new_bytes = 0;
  for (const Fetched& fetched : documents) {
    Document document = fetched.document;
    const std::string key = EncodeDocumentKey(pull_key, next.documents++);
    if (fetched.body.has_value()) {
      const std::string hash = HashOf(*fetched.body);
      ASSIGN_OR_RETURN(std::optional<int64_t> stored, StoredSize(*view, hash));
      if (const auto twin = in_batch.find(hash); twin != in_batch.end()) {
        stored = twin->second;
      }
      if (!stored.has_value()) {
        const std::string value = CompressBody(*fetched.body);
        stored = static_cast<int64_t>(value.size());
        batch.Put(Family::kBodies, hash, value);
      }
      if (in_batch.emplace(hash, *stored).second) {
        ASSIGN_OR_RETURN(
            const bool held,
            HeldByAnother(*view, hash, PullPrefix(pull->source), ""));
        if (!held) new_bytes += *stored;
      }
      std::string size;
      AppendVarint(static_cast<uint64_t>(*stored), &size);
      batch.Put(Family::kHolders, Holder(hash, key), size);
      document.hash = absl::BytesToHexString(hash);
      document.size = static_cast<int64_t>(fetched.body->size());
      document.stored_size = *stored;
    }
    batch.Put(Family::kDocuments, key, EncodeDocument(document));
  }
  batch.Put(Family::kPulls, pull_key, EncodePull(next));
  RETURN_IF_ERROR(engine_.Write(batch));
  const auto bytes = bytes_.find(pull->source);
  if (bytes != bytes_.end()) bytes->second += new_bytes;
  pull->documents = next.documents;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Pull>> DocumentArchive::ListPulls(
    absl::string_view source, absl::Time before, size_t limit) const {
  return ReadPulls(*engine_.NewView(), source, before, limit);
}

absl::StatusOr<std::vector<Document>> DocumentArchive::ListDocuments(
    absl::string_view source, absl::Time start_time) const {
  return ReadDocuments(*engine_.NewView(), source, start_time);
}

absl::StatusOr<std::string> DocumentArchive::GetBody(
    absl::string_view hash) const {
  const std::string key = absl::HexStringToBytes(hash);
  const std::unique_ptr<View> view = engine_.NewView();
  ASSIGN_OR_RETURN(std::optional<std::string> value,
                   view->Get(Family::kBodies, key));
  if (!value.has_value()) {
    return absl::NotFoundError(absl::StrCat(
        "there is no document ", hash,
        "; it may have been older than its source's documents are kept"));
  }
  absl::StatusOr<std::string> body = DecompressBody(*value);
  if (body.ok() && HashOf(*body) != key) {
    body = absl::DataLossError("its bytes do not fit its hash");
  }
  if (!body.ok()) {
    return Damaged(*view, body.status(), absl::StrCat("document ", hash));
  }
  return body;
}

absl::StatusOr<RetentionResult> DocumentArchive::Enforce(
    absl::string_view source, const Retention& retention) {
  absl::MutexLock lock(&mutex_);
  RetentionResult result;
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<Pull> oldest,
                     ReadOldestPull(*engine_.NewView(), source));
    if (!oldest) return result;
    ASSIGN_OR_RETURN(const int64_t bytes, BytesOf(source));
    if (oldest->start_time >= retention.not_before &&
        bytes <= retention.max_bytes) {
      return result;
    }
    RETURN_IF_ERROR(DeletePull(*oldest, &result));
  }
}

absl::StatusOr<int64_t> DocumentArchive::BytesOf(absl::string_view source) {
  const auto known = bytes_.find(source);
  if (known != bytes_.end()) return known->second;
  const std::unique_ptr<View> view = engine_.NewView();
  ASSIGN_OR_RETURN(const std::vector<Pull> pulls,
                   ReadPulls(*view, source, absl::InfiniteFuture(), SIZE_MAX));
  std::set<std::string> seen;
  int64_t bytes = 0;
  for (const Pull& pull : pulls) {
    ASSIGN_OR_RETURN(const std::vector<Document> documents,
                     ReadDocuments(*view, source, pull.start_time));
    for (const Document& document : documents) {
      if (document.hash.empty() || !seen.insert(document.hash).second) continue;
      bytes += document.stored_size;
    }
  }
  bytes_.emplace(source, bytes);
  return bytes;
}

absl::StatusOr<std::vector<std::string>> DocumentArchive::ListSources() const {
  std::vector<std::string> sources;
  const std::unique_ptr<View> view = engine_.NewView();
  const std::unique_ptr<Cursor> it = view->NewCursor(Family::kPulls);
  for (it->SeekToFirst(); it->Valid();) {
    ByteReader key(it->key());
    const std::string source(key.ReadText());
    if (!key.ok()) {
      return Damaged(*view, absl::DataLossError("its key is malformed"),
                     "an entry of the documents");
    }
    sources.push_back(source);
    it->Seek(PrefixEnd(PullPrefix(source)));
  }
  RETURN_IF_ERROR(it->status());
  return sources;
}

absl::Status DocumentArchive::DeletePull(const Pull& pull,
                                         RetentionResult* result) {
  const std::unique_ptr<View> view = engine_.NewView();
  const std::string pull_key = EncodePullKey(pull.source, pull.start_time);
  ASSIGN_OR_RETURN(std::vector<Document> documents,
                   ReadDocuments(*view, pull.source, pull.start_time));
  WriteBatch batch;
  RetentionResult next = *result;
  int64_t bytes_gone = 0;
  std::set<std::string> seen;
  for (size_t i = 0; i < documents.size(); ++i) {
    const std::string key =
        EncodeDocumentKey(pull_key, static_cast<int64_t>(i));
    batch.Delete(Family::kDocuments, key);
    const std::string hash = absl::HexStringToBytes(documents[i].hash);
    if (hash.size() != kHashBytes) continue;  // not kept
    batch.Delete(Family::kHolders, Holder(hash, key));
    if (!seen.insert(hash).second) continue;
    ASSIGN_OR_RETURN(
        const bool is_of_source,
        HeldByAnother(*view, hash, PullPrefix(pull.source), pull_key));
    if (is_of_source) continue;
    bytes_gone += documents[i].stored_size;
    ASSIGN_OR_RETURN(const bool held, HeldByAnother(*view, hash, "", pull_key));
    if (held) continue;
    batch.Delete(Family::kBodies, hash);
    ++next.bodies;
    next.bytes += documents[i].stored_size;
  }
  batch.Delete(Family::kPulls, pull_key);
  ++next.pulls;
  RETURN_IF_ERROR(engine_.Write(batch));
  const auto bytes = bytes_.find(pull.source);
  if (bytes != bytes_.end()) bytes->second -= bytes_gone;
  *result = next;
  return absl::OkStatus();
}

}  // namespace headway::store
