#include "daemon/web/http/server.h"

// Asio 1.74 uses std::exchange without it.
#include <utility>

// The one place of these heavy headers.
#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <chrono>
#include <limits>
#include <optional>
#include <thread>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "daemon/base/thread_pool.h"
#include "daemon/web/http/head.h"

namespace headway::web {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using beast::error_code;
using SteadyClock = std::chrono::steady_clock;

constexpr size_t kMostLingeringBytes = 64 << 10;
constexpr std::chrono::milliseconds kAcceptRetry(100);

SteadyClock::duration ToSteady(absl::Duration duration) {
  return absl::ToChronoNanoseconds(duration);
}

absl::string_view ToAbsl(beast::string_view text) {
  return absl::string_view(text.data(), text.size());
}

Reply Overloaded(absl::string_view why) {
  return {503,
          kPlainText,
          absl::StrCat(why, "; try again later\n"),
          {{"Retry-After", "1"}}};
}

std::string FormatHead(const Reply& reply, bool keep_alive,
                       const std::vector<HttpField>& fields) {
  const auto reason = beast::http::obsolete_reason(
      beast::http::int_to_status(static_cast<unsigned>(reply.status)));
  std::string head = absl::StrCat(
      "HTTP/1.1 ", reply.status, " ", ToAbsl(reason),
      "\r\nContent-Type: ", reply.content_type,
      "\r\nContent-Length: ", reply.body.size(),
      "\r\nConnection: ", keep_alive ? "keep-alive" : "close",
      // Many small ranges of one body would make a reply of any size.
      "\r\nAccept-Ranges: none\r\n");
  for (const auto* list : {&reply.fields, &fields}) {
    for (const auto& [name, value] : *list) {
      absl::StrAppend(&head, name, ": ", value, "\r\n");
    }
  }
  return absl::StrCat(head, "\r\n");
}

// Why a head that the parser does not take is refused; nothing where the
// connection failed or ended.
std::optional<Reply> RefuseSyntax(error_code error, size_t head_bytes) {
  using Error = beast::http::error;
  if (error == Error::header_limit || error == Error::buffer_overflow) {
    return Reply{431, kPlainText,
                 absl::StrCat("the request line and the fields have more than ",
                              head_bytes, " bytes\n")};
  }
  const bool is_syntax =
      error.category() == make_error_code(Error::bad_method).category();
  if (!is_syntax || error == Error::end_of_stream ||
      error == Error::partial_message) {
    return std::nullopt;
  }
  return Reply{
      400, kPlainText,
      absl::StrCat("the request is malformed: ", error.message(), "\n")};
}

}  // namespace

// Everything but Stop, counts and the making of answers happens on thread_.
class HttpServer::Impl {
 public:
  Impl(Options options, Handler handler)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        pool_(std::in_place,
              ThreadPool::Options{.threads = options_.limits.threads,
                                  .max_queued = options_.limits.queued}) {}
  ~Impl() { Stop(); }

  absl::Status Listen();
  int port() const { return port_; }
  HttpCounts counts() const {
    absl::MutexLock lock(&mutex_);
    return counts_;
  }
  void Stop();

 private:
  class Connection;

  const HttpLimits& limits() const { return options_.limits; }
  void Accept();
  void Admit(tcp::socket socket);
  // Whether there is room for one more connection from there, if need be after
  // another was closed.
  bool MakeRoom(const asio::ip::address& peer);
  void Remove(uint64_t id);
  // Has the pool make the answer and gives it to the connection, if that is
  // still there; false if the pool is full.
  bool Schedule(uint64_t id, std::function<Reply()> make);
  template <typename Change>
  void Count(Change change) {
    absl::MutexLock lock(&mutex_);
    change(counts_);
  }

  const Options options_;
  const Handler handler_;
  asio::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer accept_retry_{io_};
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  uint64_t next_id_ = 0;
  std::map<uint64_t, std::shared_ptr<Connection>> connections_;
  size_t unsent_bytes_ = 0;
  mutable absl::Mutex mutex_;
  HttpCounts counts_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
  // Before everything that its threads use is gone, they are.
  std::optional<ThreadPool> pool_;
};

