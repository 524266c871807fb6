// Takes over the documents that a plugin fetched, and keeps them in the store.
//
// A plugin gets a directory of its own. The SDKs' HTTP clients write each
// answer of the publisher into it as a recording; any other file in it is a
// document.
//
// Recordings are stored before each commit, so that data are never stored
// without the documents they come from. All that is left is stored when the
// plugin has ended, even if it failed: a document is needed most when its
// parser failed. Files that are no recordings are stored only then, because the
// plugin may be writing them until it ends.
//
// The directory is not trusted: only regular files are read, never through a
// link, and no more of them than the policy allows. A document that is too
// large is noted as not kept, and the pull goes on. Names that end in ".part"
// are never taken.
//
// Not thread-safe. Errors are those of the store alone.
#ifndef HEADWAY_DAEMON_INGEST_DOCUMENTS_COLLECTOR_H_
#define HEADWAY_DAEMON_INGEST_DOCUMENTS_COLLECTOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "daemon/base/clock.h"
#include "daemon/ingest/protocol/recording.h"
#include "daemon/ingest/protocol/redaction.h"
#include "daemon/ingest/sandbox/private_directory.h"
#include "daemon/ingest/source/limits.h"
#include "daemon/store/documents.h"

namespace headway::ingest {

// The most documents of one pull; further ones are dropped.
inline constexpr size_t kMaxDocuments = 2000;

class DocumentCollector {
 public:
  // `pull` is complete but for its start_time and what is known at its end.
  // `clock` and `archive` must outlive the collector.
  static absl::StatusOr<std::unique_ptr<DocumentCollector>> Create(
      const DocumentPolicy& policy, Redactor redactor, store::Pull pull,
      Clock* clock, store::DocumentArchive* archive);
  ~DocumentCollector();

  DocumentCollector(const DocumentCollector&) = delete;
  DocumentCollector& operator=(const DocumentCollector&) = delete;

  // Where the plugin is to put its documents.
  const std::string& directory() const { return directory_.path(); }

  // To be called before each commit of the pull.
  absl::Status BeforeCommit(absl::string_view stream, absl::Time known_at);

  // To be called when the plugin has ended; `end` says how. Stores what is left
  // and enforces the retention.
  absl::Status Finish(int64_t observations, const absl::Status& end);

  // What was not kept, and why, for an operator.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  DocumentCollector(const DocumentPolicy& policy, Redactor redactor,
                    store::Pull pull, Clock* clock,
                    store::DocumentArchive* archive, PrivateDirectory directory,
                    int directory_fd);

  // `at_end`: the plugin writes no more.
  absl::Status Collect(bool at_end);
  std::vector<std::string> ListFiles(bool at_end) const;
  void Take(const std::string& file, bool at_end);
  // False: not a document yet.
  bool TakeRenamed(const std::string& file, bool at_end);
  void Add(const std::string& file, std::optional<Recording> recording,
           std::string bytes);
  void NoteNotKept(store::Document document, absl::string_view why);
  void Warn(absl::string_view file, absl::string_view why);
  absl::Status Flush();

  const DocumentPolicy policy_;
  const Redactor redactor_;
  Clock* const clock_;
  store::DocumentArchive* const archive_;
  const PrivateDirectory directory_;
  // Opened before the plugin ran: the plugin may replace the directory.
  const int directory_fd_;

  store::Pull pull_;
  size_t taken_ = 0;
  int64_t taken_bytes_ = 0;
  // Not yet in the store.
  std::vector<store::DocumentArchive::Fetched> pending_;
  size_t pending_bytes_ = 0;
  std::vector<std::string> warnings_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_DOCUMENTS_COLLECTOR_H_
