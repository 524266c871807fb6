// The way out for one plugin: an HTTP proxy that lets it reach the hosts that
// it declared, and nothing else.
//
// The plugin is in a network namespace of its own, where nothing is but its
// loopback; the proxy accepts on a socket that listens there and connects from
// the daemon's namespace. It speaks CONNECT (https) and plain http. A name is
// resolved once for the whole run and every address that comes is looked at, so
// that what was looked at is what is connected to: a name whose server answers
// otherwise the second time is not asked again. Addresses that are not of the
// public internet are refused, unless the operator let that host have them.
//
// It answers one question itself: how often a host may be asked
// (quota_request.h), of the hosts whose limits the plugin declared.
//
// Thread-safe. Threads of its own: one that accepts, one for each connection.
#ifndef HEADWAY_DAEMON_INGEST_EGRESS_PROXY_H_
#define HEADWAY_DAEMON_INGEST_EGRESS_PROXY_H_

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/base/file_descriptor.h"
#include "daemon/ingest/egress/address.h"
#include "daemon/ingest/egress/hosts.h"
#include "daemon/ingest/egress/quotas.h"
#include "daemon/ingest/egress/request_head.h"
#include "daemon/ingest/egress/sockets.h"

namespace headway::ingest {

class EgressProxy {
 public:
  struct Options {
    std::vector<HostRule> hosts;
    // What the plugin declared, and who counts for all plugins; null: nobody.
    std::vector<HostLimit> limits = {};
    QuotaKeeper* quotas = nullptr;
    Resolver resolve = ResolveHost;
    absl::Duration connect_timeout = absl::Seconds(20);
    absl::Duration idle_timeout = absl::Minutes(2);
    // At once; others wait.
    size_t max_connections = 32;
    // Both ways, all connections together.
    int64_t max_bytes = int64_t{4} << 30;
  };

  // `listener` is a socket that listens.
  EgressProxy(FileDescriptor listener, Options options);
  // Ends every connection.
  ~EgressProxy();

  // What was refused, each host once, with the reason: a line each, the first
  // twenty.
  std::vector<std::string> refusals() const;

 private:
  struct Connection {
    std::thread thread;
    bool ended = false;
  };

  void Accept();
  void Begin(FileDescriptor client);
  // Joins the threads of connections that have ended.
  void Reap() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Serve(FileDescriptor client);
  absl::StatusOr<std::string> AnswerQuota(const RequestHead& request);
  absl::StatusOr<FileDescriptor> Dial(const RequestHead& request);
  // The addresses that may be connected to, found at the first call for a host.
  absl::StatusOr<std::vector<Address>> AddressesOf(const HostRule& rule,
                                                   const std::string& host,
                                                   int port);
  absl::Status Refuse(const std::string& host, int port, absl::string_view why);

  const FileDescriptor listener_;
  const Options options_;
  const FileDescriptor stop_;
  Bounds bounds_;

  mutable absl::Mutex mutex_;
  std::list<Connection> connections_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> refusals_ ABSL_GUARDED_BY(mutex_);
  absl::Mutex resolve_mutex_;
  std::map<std::string, std::vector<Address>> resolved_
      ABSL_GUARDED_BY(resolve_mutex_);
  std::thread acceptor_;
};

}  // namespace headway::ingest

#endif  // HEADWAY_DAEMON_INGEST_EGRESS_PROXY_H_
