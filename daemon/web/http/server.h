// An HTTP/1.1 server for GET and HEAD that holds still under bad clients.
//
//   HttpServer server(options, handler);
//   RETURN_IF_ERROR(server.Listen());
//
// One thread does all input and output, so that slow and idle clients hold no
// thread; what takes time is answered on a bounded pool, and beyond its queue
// with 503. Every wait for a client has a limit, and so have the connections:
// at a bound, whoever has kept the server waiting longest makes room. Ranges
// are not served. After a refusal the connection ends, and nothing that came
// after the refused head is ever read as a request. Thread-safe.
#ifndef HEADWAY_DAEMON_WEB_HTTP_SERVER_H_
#define HEADWAY_DAEMON_WEB_HTTP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/web/http/message.h"

namespace headway::web {

struct HttpLimits {
  // The request line and the fields.
  size_t head_bytes = 8192;
  // For the first byte of a request, on a new connection or after a reply.
  absl::Duration idle_time = absl::Seconds(5);
  // From its first byte to the end of its head.
  absl::Duration head_time = absl::Seconds(5);
  // For a client to take some of a reply, and all of it.
  absl::Duration stall_time = absl::Seconds(10);
  absl::Duration write_time = absl::Minutes(1);
  // For a client to take leave after the last reply.
  absl::Duration linger_time = absl::Seconds(1);

  // Fewer are under way at once than one address may have connections, so that
  // there is always one that can make room.
  int threads = 8;
  size_t queued = 32;
  size_t connections_per_address = 64;
  size_t connections = 128;
  // What all clients together have yet to take; one reply may be larger.
  size_t unsent_bytes = 128 << 20;
};

// How a request is answered.
struct HttpAnswer {
  // Blocks and computes nothing to speak of, and is done on the server's own
  // thread: also when the pool is busy.
  bool quick = false;
  std::function<Reply()> make;
};

// What the server has done since it started.
struct HttpCounts {
  int64_t open_connections = 0;
  int64_t accepted_connections = 0;
  // Closed to make room for others, and closed as there was none.
  int64_t evicted_connections = 0;
  int64_t refused_connections = 0;
  // Closed because a limit of time was over.
  int64_t timeouts = 0;
  // Requests that the server itself refused, by status.
  std::map<int, int64_t> refusals;
};

class HttpServer {
 public:
  struct Options {
    // A numeric address. Port 0 is any that is free.
    std::string host;
    int port = 0;
    HttpLimits limits;
    // Every reply has these fields.
    std::vector<HttpField> fields;
  };
  // Called on the server's own thread, and must not block.
  using Handler = std::function<HttpAnswer(const HttpRequest&)>;

  HttpServer(Options options, Handler handler);
  // Stops.
  ~HttpServer();

  // Serves from now on; to be called once. Fails with the system's reason if it
  // cannot listen there.
  absl::Status Listen();

  // The one that was chosen if it was 0.
  int port() const;

  HttpCounts counts() const;

  // Closes every connection; replies under way are lost. Returns when no answer
  // is being made any more.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_HTTP_SERVER_H_
