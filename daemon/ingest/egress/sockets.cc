#include "daemon/ingest/egress/sockets.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"

namespace headway::ingest {
namespace {

constexpr size_t kMaxHead = size_t{64} << 10;

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(
      std::clamp<int64_t>(absl::ToInt64Milliseconds(duration), 0, 1 << 30));
}

bool IsForNow(int error) { return error == EAGAIN || error == EINTR; }

// One of the two directions of a relay.
class Flow {
 public:
  Flow(int from, int to) : from_(from), to_(to) {}

  bool ended() const { return ended_; }
  // What is waited for.
  short events_of_source() const {
    return !eof_ && begin_ == end_ ? POLLIN : 0;
  }
  short events_of_target() const { return begin_ < end_ ? POLLOUT : 0; }

  // Reads if nothing is held, then writes what is. Whether anything moved; an
  // error of either end ends both.
  absl::StatusOr<bool> Move(Bounds& bounds) {
    bool moved = false;
    if (!eof_ && begin_ == end_) {
      const ssize_t size = ::recv(from_, buffer_.data(), buffer_.size(), 0);
      if (size < 0 && !IsForNow(errno)) return Broken();
      if (size >= 0) moved = true;
      if (size == 0) eof_ = true;
      begin_ = 0;
      end_ = size > 0 ? static_cast<size_t>(size) : 0;
      if (size > 0 && bounds.bytes_left.fetch_sub(size) < size) {
        return absl::ResourceExhaustedError("it moved too many bytes");
      }
    }
    if (begin_ < end_) {
      const ssize_t size =
          ::send(to_, buffer_.data() + begin_, end_ - begin_, MSG_NOSIGNAL);
      if (size < 0 && !IsForNow(errno)) return Broken();
      if (size > 0) {
        begin_ += static_cast<size_t>(size);
        moved = true;
      }
    }
    if (eof_ && begin_ == end_ && !ended_) {
      ::shutdown(to_, SHUT_WR);
      ended_ = true;
    }
    return moved;
  }

 private:
  static absl::Status Broken() {
    return absl::UnavailableError("the connection broke");
  }

  const int from_;
  const int to_;
  std::array<char, size_t{16} << 10> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool eof_ = false;
  bool ended_ = false;
};

}  // namespace

absl::Status AwaitSocket(int fd, short events, absl::Duration timeout,
                         const Bounds& bounds) {
  pollfd fds[2] = {{fd, events, 0}, {bounds.stop, POLLIN, 0}};
  int ready;
  do {
    ready = ::poll(fds, 2, Milliseconds(timeout));
  } while (ready < 0 && errno == EINTR);
  if (fds[1].revents != 0) return absl::CancelledError("the plugin has ended");
  if (ready == 0) return absl::DeadlineExceededError("nothing came in time");
  return absl::OkStatus();
}

absl::StatusOr<FileDescriptor> Connect(const Address& address,
                                       const Bounds& bounds) {
  const auto failed = [&](int error) {
    return absl::UnavailableError(absl::StrCat("cannot connect to ",
                                               FormatAddress(address), ": ",
                                               std::strerror(error)));
  };
  FileDescriptor socket(::socket(
      address.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return failed(errno);
  if (::connect(socket.get(), address.get(), address.size) == 0) return socket;
  if (errno != EINPROGRESS) return failed(errno);
  const absl::Status ready =
      AwaitSocket(socket.get(), POLLOUT, bounds.connect_timeout, bounds);
  if (absl::IsDeadlineExceeded(ready)) return failed(ETIMEDOUT);
  RETURN_IF_ERROR(ready);
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return failed(error);
  return socket;
}

absl::Status SendAll(int fd, absl::string_view bytes, const Bounds& bounds) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size >= 0) {
      bytes.remove_prefix(static_cast<size_t>(size));
      continue;
    }
    if (!IsForNow(errno)) return absl::UnavailableError("it hung up");
    RETURN_IF_ERROR(AwaitSocket(fd, POLLOUT, bounds.idle_timeout, bounds));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReceiveHead(int fd, const Bounds& bounds,
                                        std::string* rest) {
  std::string head;
  std::array<char, size_t{4} << 10> buffer;
  while (head.size() < kMaxHead) {
    const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (size == 0) return absl::UnavailableError("it hung up");
    if (size < 0) {
      if (!IsForNow(errno)) return absl::UnavailableError("it hung up");
      RETURN_IF_ERROR(AwaitSocket(fd, POLLIN, bounds.idle_timeout, bounds));
      continue;
    }
    const size_t seen = head.size() < 3 ? 0 : head.size() - 3;
    head.append(buffer.data(), static_cast<size_t>(size));
    const size_t end = head.find("\r\n\r\n", seen);
    if (end == std::string::npos) continue;
    *rest = head.substr(end + 4);
    head.resize(end + 4);
    return head;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the head of the request has more than ", kMaxHead, " bytes"));
}

absl::Status Relay(int a, int b, Bounds& bounds) {
  Flow there(a, b);
  Flow back(b, a);
  while (!there.ended() || !back.ended()) {
    ASSIGN_OR_RETURN(const bool moved_there, there.Move(bounds));
    ASSIGN_OR_RETURN(const bool moved_back, back.Move(bounds));
    if (moved_there || moved_back) continue;
    pollfd fds[3] = {
        {a,
         static_cast<short>(there.events_of_source() | back.events_of_target()),
         0},
        {b,
         static_cast<short>(back.events_of_source() | there.events_of_target()),
         0},
        {bounds.stop, POLLIN, 0}};
    // A socket that is not waited for would report that it was hung up, again
    // and again.
    for (pollfd& each : fds) {
      if (each.events == 0) each.fd = -1;
    }
    const int ready = ::poll(fds, 3, Milliseconds(bounds.idle_timeout));
    if (fds[2].revents != 0)
      return absl::CancelledError("the plugin has ended");
    if (ready == 0) return absl::DeadlineExceededError("nothing came in time");
  }
  return absl::OkStatus();
}

}  // namespace headway::ingest
