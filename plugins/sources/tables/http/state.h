// What the checkpoint of the http plugin says: the documents that were read, so
// that unchanged ones are skipped, and when they were asked for.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_STATE_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_STATE_H_

#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace headway::http {

struct KnownDocument {
  // Of the body, shortened.
  std::string hash;
  // What a conditional request needs; "" if the publisher gave none.
  std::string etag;
  std::string last_modified;
};

class State {
 public:
  // A state of another version of the plugin or of other options is none.
  static State Parse(absl::string_view text, absl::string_view fingerprint);

  // A document by its address, or null.
  const KnownDocument* Find(absl::string_view url) const;
  void Put(absl::string_view url, KnownDocument document);

  std::optional<absl::Time> read_at() const { return read_at_; }
  void set_read_at(absl::Time time) { read_at_ = time; }

  // Of very many documents none is remembered, for a checkpoint is bounded.
  std::string ToText(absl::string_view fingerprint) const;

 private:
  // By a hash of the address.
  std::map<std::string, KnownDocument> documents_;
  std::optional<absl::Time> read_at_;
};

// SHA-256, of which 128 bits tell documents apart.
std::string ShortHash(absl::string_view bytes);

}  // namespace headway::http

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_HTTP_STATE_H_
