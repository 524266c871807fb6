// The answers that were given since the last commit, as the bytes that were
// sent: whoever asks the same again gets them at once.
//
// Everything kept goes when something is committed or the definitions are read
// again, and when it takes up too much.
#ifndef HEADWAY_DAEMON_SERVICE_SHELL_ANSWER_CACHE_H_
#define HEADWAY_DAEMON_SERVICE_SHELL_ANSWER_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/byte_buffer.h"

namespace headway::service {

// Thread-safe.
class AnswerCache {
 public:
  // What answers follow from besides the request.
  struct Version {
    uint64_t commit = 0;
    // Held, so that no others can take its address.
    std::shared_ptr<const void> definitions;

    friend bool operator==(const Version&, const Version&) = default;
  };

  // `now` gives the newest version; thread-safe.
  AnswerCache(size_t max_bytes, std::function<Version()> now)
      : max_bytes_(max_bytes), now_(std::move(now)) {}

  struct Lookup {
    std::optional<grpc::ByteBuffer> answer;
    // What an answer that is made now is to be kept with.
    Version version;
  };
  // `key` stands for the method and the request.
  Lookup Find(const std::string& key);
  // An answer of another version than the newest is not kept.
  void Keep(const Version& version, std::string&& key,
            const grpc::ByteBuffer& answer);

 private:
  void Clear() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_bytes_;
  const std::function<Version()> now_;
  absl::Mutex mutex_;
  Version version_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, grpc::ByteBuffer> answers_
      ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SHELL_ANSWER_CACHE_H_