// One client: waits for a request, has it answered, sends the reply, and so on
// until one side has enough.
class HttpServer::Impl::Connection
    : public std::enable_shared_from_this<Connection> {
 public:
  Connection(uint64_t id, tcp::socket socket, asio::ip::address peer,
             Impl* server)
      : id_(id),
        peer_(std::move(peer)),
        server_(server),
        stream_(std::move(socket)),
        buffer_(server->limits().head_bytes) {}

  const asio::ip::address& peer() const { return peer_; }
  // Since when the client keeps us waiting; nothing while it waits for us.
  std::optional<SteadyClock::time_point> waiting_since() const {
    return waiting_since_;
  }

  void AwaitRequest();
  void Send(Reply reply);
  void Close();

 private:
  // Calls a member when an operation is done, unless the connection was closed
  // meanwhile or the operation took too long.
  template <typename Then>
  auto Continue(Then then) {
    return [self = this->shared_from_this(), then](error_code error,
                                                   size_t bytes) {
      if (self->closed_) return;
      if (error == beast::error::timeout) {
        self->TimeOut();
      } else {
        ((*self).*then)(error, bytes);
      }
    };
  }

  void OnFirstBytes(error_code error, size_t bytes);
  void ReadRequest();
  void OnHead(error_code error, size_t bytes);
  void Answer(const HttpRequest& request);
  // Sends the reply and reads no more requests.
  void Refuse(Reply reply);
  void SendSome();
  void OnSent(error_code error, size_t bytes);
  // Closes in such a way that the client gets what was sent: a socket that is
  // closed with bytes unread takes back what is under way.
  void TakeLeave();
  void Discard();
  void OnDiscarded(error_code error, size_t bytes);
  void TimeOut();

  const uint64_t id_;
  const asio::ip::address peer_;
  Impl* const server_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::empty_body>> parser_;
  std::optional<SteadyClock::time_point> waiting_since_;
  bool closed_ = false;

  bool is_head_ = false;
  bool keep_alive_ = false;
  // The reply under way, and how much of the two the client has taken.
  std::string reply_head_;
  std::string reply_body_;
  size_t sent_ = 0;
  SteadyClock::time_point send_deadline_;
  size_t discarded_ = 0;
};

void HttpServer::Impl::Connection::AwaitRequest() {
  waiting_since_ = SteadyClock::now();
  if (buffer_.size() > 0) {
    ReadRequest();
    return;
  }
  stream_.expires_after(ToSteady(server_->limits().idle_time));
  stream_.async_read_some(buffer_.prepare(server_->limits().head_bytes),
                          Continue(&Connection::OnFirstBytes));
}

void HttpServer::Impl::Connection::OnFirstBytes(error_code error,
                                                size_t bytes) {
  if (error) {
    Close();
    return;
  }
  buffer_.commit(bytes);
  ReadRequest();
}

void HttpServer::Impl::Connection::ReadRequest() {
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(server_->limits().head_bytes));
  // Bodies are refused by their announcement, whatever their length.
  parser_->body_limit(std::numeric_limits<uint64_t>::max());
  stream_.expires_after(ToSteady(server_->limits().head_time));
  beast::http::async_read_header(stream_, buffer_, *parser_,
                                 Continue(&Connection::OnHead));
}

void HttpServer::Impl::Connection::OnHead(error_code error, size_t) {
  waiting_since_.reset();
  is_head_ = false;
  if (error) {
    auto refusal = RefuseSyntax(error, server_->limits().head_bytes);
    if (refusal.has_value()) {
      Refuse(std::move(*refusal));
    } else {
      Close();
    }
    return;
  }
  const auto& message = parser_->get();
  RequestHead head = {.method = std::string(ToAbsl(message.method_string())),
                      .target = std::string(ToAbsl(message.target()))};
  for (const auto& field : message) {
    head.fields.emplace_back(absl::AsciiStrToLower(ToAbsl(field.name_string())),
                             std::string(ToAbsl(field.value())));
  }
  is_head_ = head.method == "HEAD";
  std::variant<HttpRequest, Reply> read = ReadHead(head);
  if (Reply* refusal = std::get_if<Reply>(&read)) {
    Refuse(std::move(*refusal));
    return;
  }
  keep_alive_ = parser_->keep_alive();
  HttpRequest& request = std::get<HttpRequest>(read);
  request.from_outside |= !peer_.is_loopback();
  Answer(request);
}

