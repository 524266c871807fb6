// The HTTP side: a dashboard, the reading calls as JSON, /metrics and /healthz
// (web/routes.h).
//
// Reads only, through the API's own services in process, so that limits and
// deadlines are those of every client. Listens on loopback alone, and answers
// only requests addressed to loopback by name: a page from elsewhere cannot
// have a browser read it. Thread-safe.
#ifndef HEADWAY_DAEMON_WEB_WEB_SERVER_H_
#define HEADWAY_DAEMON_WEB_WEB_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/service/listen_address.h"
#include "daemon/service/server.h"

namespace headway::web {

class WebServer {
 public:
  // Serves from now on. `server` must outlive it. Fails, naming the address, if
  // it cannot listen there or the address is a Unix socket.
  static absl::StatusOr<std::unique_ptr<WebServer>> Start(
      const service::ListenAddress& listen, service::Server* server);
  // Stops.
  ~WebServer();

  // "127.0.0.1:7312", with the port that was chosen if it was 0.
  const std::string& address() const;

  // Ends every connection, and what is being answered with it.
  void Stop();

 private:
  class Impl;
  explicit WebServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_WEB_SERVER_H_
