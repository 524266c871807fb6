// The methods of one service of the API, as the room of its resource offers
// them to the server:
//
//   Methods RunMethods() {
//     Methods methods("RunService");
//     methods.Unary("GetRun", GetRun, {.is_kept = true});
//     methods.Stream("WatchRun", WatchRun);
//     return methods;
//   }
//
// A handler is a plain, thread-safe function that knows nothing of gRPC. It
// runs on the threads of its kind of call.
#ifndef HEADWAY_DAEMON_SERVICE_CALLS_METHODS_H_
#define HEADWAY_DAEMON_SERVICE_CALLS_METHODS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/call_kind.h"
#include "daemon/service/calls/parts.h"
#include "daemon/service/calls/stream_source.h"
#include "daemon/service/calls/upload.h"
#include "google/protobuf/message_lite.h"

namespace headway::service {

class Methods {
 public:
  using Message = google::protobuf::MessageLite;

  // `request` is a prototype of the method's request messages.
  struct UnaryMethod {
    std::string name;
    CallTraits traits;
    const Message* request;
    std::function<absl::StatusOr<std::unique_ptr<Message>>(
        const Parts&, const Call&, const Message& request)>
        handle;
  };
  struct StreamMethod {
    std::string name;
    CallKind kind;
    const Message* request;
    std::function<absl::StatusOr<std::unique_ptr<AnyStreamSource>>(
        const Parts&, const Caller&, const Message& request)>
        open;
  };
  struct UploadMethod {
    std::string name;
    const Message* request;
    std::function<std::unique_ptr<AnyUpload>(const Parts&)> open;
  };

  // `service` is its name without the package: "SeriesService".
  explicit Methods(std::string service) : service_(std::move(service)) {}

  template <typename Request, typename Response>
  void Unary(std::string name,
             absl::StatusOr<Response> (*handler)(const Parts&, const Call&,
                                                 const Request&),
             CallTraits traits = {}) {
    unary_.push_back(
        {std::move(name), traits, &Request::default_instance(),
         [handler](const Parts& parts, const Call& call, const Message& request)
             -> absl::StatusOr<std::unique_ptr<Message>> {
           absl::StatusOr<Response> response =
               handler(parts, call, static_cast<const Request&>(request));
           if (!response.ok()) return response.status();
           return std::make_unique<Response>(*std::move(response));
         }});
  }

  // The parts outlive the source that `open` makes; the others do not.
  template <typename Request, typename Response>
  void Stream(std::string name,
              absl::StatusOr<std::unique_ptr<StreamSource<Response>>> (*open)(
                  const Parts&, const Caller&, const Request&),
              CallKind kind = CallKind::kWatch) {
    streams_.push_back(
        {std::move(name), kind, &Request::default_instance(),
         [open](const Parts& parts, const Caller& caller,
                const Message& request) {
           return absl::StatusOr<std::unique_ptr<AnyStreamSource>>(
               open(parts, caller, static_cast<const Request&>(request)));
         }});
  }

  // The parts outlive the upload that `open` makes.
  template <typename Request, typename Response>
  void Upload(std::string name,
              std::unique_ptr<service::Upload<Request, Response>> (*open)(
                  const Parts&)) {
    uploads_.push_back({std::move(name), &Request::default_instance(), open});
  }

  const std::string& service() const { return service_; }
  const std::vector<UnaryMethod>& unary() const { return unary_; }
  const std::vector<StreamMethod>& streams() const { return streams_; }
  const std::vector<UploadMethod>& uploads() const { return uploads_; }

 private:
  std::string service_;
  std::vector<UnaryMethod> unary_;
  std::vector<StreamMethod> streams_;
  std::vector<UploadMethod> uploads_;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_CALLS_METHODS_H_