void HttpServer::Impl::Connection::Answer(const HttpRequest& request) {
  HttpAnswer answer = server_->handler_(request);
  if (answer.quick) {
    Send(answer.make());
  } else if (!server_->Schedule(id_, std::move(answer.make))) {
    Refuse(Overloaded("too many requests wait to be answered"));
  }
}

void HttpServer::Impl::Connection::Refuse(Reply reply) {
  server_->Count([&](HttpCounts& counts) { ++counts.refusals[reply.status]; });
  keep_alive_ = false;
  Send(std::move(reply));
}

void HttpServer::Impl::Connection::Send(Reply reply) {
  const size_t unsent = server_->unsent_bytes_;
  if (!is_head_ && unsent > 0 &&
      unsent + reply.body.size() > server_->limits().unsent_bytes) {
    server_->Count([](HttpCounts& counts) { ++counts.refusals[503]; });
    keep_alive_ = false;
    reply = Overloaded("clients have too many replies yet to take");
  }
  reply_head_ = FormatHead(reply, keep_alive_, server_->options_.fields);
  reply_body_ = is_head_ ? "" : std::move(reply.body);
  server_->unsent_bytes_ += reply_body_.size();
  sent_ = 0;
  send_deadline_ = SteadyClock::now() + ToSteady(server_->limits().write_time);
  SendSome();
}

void HttpServer::Impl::Connection::SendSome() {
  waiting_since_ = SteadyClock::now();
  if (*waiting_since_ >= send_deadline_) {
    TimeOut();
    return;
  }
  stream_.expires_at(
      std::min(*waiting_since_ + ToSteady(server_->limits().stall_time),
               send_deadline_));
  const size_t head_sent = std::min(sent_, reply_head_.size());
  const std::array<asio::const_buffer, 2> rest = {
      asio::buffer(reply_head_) + head_sent,
      asio::buffer(reply_body_) + (sent_ - head_sent)};
  stream_.async_write_some(rest, Continue(&Connection::OnSent));
}

void HttpServer::Impl::Connection::OnSent(error_code error, size_t bytes) {
  if (error) {
    Close();
    return;
  }
  sent_ += bytes;
  if (sent_ < reply_head_.size() + reply_body_.size()) {
    SendSome();
    return;
  }
  server_->unsent_bytes_ -= reply_body_.size();
  reply_body_ = std::string();
  if (keep_alive_) {
    AwaitRequest();
  } else {
    TakeLeave();
  }
}

void HttpServer::Impl::Connection::TakeLeave() {
  error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  buffer_.clear();
  stream_.expires_after(ToSteady(server_->limits().linger_time));
  Discard();
}

void HttpServer::Impl::Connection::Discard() {
  stream_.async_read_some(buffer_.prepare(server_->limits().head_bytes),
                          Continue(&Connection::OnDiscarded));
}

void HttpServer::Impl::Connection::OnDiscarded(error_code error, size_t bytes) {
  discarded_ += bytes;
  if (error || discarded_ > kMostLingeringBytes) {
    Close();
  } else {
    Discard();
  }
}

void HttpServer::Impl::Connection::TimeOut() {
  server_->Count([](HttpCounts& counts) { ++counts.timeouts; });
  Close();
}

void HttpServer::Impl::Connection::Close() {
  if (std::exchange(closed_, true)) return;
  stream_.close();
  server_->unsent_bytes_ -= reply_body_.size();
  server_->Remove(id_);
}

