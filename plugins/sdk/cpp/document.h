// A document that a source reads whole, fetched only if it changed.
//
// The checkpoint holds the hash of the document, what a conditional request
// needs, and a fingerprint of the plugin and its options: the same document
// read by other rules counts as changed.
#ifndef HEADWAY_PLUGINS_SDK_CPP_DOCUMENT_H_
#define HEADWAY_PLUGINS_SDK_CPP_DOCUMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "plugins/sdk/cpp/http.h"

namespace headway::sdk {

struct Document {
  // False: nothing to deliver, `body` is empty.
  bool changed = false;
  std::string body;
  // The state to put into the next checkpoint.
  std::string checkpoint;
};

// `checkpoint` is the state of the last read, "" if there was none;
// `fingerprint` is Request::fingerprint(). Errors are those of HttpClient::Get.
absl::StatusOr<Document> FetchIfChanged(HttpClient& http, HttpRequest request,
                                        absl::string_view checkpoint,
                                        absl::string_view fingerprint);

// SHA-256 in hexadecimal.
std::string ContentHash(absl::string_view bytes);

}  // namespace headway::sdk

#endif  // HEADWAY_PLUGINS_SDK_CPP_DOCUMENT_H_
