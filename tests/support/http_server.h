// A real HTTP server on the loopback that answers as a test says.
#ifndef HEADWAY_TESTS_SUPPORT_HTTP_SERVER_H_
#define HEADWAY_TESTS_SUPPORT_HTTP_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace headway {

struct ServedRequest {
  std::string method;
  std::string path;
  std::multimap<std::string, std::string> parameters;
  // Names in lower case.
  std::map<std::string, std::string> headers;
  std::string body;

  std::string parameter(const std::string& name) const {
    auto it = parameters.find(name);
    return it == parameters.end() ? "" : it->second;
  }
};

struct ServedAnswer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::map<std::string, std::string> headers = {};
  // Closes the connection after half of the body.
  bool cut_short = false;
};

class HttpServer {
 public:
  using Handler = std::function<ServedAnswer(const ServedRequest&)>;

  // The handler is called on the server's threads, one call at a time.
  explicit HttpServer(Handler handler);
  ~HttpServer();

  // Runs `change` while no handler runs: how a test changes what its handler
  // reads.
  void Between(const std::function<void()>& change);

  // "http://127.0.0.1:PORT"
  std::string url() const;
  // What was asked so far.
  std::vector<ServedRequest> requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace headway

#endif  // HEADWAY_TESTS_SUPPORT_HTTP_SERVER_H_
