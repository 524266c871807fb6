#include "daemon/service/address_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace headway::service {

AddressFile::AddressFile(std::string path) : path_(std::move(path)) {
  std::remove(path_.c_str());
}

AddressFile::~AddressFile() { std::remove(path_.c_str()); }

absl::Status AddressFile::Write(absl::string_view address) {
  const std::string draft = path_ + ".new";
  std::ofstream file(draft, std::ios::trunc);
  file << address << '\n';
  file.close();
  if (file.fail() || std::rename(draft.c_str(), path_.c_str()) != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot write ", path_, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace headway::service
