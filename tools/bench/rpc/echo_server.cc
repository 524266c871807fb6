#include "tools/bench/rpc/echo_server.h"

#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/base/status_macros.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace headway::bench {
namespace {

namespace fs = std::filesystem;
using grpc::ByteBuffer;
using grpc::internal::RpcMethod;

// The raw callback method is the least that gRPC asks of a server in C++.
class EchoService final : public grpc::Service {
 public:
  void Add(const std::string& path, const std::string& answer) {
    const std::string& kept = paths_.emplace_back(path);
    const grpc::Slice slice(answer);
    const ByteBuffer& buffer = answers_.emplace_back(&slice, 1);
    AddMethod(new grpc::internal::RpcServiceMethod(
        kept.c_str(), RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodRawCallback(
        static_cast<int>(paths_.size()) - 1,
        new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
            [&buffer](grpc::CallbackServerContext* context, const ByteBuffer*,
                      ByteBuffer* response) {
              *response = buffer;
              grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
              reactor->Finish(grpc::Status::OK);
              return reactor;
            }));
  }

 private:
  // gRPC and the handlers hold on to these; a deque never moves them.
  std::deque<std::string> paths_;
  std::deque<ByteBuffer> answers_;
};

std::string ReadBytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void AddAnswers(const std::string& directory, EchoService& service) {
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end;
       !error && it != end; it.increment(error)) {
    if (!it->is_regular_file()) continue;
    service.Add(absl::StrCat("/", fs::relative(it->path(), directory).string()),
                ReadBytes(it->path()));
  }
}

absl::Status WriteAnswers(const std::string& directory,
                          const std::map<std::string, std::string>& answers) {
  for (const auto& [path, answer] : answers) {
    const fs::path file = directory + path;
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    std::ofstream out(file, std::ios::binary);
    out << answer;
    out.close();
    if (!out) {
      return absl::InternalError(absl::StrCat("cannot write ", file.string()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ServeEcho(const std::string& answers, const std::string& listen) {
  EchoService service;
  AddAnswers(answers, service);
  grpc::ServerBuilder builder;
  builder.SetMaxSendMessageSize(-1);
  int port = 0;
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", listen));
  }
  std::printf("%s\n",
              absl::StartsWith(listen, "unix:")
                  ? listen.c_str()
                  : absl::StrCat(absl::StripSuffix(listen, "0"), port).c_str());
  std::fflush(stdout);
  server->Wait();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<EchoProcess>> EchoProcess::Start(
    const std::string& directory,
    const std::map<std::string, std::string>& answers, bool over_unix) {
  const std::string kept = directory + "/answers";
  RETURN_IF_ERROR(WriteAnswers(kept, answers));
  ASSIGN_OR_RETURN(std::unique_ptr<ChildProcess> process,
                   ChildProcess::Start(
                       ThisProgram(),
                       {kEchoCommand, kept,
                        over_unix ? absl::StrCat("unix:", directory, "/socket")
                                  : "127.0.0.1:0"},
                       directory + "/log"));
  ASSIGN_OR_RETURN(std::string address, process->ReadLine(absl::Seconds(30)));
  return std::unique_ptr<EchoProcess>(
      new EchoProcess(std::move(process), std::move(address)));
}

}  // namespace headway::bench
