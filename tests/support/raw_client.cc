#include "tests/support/raw_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace headway {
namespace {

sockaddr_in Loopback(const std::string& address, int port) {
  sockaddr_in in = {};
  in.sin_family = AF_INET;
  in.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, address.c_str(), &in.sin_addr);
  return in;
}

}  // namespace

RawClient::RawClient(int port, const std::string& from)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience = {.tv_sec = 60};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const sockaddr_in own = Loopback(from, 0);
  const sockaddr_in server = Loopback("127.0.0.1", port);
  EXPECT_EQ(
      ::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof(own)), 0)
      << std::strerror(errno);
  EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&server),
                      sizeof(server)),
            0)
      << std::strerror(errno);
}

RawClient::~RawClient() { ::close(socket_); }

void RawClient::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

void RawClient::SendGet(absl::string_view target, absl::string_view fields) {
  Send(absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: localhost\r\n", fields,
                    "\r\n"));
}

RawReply RawClient::Get(absl::string_view target, absl::string_view fields) {
  SendGet(target, fields);
  return ReadReply();
}

RawReply RawClient::ReadReply() {
  RawReply reply = ReadHead();
  reply.body =
      Read(std::strtoull(reply.fields["content-length"].c_str(), nullptr, 10));
  return reply;
}

RawReply RawClient::ReadHead() {
  size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Receive()) return {};
  }
  const std::vector<std::string> lines =
      absl::StrSplit(buffer_.substr(0, end), "\r\n");
  buffer_.erase(0, end + 4);
  RawReply reply;
  reply.status = std::atoi(lines[0].substr(lines[0].find(' ') + 1).c_str());
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> field =
        absl::StrSplit(lines[i], absl::MaxSplits(": ", 1));
    reply.fields[absl::AsciiStrToLower(field.first)] = field.second;
  }
  return reply;
}

std::string RawClient::Read(size_t bytes) {
  while (buffer_.size() < bytes) {
    if (!Receive()) break;
  }
  std::string read = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return read;
}

std::string RawClient::ReadToEnd() {
  while (Receive()) {
  }
  return std::exchange(buffer_, "");
}

bool RawClient::Receive() {
  char bytes[65536];
  const ssize_t received = ::recv(socket_, bytes, sizeof(bytes), 0);
  if (received < 0 && errno == EAGAIN) {
    ADD_FAILURE() << "the server neither sent anything nor closed";
  }
  if (received <= 0) return false;
  buffer_.append(bytes, static_cast<size_t>(received));
  return true;
}

}  // namespace headway
