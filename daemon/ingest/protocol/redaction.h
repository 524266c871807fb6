// Text from plugins made fit for logs and errors.
//
// Quote keeps more bytes than Redactor::Clean, so that a secret which Quote
// cuts in two does not show in part in what Clean gives.
#ifndef HEADWAY_DAEMON_INGEST_PROTOCOL_REDACTION_H_
#define HEADWAY_DAEMON_INGEST_PROTOCOL_REDACTION_H_

#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace headway::ingest {

// `text` in double quotes, cut at 4 KiB. For errors that will be cleaned.
std::string Quote(absl::string_view text);

// Strikes secrets out of text. Immutable; thread-safe.
class Redactor {
 public:
  Redactor() = default;
  explicit Redactor(const std::vector<std::string>& secrets);

  // `text` with each secret, as it is, percent-encoded or escaped, replaced by
  // "***". Each line of a secret of several lines is struck out.
  std::string Strike(absl::string_view text) const;
  // Strike, with control characters replaced by blanks and bytes that are not
  // UTF-8 by "?"; cut at 1000 bytes.
  std::string Clean(absl::string_view text) const;
  // Cleans the message; keeps code and payloads.
  absl::Status Clean(const absl::Status& status) const;

 private:
  // Longest first, so that one that contains another is struck out whole.
  std::vector<std::string> patterns_;
};

// The last lines of what a plugin says for people, cleaned.
class LogTail {
 public:
  // `redactor` must outlive the tail.
  explicit LogTail(const Redactor* redactor) : redactor_(redactor) {}

  // Takes bytes of standard error, whole lines or not.
  void Append(absl::string_view bytes);
  void AddLine(absl::string_view line);
  // Ends a line that was not ended.
  void Finish();

  std::vector<std::string> lines() const {
    return std::vector<std::string>(lines_.begin(), lines_.end());
  }
  // The last `count` lines, joined by " | ".
  std::string Last(size_t count) const;

 private:
  const Redactor* redactor_;
  std::string partial_;
  std::deque<std::string> lines_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_PROTOCOL_REDACTION_H_
