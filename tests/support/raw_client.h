// An HTTP client that sends what a test says, however wrong, and shows what
// comes back. Waits a minute at most for anything.
#ifndef HEADWAY_TESTS_SUPPORT_RAW_CLIENT_H_
#define HEADWAY_TESTS_SUPPORT_RAW_CLIENT_H_

#include <cstddef>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace headway {

struct RawReply {
  // 0 if there was none.
  int status = 0;
  // Names in lower case.
  std::map<std::string, std::string> fields;
  std::string body;
};

class RawClient {
 public:
  // Connects to 127.0.0.1 from a loopback address.
  explicit RawClient(int port, const std::string& from = "127.0.0.1");
  ~RawClient();

  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // What a server that has closed no longer takes is lost.
  void Send(absl::string_view bytes);
  // GET with a host that is answered; the fields end in "\r\n" each.
  void SendGet(absl::string_view target, absl::string_view fields = "");
  RawReply Get(absl::string_view target, absl::string_view fields = "");

  // The next reply: all of it, or without a body.
  RawReply ReadReply();
  RawReply ReadHead();
  // So many bytes, or what there is until the server closes.
  std::string Read(size_t bytes);
  std::string ReadToEnd();

 private:
  // Appends to buffer_; false at the end.
  bool Receive();

  int socket_;
  std::string buffer_;
};

}  // namespace headway

#endif  // HEADWAY_TESTS_SUPPORT_RAW_CLIENT_H_
