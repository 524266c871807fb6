// Raw documents: what publishers sent, byte for byte, so that a parser can be
// corrected and run again without asking them a second time.
//
// A body is kept once, under the SHA-256 of its bytes, compressed, however
// often it was fetched. A pull names the documents that it fetched, and keeps
// what a replay needs besides: the checkpoints that it started from and the
// instants from which the values it committed count as known.
//
// Documents are written before the data that they led to, each write synced and
// atomic by itself, not in one batch with the data: a document is needed most
// when no data came of it, because the parser failed; and a batch would grow by
// every byte that was fetched. So data are never there without the documents
// that were to be kept, and a crash leaves at most documents without data, of a
// pull that did not end.
//
// A body is deleted with the last pull that names it, in the same write. The
// documents that name a body are listed under its hash, so no count can be
// wrong and nothing has to be cleaned up after a crash.
//
// Documents have no time axes and are no part of a Reader's view: each method
// answers from the present. Thread-safe. Errors: DATA_LOSS
// for a damaged entry or body; NOT_FOUND; and those of the engine.
#ifndef HEADWAY_DAEMON_STORE_DOCUMENTS_H_
#define HEADWAY_DAEMON_STORE_DOCUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "daemon/store/types.h"

namespace headway::store {

class Engine;

struct Retention {
  // Pulls that started before it are deleted.
  absl::Time not_before = absl::InfinitePast();
  // The oldest pulls are deleted until the bodies of the others, each counted
  // once, take no more than this on the disk.
  int64_t max_bytes = INT64_MAX;
};

struct RetentionResult {
  int64_t pulls = 0;
  int64_t bodies = 0;
  // On the disk, once the engine has cleaned up.
  int64_t bytes = 0;

  friend bool operator==(const RetentionResult&,
                         const RetentionResult&) = default;
};

class DocumentArchive {
 public:
  // `engine` must outlive the archive.
  explicit DocumentArchive(Engine* engine) : engine_(*engine) {}

  DocumentArchive(const DocumentArchive&) = delete;
  DocumentArchive& operator=(const DocumentArchive&) = delete;

  // The start_time for a pull that starts now: `now`, or just after the newest
  // pull of the source that is stored, if the clock went back.
  absl::StatusOr<absl::Time> NextStartTime(absl::string_view source,
                                           absl::Time now) const;

  // A document with its body; hash and sizes are filled in by Put. Without a
  // body, `document.not_kept` says why.
  struct Fetched {
    Document document;
    std::optional<std::string> body;
  };
  // Stores the pull as it stands, with further documents of it; brings
  // pull->documents up to date. All or nothing.
  absl::Status Put(absl::Span<const Fetched> documents, Pull* pull);

  // Newest first, those that started before `before`, at most `limit`.
  absl::StatusOr<std::vector<Pull>> ListPulls(
      absl::string_view source, absl::Time before = absl::InfiniteFuture(),
      size_t limit = SIZE_MAX) const;

  // In the order in which they were stored.
  absl::StatusOr<std::vector<Document>> ListDocuments(
      absl::string_view source, absl::Time start_time) const;

  // The body with this hash, checked against it.
  absl::StatusOr<std::string> GetBody(absl::string_view hash) const;

  // The sources that documents are kept of, in order.
  absl::StatusOr<std::vector<std::string>> ListSources() const;

  // Deletes what the retention does not keep of a source, a pull at a time.
  // Costs what it deletes, after the first time that it looks at the source.
  absl::StatusOr<RetentionResult> Enforce(absl::string_view source,
                                          const Retention& retention);

 private:
  absl::Status DeletePull(const Pull& pull, RetentionResult* result)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What the bodies of a source take on the disk, each counted once.
  absl::StatusOr<int64_t> BytesOf(absl::string_view source)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Engine& engine_;
  // Held by who writes: whether a body has to be stored, or can go, is read
  // before it is written.
  absl::Mutex mutex_;
  // BytesOf the sources that it was asked of, brought up to date since.
  std::map<std::string, int64_t, std::less<>> bytes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace headway::store

#endif  // HEADWAY_DAEMON_STORE_DOCUMENTS_H_
