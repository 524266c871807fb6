#include "daemon/ingest/egress/proxy.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/ingest/egress/quota_request.h"

namespace headway::ingest {
namespace {

constexpr size_t kMaxRefusals = 20;
constexpr absl::Duration kPause = absl::Milliseconds(20);

// The answer of the proxy itself.
std::string OwnAnswer(const absl::Status& status) {
  absl::string_view line = "502 Bad Gateway";
  if (absl::IsPermissionDenied(status)) line = "403 Forbidden";
  if (absl::IsInvalidArgument(status)) line = "400 Bad Request";
  const std::string body = absl::StrCat("headway: ", status.message(), "\n");
  return absl::StrCat("HTTP/1.1 ", line,
                      "\r\nContent-Type: text/plain\r\nConnection: close\r\n"
                      "Content-Length: ",
                      body.size(), "\r\n\r\n", body);
}

}  // namespace

EgressProxy::EgressProxy(FileDescriptor listener, Options options)
    : listener_(std::move(listener)),
      options_(std::move(options)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  bounds_.stop = stop_.get();
  bounds_.connect_timeout = options_.connect_timeout;
  bounds_.idle_timeout = options_.idle_timeout;
  bounds_.bytes_left = options_.max_bytes;
  // The socket is the plugin's as well as ours: accept must never wait.
  ::fcntl(listener_.get(), F_SETFL, O_NONBLOCK);
  acceptor_ = std::thread([this] { Accept(); });
}

EgressProxy::~EgressProxy() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written =
      ::write(stop_.get(), &one, sizeof(one));
  acceptor_.join();
  std::list<Connection> rest;
  {
    absl::MutexLock lock(&mutex_);
    rest.swap(connections_);
  }
  for (Connection& connection : rest) connection.thread.join();
}

std::vector<std::string> EgressProxy::refusals() const {
  absl::MutexLock lock(&mutex_);
  return refusals_;
}

void EgressProxy::Reap() {
  for (auto each = connections_.begin(); each != connections_.end();) {
    if (!each->ended) {
      ++each;
      continue;
    }
    each->thread.join();
    each = connections_.erase(each);
  }
}