absl::Status HttpServer::Impl::Listen() {
  error_code error;
  const auto address = asio::ip::make_address(options_.host, error);
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", options_.host, "\" is no numeric address: ", error.message()));
  }
  const tcp::endpoint endpoint(address, static_cast<uint16_t>(options_.port));
  acceptor_.open(endpoint.protocol(), error);
  // Connections of an earlier daemon that are still closing are not in the way;
  // another daemon is, as it would not be with SO_REUSEPORT.
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (error) return absl::UnavailableError(error.message());
  Accept();
  thread_ = std::thread([this] { io_.run(); });
  return absl::OkStatus();
}

void HttpServer::Impl::Accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) {
      Admit(std::move(socket));
      Accept();
      return;
    }
    // Such as too many open files, which lasts: at once it would fail again.
    accept_retry_.expires_after(kAcceptRetry);
    accept_retry_.async_wait([this](error_code cancelled) {
      if (!cancelled) Accept();
    });
  });
}

void HttpServer::Impl::Admit(tcp::socket socket) {
  error_code error;
  const asio::ip::address peer = socket.remote_endpoint(error).address();
  if (error) return;  // It is gone already.
  if (!MakeRoom(peer)) {
    Count([](HttpCounts& counts) { ++counts.refused_connections; });
    return;
  }
  // A reply is written as a whole; without this its end may wait.
  socket.set_option(tcp::no_delay(true), error);
  const uint64_t id = next_id_++;
  const auto connection =
      std::make_shared<Connection>(id, std::move(socket), peer, this);
  connections_.emplace(id, connection);
  Count([](HttpCounts& counts) {
    ++counts.open_connections;
    ++counts.accepted_connections;
  });
  connection->AwaitRequest();
}

bool HttpServer::Impl::MakeRoom(const asio::ip::address& peer) {
  const auto is_of_peer = [&](const auto& entry) {
    return entry.second->peer() == peer;
  };
  const bool is_full = connections_.size() >= limits().connections;
  const bool is_peer_full =
      std::count_if(connections_.begin(), connections_.end(), is_of_peer) >=
      static_cast<ptrdiff_t>(limits().connections_per_address);
  if (!is_full && !is_peer_full) return true;
  std::shared_ptr<Connection> slowest;
  for (const auto& entry : connections_) {
    const std::shared_ptr<Connection>& connection = entry.second;
    if (!connection->waiting_since().has_value()) continue;
    if (is_peer_full && !is_of_peer(entry)) continue;
    if (slowest == nullptr ||
        *connection->waiting_since() < *slowest->waiting_since()) {
      slowest = connection;
    }
  }
  if (slowest == nullptr) return false;
  Count([](HttpCounts& counts) { ++counts.evicted_connections; });
  slowest->Close();
  return true;
}

void HttpServer::Impl::Remove(uint64_t id) {
  connections_.erase(id);
  Count([](HttpCounts& counts) { --counts.open_connections; });
}

bool HttpServer::Impl::Schedule(uint64_t id, std::function<Reply()> make) {
  const absl::Status scheduled =
      pool_->Schedule([this, id, make = std::move(make)] {
        if (stopping_) return;
        asio::post(io_, [this, id, reply = make()]() mutable {
          const auto found = connections_.find(id);
          if (found != connections_.end()) {
            found->second->Send(std::move(reply));
          }
        });
      });
  return scheduled.ok();
}

void HttpServer::Impl::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  asio::post(io_, [this] {
    error_code ignored;
    acceptor_.close(ignored);
    accept_retry_.cancel();
    while (!connections_.empty()) {
      // Closing takes it out of the map.
      const std::shared_ptr<Connection> first = connections_.begin()->second;
      first->Close();
    }
  });
  thread_.join();
  pool_.reset();
}

HttpServer::HttpServer(Options options, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler))) {}
HttpServer::~HttpServer() = default;

absl::Status HttpServer::Listen() { return impl_->Listen(); }

int HttpServer::port() const { return impl_->port(); }

HttpCounts HttpServer::counts() const { return impl_->counts(); }

void HttpServer::Stop() { impl_->Stop(); }

}  // namespace headway::web
