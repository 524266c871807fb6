// A file that holds the address a running server listens on, for programs that
// start a daemon on port 0.
#ifndef HEADWAY_DAEMON_SERVICE_ADDRESS_FILE_H_
#define HEADWAY_DAEMON_SERVICE_ADDRESS_FILE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace headway::service {

// The file is there from Write to the end of the object's life. A daemon that
// was killed leaves it behind; the next one removes it as it begins.
class AddressFile {
 public:
  // Removes what an earlier daemon left.
  explicit AddressFile(std::string path);
  ~AddressFile();

  AddressFile(const AddressFile&) = delete;
  AddressFile& operator=(const AddressFile&) = delete;

  // One line. Appears whole: readers never see a part of it.
  absl::Status Write(absl::string_view address);

 private:
  const std::string path_;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_ADDRESS_FILE_H_