void EgressProxy::Accept() {
  while (true) {
    bool is_full;
    {
      absl::MutexLock lock(&mutex_);
      Reap();
      is_full = connections_.size() >= options_.max_connections;
    }
    const absl::Status ready =
        is_full ? AwaitSocket(-1, 0, kPause, bounds_)
                : AwaitSocket(listener_.get(), POLLIN, absl::Hours(1), bounds_);
    if (absl::IsCancelled(ready)) return;
    if (is_full || !ready.ok()) continue;
    FileDescriptor client(::accept4(listener_.get(), nullptr, nullptr,
                                    SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client.is_open()) {
      // Too few descriptors, say, for a moment.
      if (absl::IsCancelled(AwaitSocket(-1, 0, kPause, bounds_))) return;
      continue;
    }
    Begin(std::move(client));
  }
}

void EgressProxy::Begin(FileDescriptor client) {
  absl::MutexLock lock(&mutex_);
  Connection& connection = connections_.emplace_back();
  try {
    connection.thread =
        std::thread([this, &connection, client = std::move(client)]() mutable {
          // What becomes of it the client has been told, or has hung up.
          Serve(std::move(client)).IgnoreError();
          absl::MutexLock ending(&mutex_);
          connection.ended = true;
        });
  } catch (const std::system_error&) {
    // There are too many threads; the client finds itself hung up.
    connections_.pop_back();
  }
}

absl::Status EgressProxy::Serve(FileDescriptor client) {
  std::string rest;
  absl::StatusOr<RequestHead> request = absl::UnknownError("");
  absl::StatusOr<std::string> head = ReceiveHead(client.get(), bounds_, &rest);
  if (head.ok()) {
    request = ParseRequestHead(*head);
  } else {
    request = head.status();
  }
  if (request.ok() && request->host == kQuotaHost) {
    absl::StatusOr<std::string> answer = AnswerQuota(*request);
    return SendAll(client.get(),
                   answer.ok() ? *answer : OwnAnswer(answer.status()), bounds_);
  }
  absl::StatusOr<FileDescriptor> server =
      request.ok() ? Dial(*request)
                   : absl::StatusOr<FileDescriptor>(request.status());
  if (!server.ok()) {
    RETURN_IF_ERROR(SendAll(client.get(), OwnAnswer(server.status()), bounds_));
    return server.status();
  }
  if (request->is_tunnel) {
    RETURN_IF_ERROR(SendAll(
        client.get(), "HTTP/1.1 200 Connection established\r\n\r\n", bounds_));
  } else {
    RETURN_IF_ERROR(SendAll(server->get(), request->forwarded, bounds_));
  }
  RETURN_IF_ERROR(SendAll(server->get(), rest, bounds_));
  absl::Status status = Relay(client.get(), server->get(), bounds_);
  if (absl::IsResourceExhausted(status)) {
    return Refuse(request->host, request->port,
                  absl::StrCat("the plugin moved more than ",
                               options_.max_bytes, " bytes"));
  }
  return status;
}

absl::StatusOr<std::string> EgressProxy::AnswerQuota(
    const RequestHead& request) {
  ASSIGN_OR_RETURN(const QuotaQuestion question,
                   ParseQuotaQuestion(request.target));
  const auto limit = std::find_if(
      options_.limits.begin(), options_.limits.end(),
      [&](const HostLimit& each) { return each.host == question.host; });
  if (limit == options_.limits.end() || options_.quotas == nullptr) {
    return absl::PermissionDeniedError(absl::StrCat(
        question.host,
        " is none of the hosts whose limits the plugin declares; add it to the "
        "limits of its description"));
  }
  ASSIGN_OR_RETURN(
      const QuotaAnswer answer,
      options_.quotas->Take(*limit, question.requests, question.longest_wait));
  return FormatQuotaAnswer(answer);
}

absl::StatusOr<FileDescriptor> EgressProxy::Dial(const RequestHead& request) {
  const HostRule* rule = FindRule(options_.hosts, request.host, request.port);
  if (rule == nullptr) {
    return Refuse(request.host, request.port,
                  "it is none of the hosts that the plugin declares; if it is "
                  "to be reached, name it in allow_host of the source");
  }
  ASSIGN_OR_RETURN(const std::vector<Address> addresses,
                   AddressesOf(*rule, request.host, request.port));
  absl::Status last;
  for (const Address& address : addresses) {
    absl::StatusOr<FileDescriptor> server = Connect(address, bounds_);
    if (server.ok()) return server;
    last = server.status();
    if (absl::IsCancelled(last)) break;
  }
  return last;
}

absl::StatusOr<std::vector<Address>> EgressProxy::AddressesOf(
    const HostRule& rule, const std::string& host, int port) {
  absl::StatusOr<std::vector<Address>> found;
  {
    absl::MutexLock lock(&resolve_mutex_);
    const std::string key = absl::StrCat(host, " ", port);
    const auto known = resolved_.find(key);
    if (known != resolved_.end()) {
      found = known->second;
    } else {
      found = options_.resolve(host, port);
      // A failure may pass.
      if (found.ok()) resolved_[key] = *found;
    }
  }
  RETURN_IF_ERROR(found.status());
  if (rule.may_be_private) return found;
  const std::string first =
      found->empty() ? std::string("nothing") : FormatAddress(found->front());
  found->erase(
      std::remove_if(found->begin(), found->end(),
                     [](const Address& each) { return !IsPublic(each); }),
      found->end());
  if (!found->empty()) return found;
  return Refuse(host, port,
                absl::StrCat("it leads to ", first,
                             ", which is not an address of the public "
                             "internet; if it is to be reached, name it in "
                             "allow_host of the source"));
}

absl::Status EgressProxy::Refuse(const std::string& host, int port,
                                 absl::string_view why) {
  const std::string line =
      absl::StrCat("the connection to ", host, ":", port, " is refused: ", why);
  absl::MutexLock lock(&mutex_);
  if (refusals_.size() < kMaxRefusals &&
      std::find(refusals_.begin(), refusals_.end(), line) == refusals_.end()) {
    refusals_.push_back(line);
  }
  return absl::PermissionDeniedError(line);
}

}  // namespace headway::ingest
