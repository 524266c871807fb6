// A zip archive in memory, read within bounds.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_ZIP_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_ZIP_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct zip;

namespace headway::formats {

// Not thread-safe; the bytes must outlive it.
class ZipArchive {
 public:
  static absl::StatusOr<std::unique_ptr<ZipArchive>> Open(
      absl::string_view bytes);
  ~ZipArchive();
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  bool Has(const std::string& name) const;
  // The bytes of an entry. What all entries together unpack to is bounded,
  // whatever the archive says of their sizes.
  absl::StatusOr<std::string> Read(const std::string& name);

 private:
  explicit ZipArchive(struct zip* archive) : archive_(archive) {}

  struct zip* archive_;
  int64_t unpacked_ = 0;
};

}  // namespace headway::formats

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_FORMATS_ZIP_H_
