#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "daemon/web/http/target.h"

namespace headway {
namespace {

// Whether more came.
bool Receive(int client, std::string& text) {
  char bytes[4096];
  const ssize_t received = ::recv(client, bytes, sizeof(bytes), 0);
  if (received > 0) text.append(bytes, static_cast<size_t>(received));
  return received > 0;
}

void SendAll(int client, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

ServedRequest ParseRequest(absl::string_view head) {
  const std::vector<std::string> lines = absl::StrSplit(head, "\r\n");
  const std::vector<std::string> words = absl::StrSplit(lines[0], ' ');
  ServedRequest request;
  const auto target = web::SplitTarget(words.at(1)).value();
  request.method = words[0];
  request.path = web::DecodePath(target.path).value();
  request.parameters = web::DecodeQuery(target.query).value();
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> field =
        absl::StrSplit(lines[i], absl::MaxSplits(':', 1));
    request.headers[absl::AsciiStrToLower(field.first)] =
        std::string(absl::StripAsciiWhitespace(field.second));
  }
  return request;
}

// Absent if the client left before the end of its request.
std::optional<ServedRequest> ReceiveRequest(int client) {
  std::string text;
  while (!absl::StrContains(text, "\r\n\r\n")) {
    if (!Receive(client, text)) return std::nullopt;
  }
  const size_t end = text.find("\r\n\r\n") + 4;
  ServedRequest request = ParseRequest(text.substr(0, end));
  request.body = text.substr(end);
  size_t size = 0;
  if (!absl::SimpleAtoi(request.headers["content-length"], &size)) size = 0;
  while (request.body.size() < size) {
    if (!Receive(client, request.body)) return std::nullopt;
  }
  return request;
}

std::string Compress(const std::string& body) {
  constexpr int kGzip = 16;
  z_stream stream = {};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                   MAX_WBITS + kGzip, MAX_MEM_LEVEL,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    std::abort();
  }
  std::string compressed(deflateBound(&stream, body.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  return compressed;
}

// As web servers do: texts for clients that take gzip.
bool IsCompressed(const ServedRequest& request, const ServedAnswer& answer) {
  const auto accepted = request.headers.find("accept-encoding");
  return accepted != request.headers.end() &&
         absl::StrContains(accepted->second, "gzip") &&
         absl::StartsWith(answer.content_type, "text/") && !answer.cut_short;
}

std::string FormatAnswer(const ServedRequest& request, ServedAnswer answer) {
  if (IsCompressed(request, answer)) {
    answer.body = Compress(answer.body);
    answer.headers.emplace("Content-Encoding", "gzip");
  }
  std::string text = absl::StrCat("HTTP/1.1 ", answer.status,
                                  " As Told\r\nConnection: close\r\n");
  for (const auto& [name, value] : answer.headers) {
    absl::StrAppend(&text, name, ": ", value, "\r\n");
  }
  if (answer.status == 204 || answer.status == 304) return text + "\r\n";
  absl::StrAppend(&text, "Content-Type: ", answer.content_type,
                  "\r\nContent-Length: ", answer.body.size(), "\r\n\r\n");
  const size_t bytes = answer.body.size() / (answer.cut_short ? 2 : 1);
  return text + answer.body.substr(0, bytes);
}

}  // namespace

struct HttpServer::Impl {
  int listener = -1;
  int port = 0;
  Handler handler;
  mutable absl::Mutex mutex;
  std::vector<ServedRequest> requests;
  std::thread thread;

  void Listen();
  void Serve();
};

void HttpServer::Impl::Listen() {
  listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, length) != 0 ||
      ::listen(listener, SOMAXCONN) != 0 ||
      ::getsockname(listener, generic, &length) != 0) {
    std::abort();
  }
  port = ntohs(address.sin_port);
}

// One connection after the other, each for one request.
void HttpServer::Impl::Serve() {
  while (true) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    if (std::optional<ServedRequest> request = ReceiveRequest(client)) {
      absl::MutexLock lock(&mutex);
      requests.push_back(*std::move(request));
      SendAll(client, FormatAnswer(requests.back(), handler(requests.back())));
    }
    ::close(client);
  }
}

HttpServer::HttpServer(Handler handler) : impl_(std::make_unique<Impl>()) {
  impl_->handler = std::move(handler);
  impl_->Listen();
  impl_->thread = std::thread([this] { impl_->Serve(); });
}

HttpServer::~HttpServer() {
  ::shutdown(impl_->listener, SHUT_RDWR);
  impl_->thread.join();
  ::close(impl_->listener);
}

void HttpServer::Between(const std::function<void()>& change) {
  absl::MutexLock lock(&impl_->mutex);
  change();
}

std::string HttpServer::url() const {
  return absl::StrCat("http://127.0.0.1:", impl_->port);
}

std::vector<ServedRequest> HttpServer::requests() const {
  absl::MutexLock lock(&impl_->mutex);
  return impl_->requests;
}

}  // namespace headway
