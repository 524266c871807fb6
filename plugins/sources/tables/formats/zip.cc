#include "plugins/sources/tables/formats/zip.h"

#include <zip.h>

#include <array>

#include "absl/strings/str_cat.h"

namespace headway::formats {
namespace {

constexpr int64_t kMostUnpackedBytes = int64_t{256} << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<ZipArchive>> ZipArchive::Open(
    absl::string_view bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source =
      zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = source == nullptr
                       ? nullptr
                       : zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    const std::string problem = zip_error_strerror(&error);
    if (source != nullptr) zip_source_free(source);
    zip_error_fini(&error);
    return absl::InvalidArgumentError(
        absl::StrCat("the answer is no zip archive, or cut short after ",
                     bytes.size(), " bytes: ", problem));
  }
  zip_error_fini(&error);
  return std::unique_ptr<ZipArchive>(new ZipArchive(archive));
}

ZipArchive::~ZipArchive() { zip_discard(archive_); }

bool ZipArchive::Has(const std::string& name) const {
  return zip_name_locate(archive_, name.c_str(), 0) >= 0;
}

absl::StatusOr<std::string> ZipArchive::Read(const std::string& name) {
  const auto fail = [&](absl::string_view problem) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " in the archive ", problem));
  };
  zip_file_t* file = zip_fopen(archive_, name.c_str(), 0);
  if (file == nullptr) {
    return fail(absl::StrCat("cannot be read: ", zip_strerror(archive_)));
  }
  std::string content;
  std::array<char, 1 << 16> chunk;
  zip_int64_t count = 0;
  while ((count = zip_fread(file, chunk.data(), chunk.size())) > 0) {
    unpacked_ += count;
    if (unpacked_ > kMostUnpackedBytes) break;
    content.append(chunk.data(), static_cast<size_t>(count));
  }
  zip_fclose(file);
  if (count < 0) return fail("is damaged");
  if (unpacked_ > kMostUnpackedBytes) {
    return fail(absl::StrCat("unpacks to more than the limit of ",
                             kMostUnpackedBytes, " bytes"));
  }
  return content;
}

}  // namespace headway::formats
