#include "daemon/ingest/documents/collector.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/log.h"
#include "daemon/base/status_macros.h"

namespace headway::ingest {
namespace {

constexpr size_t kMaxName = 200;
// What a file is called while it is read. No good name, so never taken itself.
constexpr char kTaken[] = ".taken";
// A bound on the work of looking, for one look.
constexpr size_t kMaxListed = 2 * kMaxDocuments;
constexpr size_t kMaxWarnings = 5;
constexpr size_t kMaxHeaderBytes = size_t{64} << 10;
// What pull entries hold of a plugin that commits without end.
constexpr size_t kMaxCommits = 10000;
// Documents go to the store together up to this many bytes.
constexpr size_t kFlushBytes = size_t{8} << 20;
// A recording is larger than its body: escapes or base64, and headers.
constexpr int64_t kRecordingGrowth = 2;
constexpr int64_t kRecordingHead = int64_t{1} << 20;

bool IsRecordingName(absl::string_view name) {
  return absl::EndsWith(name, ".json");
}

bool IsGoodName(absl::string_view name) {
  return name.size() <= kMaxName && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

// Without a user and password before the host.
std::string WithoutUser(std::string url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const size_t start = scheme + 3;
  const size_t end = std::min(url.find_first_of("/?#", start), url.size());
  const size_t at = url.rfind('@', end);
  if (at == std::string::npos || at < start || at >= end) return url;
  return url.replace(start, at - start, "***");
}

// Reads a file of at most `limit` bytes; an error says what is wrong with it.
absl::StatusOr<std::string> ReadRegularFile(int directory, const char* name,
                                            int64_t limit) {
  // O_NONBLOCK, for opening a FIFO would wait for who writes to it.
  const int fd =
      ::openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    return absl::FailedPreconditionError(
        errno == ELOOP ? "it is a symbolic link" : std::strerror(errno));
  }
  struct stat info = {};
  absl::Status status;
  std::string bytes;
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    status = absl::FailedPreconditionError("it is not a regular file");
  } else if (info.st_size > limit) {
    status = absl::ResourceExhaustedError(
        absl::StrCat("it has ", info.st_size, " bytes, more than ", limit));
  } else {
    bytes.resize(static_cast<size_t>(info.st_size));
    size_t got = 0;
    while (got < bytes.size()) {
      const ssize_t n = ::read(fd, bytes.data() + got, bytes.size() - got);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;  // cut short meanwhile: what is there is the document
      got += static_cast<size_t>(n);
    }
    bytes.resize(got);
  }
  ::close(fd);
  if (!status.ok()) return status;
  return bytes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DocumentCollector>> DocumentCollector::Create(
    const DocumentPolicy& policy, Redactor redactor, store::Pull pull,
    Clock* clock, store::DocumentArchive* archive) {
  ASSIGN_OR_RETURN(PrivateDirectory directory, PrivateDirectory::Create());
  const int fd =
      ::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return absl::InternalError(absl::StrCat("cannot open ", directory.path(),
                                            ": ", std::strerror(errno)));
  }
  std::unique_ptr<DocumentCollector> collector(
      new DocumentCollector(policy, std::move(redactor), std::move(pull), clock,
                            archive, std::move(directory), fd));
  ASSIGN_OR_RETURN(
      collector->pull_.start_time,
      archive->NextStartTime(collector->pull_.source, clock->Now()));
  return collector;
}

DocumentCollector::DocumentCollector(const DocumentPolicy& policy,
                                     Redactor redactor, store::Pull pull,
                                     Clock* clock,
                                     store::DocumentArchive* archive,
                                     PrivateDirectory directory,
                                     int directory_fd)
    : policy_(policy),
      redactor_(std::move(redactor)),
      clock_(clock),
      archive_(archive),
      directory_(std::move(directory)),
      directory_fd_(directory_fd),
      pull_(std::move(pull)) {}

DocumentCollector::~DocumentCollector() { ::close(directory_fd_); }

absl::Status DocumentCollector::BeforeCommit(absl::string_view stream,
                                             absl::Time known_at) {
  if (pull_.commits.size() < kMaxCommits) {
    pull_.commits.emplace_back(stream, known_at);
  }
  return Collect(false);
}

absl::Status DocumentCollector::Finish(int64_t observations,
                                       const absl::Status& end) {
  RETURN_IF_ERROR(Collect(true));
  // Without documents there is nothing to replay.
  if (pull_.documents == 0) return absl::OkStatus();
  pull_.ended = true;
  pull_.end_time = clock_->Now();
  pull_.observations = observations;
  pull_.error = std::string(end.message());
  RETURN_IF_ERROR(archive_->Put({}, &pull_));
  return archive_
      ->Enforce(pull_.source, {.not_before = pull_.end_time - policy_.keep,
                               .max_bytes = policy_.keep_bytes})
      .status();
}

absl::Status DocumentCollector::Collect(bool at_end) {
  for (const std::string& file : ListFiles(at_end)) {
    Take(file, at_end);
    if (pending_bytes_ >= kFlushBytes) RETURN_IF_ERROR(Flush());
  }
  return Flush();
}

std::vector<std::string> DocumentCollector::ListFiles(bool at_end) const {
  std::vector<std::string> files;
  if (taken_ > kMaxDocuments) return files;
  // A descriptor of its own, for closedir closes it; the position is shared.
  const int fd = ::fcntl(directory_fd_, F_DUPFD_CLOEXEC, 0);
  DIR* directory = fd < 0 ? nullptr : ::fdopendir(fd);
  if (directory == nullptr) return files;
  ::rewinddir(directory);
  while (const dirent* entry = ::readdir(directory)) {
    const absl::string_view name = entry->d_name;
    if (name == "." || name == ".." || absl::EndsWith(name, ".part")) continue;
    if (!at_end && !IsRecordingName(name)) continue;
    if (files.size() >= kMaxListed) break;
    files.emplace_back(name);
  }
  ::closedir(directory);
  std::sort(files.begin(), files.end());
  return files;
}

void DocumentCollector::Take(const std::string& file, bool at_end) {
  if (taken_ >= kMaxDocuments) {
    if (taken_++ == kMaxDocuments) {
      Warn(file, absl::StrCat("nor were those after it: there are more than ",
                              kMaxDocuments, " in one pull"));
    }
    return;
  }
  if (!IsGoodName(file)) {
    if (!at_end) return;
    return Warn(file,
                "its name has other characters than letters, digits, '.', '_' "
                "and '-', begins with '.' or is too long");
  }
  // Out of the plugin's way first: what it writes under this name meanwhile is
  // another document.
  if (::renameat(directory_fd_, file.c_str(), directory_fd_, kTaken) != 0) {
    return Warn(file, std::strerror(errno));
  }
  const bool taken = TakeRenamed(file, at_end);
  if (taken) ++taken_;
  if (taken && ::unlinkat(directory_fd_, kTaken, 0) == 0) return;
  // A directory cannot be unlinked; it goes with the one that it is in.
  if (::renameat2(directory_fd_, kTaken, directory_fd_, file.c_str(),
                  RENAME_NOREPLACE) != 0) {
    // There is a newer one already.
    ::unlinkat(directory_fd_, kTaken, 0);
  }
}

bool DocumentCollector::TakeRenamed(const std::string& file, bool at_end) {
  const bool may_be_recording = IsRecordingName(file);
  const int64_t limit =
      may_be_recording
          ? kRecordingGrowth * policy_.max_document_bytes + kRecordingHead
          : policy_.max_document_bytes;
  absl::StatusOr<std::string> bytes =
      ReadRegularFile(directory_fd_, kTaken, limit);
  std::optional<Recording> recording;
  if (bytes.ok() && may_be_recording) recording = ParseRecording(*bytes);
  if (!at_end && !recording.has_value()) return false;
  if (bytes.ok()) {
    Add(file, std::move(recording), *std::move(bytes));
  } else if (absl::IsResourceExhausted(bytes.status())) {
    store::Document document;
    document.file = file;
    document.address = file;
    NoteNotKept(std::move(document), bytes.status().message());
  } else {
    Warn(file, bytes.status().message());
  }
  return true;
}

void DocumentCollector::Add(const std::string& file,
                            std::optional<Recording> recording,
                            std::string bytes) {
  store::DocumentArchive::Fetched fetched;
  store::Document& document = fetched.document;
  document.fetched_at = clock_->Now();
  document.file = file;
  document.address = file;
  size_t header_bytes = 0;
  if (recording.has_value()) {
    document.address = WithoutUser(redactor_.Strike(recording->url));
    document.status = recording->status;
    for (const auto& [name, value] : recording->headers) {
      // Cookies are secrets that nobody declared.
      if (absl::StartsWith(name, "set-cookie")) continue;
      header_bytes += name.size() + value.size();
      document.headers[redactor_.Strike(name)] = redactor_.Strike(value);
    }
    bytes = std::move(recording->body);
  }
  const auto size = static_cast<int64_t>(bytes.size());
  if (header_bytes > kMaxHeaderBytes) {
    document.headers.clear();
    return NoteNotKept(std::move(document),
                       absl::StrCat("its headers have ", header_bytes,
                                    " bytes, more than ", kMaxHeaderBytes));
  }
  if (size > policy_.max_document_bytes) {
    return NoteNotKept(std::move(document),
                       absl::StrCat("it has ", size, " bytes, more than ",
                                    policy_.max_document_bytes));
  }
  if (taken_bytes_ + size > policy_.max_pull_bytes) {
    return NoteNotKept(
        std::move(document),
        absl::StrCat("with it the documents of the pull would have more than ",
                     policy_.max_pull_bytes, " bytes"));
  }
  taken_bytes_ += size;
  pending_bytes_ += bytes.size();
  fetched.body = std::move(bytes);
  pending_.push_back(std::move(fetched));
}

void DocumentCollector::NoteNotKept(store::Document document,
                                    absl::string_view why) {
  Warn(document.address, why);
  document.fetched_at = clock_->Now();
  document.not_kept = std::string(why);
  pending_.push_back({std::move(document), std::nullopt});
}

void DocumentCollector::Warn(absl::string_view file, absl::string_view why) {
  if (warnings_.size() > kMaxWarnings) return;
  if (warnings_.size() == kMaxWarnings) {
    warnings_.emplace_back("warning: more documents were not kept");
    return;
  }
  warnings_.push_back(redactor_.Clean(
      absl::StrCat("warning: document ", Quote(file), " was not kept: ", why)));
  Log(LogLevel::kWarning, "a document was not kept",
      {{"source", pull_.source},
       {"document", redactor_.Clean(file)},
       {"why", redactor_.Clean(why)}});
}

absl::Status DocumentCollector::Flush() {
  if (pending_.empty()) return absl::OkStatus();
  pull_.end_time = clock_->Now();
  const absl::Status status = archive_->Put(pending_, &pull_);
  pending_.clear();
  pending_bytes_ = 0;
  return Annotate(status, "documents cannot be stored");
}

}  // namespace headway::ingest
