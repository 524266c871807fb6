#include "daemon/store/upkeep/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/format/codec.h"

namespace headway::store {
namespace {

constexpr absl::string_view kMagic = "headway journal";
constexpr uint8_t kVersion = 1;
// More than a batch may hold: a damaged length must not take all memory.
constexpr uint32_t kMaxFrame = (uint32_t{1} << 31) - 1;

absl::Status FileError(absl::string_view what, const std::string& path) {
  const int code = errno;
  const std::string text =
      absl::StrCat("cannot ", what, " ", path, " (", std::strerror(code), ")");
  if (code == ENOSPC || code == EDQUOT) {
    return absl::ResourceExhaustedError(
        absl::StrCat(text, "; free some space there"));
  }
  if (code == EACCES || code == EPERM || code == EROFS) {
    return absl::PermissionDeniedError(absl::StrCat(
        text, "; let the user of this program read and write there"));
  }
  if (code == ENOENT) return absl::NotFoundError(text);
  return absl::InternalError(text);
}

// A file that becomes visible under its name when it is whole and on the disk.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path)
      : path_(std::move(path)), unfinished_(path_ + ".unfinished") {}
  ~AtomicFile() {
    if (file_ < 0) return;
    close(file_);
    unlink(unfinished_.c_str());
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  absl::Status Open() {
    const std::filesystem::path parent =
        std::filesystem::path(path_).parent_path();
    std::error_code ignored;  // opening says what is wrong
    std::filesystem::create_directories(parent, ignored);
    file_ = open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                 0644);
    return file_ < 0 ? FileError("write", unfinished_) : absl::OkStatus();
  }

  absl::Status Append(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return FileError("write", unfinished_);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }

  absl::Status OverwriteStart(absl::string_view bytes) {
    if (lseek(file_, 0, SEEK_SET) != 0) return FileError("write", unfinished_);
    return Append(bytes);
  }

  absl::Status Finish() {
    if (fsync(file_) != 0) return FileError("write", unfinished_);
    close(file_);
    file_ = -1;
    if (rename(unfinished_.c_str(), path_.c_str()) != 0) {
      return FileError("write", path_);
    }
    const std::string parent = std::filesystem::path(path_).parent_path();
    const int directory =
        open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return FileError("open", parent);
    const bool synced = fsync(directory) == 0;
    close(directory);
    return synced ? absl::OkStatus() : FileError("sync", parent);
  }

 private:
  const std::string path_;
  const std::string unfinished_;
  int file_ = -1;
};

std::string Frame(absl::string_view body) {
  const std::string checked = WithChecksum(body);
  std::string frame;
  AppendFixed32(static_cast<uint32_t>(checked.size()), &frame);
  return frame + checked;
}

// Of one size whatever it says, so that it can be written last.
std::string EncodeHeader(const JournalHeader& header) {
  std::string body(kMagic);
  body.push_back(static_cast<char>(kVersion));
  for (const LogPoint& point : {header.from, header.first, header.last}) {
    absl::StrAppend(&body, EncodeId(point.commit),
                    EncodeId(static_cast<uint64_t>(point.recorded_at)));
  }
  return Frame(body);
}

absl::StatusOr<JournalHeader> DecodeHeader(absl::string_view body) {
  ByteReader reader(body);
  if (reader.ReadBytes(kMagic.size()) != kMagic) {
    return absl::DataLossError("it is no journal");
  }
  const uint8_t version = reader.ReadByte();
  if (reader.ok() && version > kVersion) {
    return absl::FailedPreconditionError(
        "it was written by a newer Headway; run that version");
  }
  JournalHeader header;
  for (LogPoint* point : {&header.from, &header.first, &header.last}) {
    ASSIGN_OR_RETURN(point->commit, DecodeId(reader.ReadBytes(8)));
    ASSIGN_OR_RETURN(uint64_t micros, DecodeId(reader.ReadBytes(8)));
    point->recorded_at = static_cast<Micros>(micros);
  }
  if (!reader.AtEnd()) return absl::DataLossError("its header is malformed");
  return header;
}

// Takes an engine's log apart into commits and writes those that are wanted.
class Writer {
 public:
  Writer(const LogPoint& from, const LogPoint& last, AtomicFile* file)
      : header_{from, {}, last}, at_(from), file_(*file) {}

  absl::Status Start() { return file_.Append(EncodeHeader(header_)); }

  absl::Status Add(const KeyWrite& write) {
    writes_.push_back(static_cast<char>(static_cast<int>(write.family) << 1 |
                                        (write.value ? 1 : 0)));
    AppendText(write.key, &writes_);
    if (write.value) AppendText(*write.value, &writes_);
    // A commit's entry is the last of its writes. Several commits may be
    // written together.
    if (write.family != Family::kCommits || !write.value) {
      return absl::OkStatus();
    }
    return EndCommit(write);
  }

  // What is left was written beside commits. Returns whether to go on.
  absl::StatusOr<bool> EndBatch() {
    if (!writes_.empty()) RETURN_IF_ERROR(AppendEntry());
    return at_.commit < header_.last.commit;
  }

  absl::Status Finish() {
    if (at_.commit < header_.last.commit) return Gap();
    return file_.OverwriteStart(EncodeHeader(header_));
  }

 private:
  absl::Status EndCommit(const KeyWrite& entry) {
    LogPoint point;
    ASSIGN_OR_RETURN(point.commit, DecodeId(entry.key));
    ASSIGN_OR_RETURN(StoredCommit commit, DecodeCommit(*entry.value));
    point.recorded_at = commit.recorded_at;
    if (point.commit <= at_.commit || at_.commit >= header_.last.commit) {
      writes_.clear();
      return absl::OkStatus();
    }
    if (point.commit != at_.commit + 1) return Gap();
    if (at_ == header_.from) header_.first = point;
    at_ = point;
    return AppendEntry();
  }

  absl::Status AppendEntry() {
    std::string body;
    AppendPoint(at_, &body);
    absl::StrAppend(&body, writes_);
    writes_.clear();
    if (body.size() > kMaxFrame) {
      return absl::InternalError(
          absl::StrCat("commit ", at_.commit,
                       " is too large for a journal: ", body.size(), " bytes"));
    }
    return file_.Append(Frame(body));
  }

  absl::Status Gap() const {
    return absl::OutOfRangeError(
        absl::StrCat("the log has no more all writes after commit ", at_.commit,
                     "; back up more often, or let it keep more"));
  }

  JournalHeader header_;
  // The last commit written.
  LogPoint at_;
  // Those that are not yet.
  std::string writes_;
  AtomicFile& file_;
};

}  // namespace

void AppendPoint(const LogPoint& point, std::string* out) {
  AppendVarint(point.commit, out);
  AppendZigzag(point.recorded_at, out);
}

LogPoint ReadPoint(ByteReader* reader) {
  LogPoint point;
  point.commit = reader->ReadVarint();
  point.recorded_at = reader->ReadZigzag();
  return point;
}

absl::Status WriteJournal(const Maintenance& engine, uint64_t sequence,
                          const LogPoint& from, const LogPoint& last,
                          const std::string& path) {
  AtomicFile file(path);
  RETURN_IF_ERROR(file.Open());
  Writer writer(from, last, &file);
  RETURN_IF_ERROR(writer.Start());
  RETURN_IF_ERROR(engine.ReadLog(
      sequence, [&](const KeyWrite& write) { return writer.Add(write); },
      [&] { return writer.EndBatch(); }));
  RETURN_IF_ERROR(writer.Finish());
  return file.Finish();
}

absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view bytes) {
  AtomicFile file(path);
  RETURN_IF_ERROR(file.Open());
  RETURN_IF_ERROR(file.Append(bytes));
  return file.Finish();
}

JournalReader::JournalReader(std::string path)
    : path_(std::move(path)),
      in_(std::make_unique<std::ifstream>(path_, std::ios::binary)) {}

absl::Status JournalReader::Damaged(absl::string_view how) const {
  return absl::DataLossError(absl::StrCat(
      "journal ", path_, " is damaged: ", how, "; restore to another instant"));
}

absl::StatusOr<std::string> JournalReader::ReadFrame() {
  char length[4];
  in_->read(length, sizeof(length));
  if (in_->gcount() != sizeof(length)) return Damaged("it is cut short");
  const uint32_t size =
      ByteReader(absl::string_view(length, sizeof(length))).ReadFixed32();
  if (size > kMaxFrame + 8) return Damaged("a length is malformed");
  std::string checked;
  // Grows with what is there, so that a damaged length takes no memory.
  constexpr size_t kPiece = size_t{1} << 20;
  while (checked.size() < size) {
    const size_t start = checked.size();
    const size_t piece = std::min(kPiece, size - start);
    checked.resize(start + piece);
    in_->read(&checked[start], static_cast<std::streamsize>(piece));
    if (static_cast<size_t>(in_->gcount()) != piece) {
      return Damaged("it is cut short");
    }
  }
  absl::StatusOr<absl::string_view> body = CheckedBody(checked);
  if (!body.ok()) return Damaged(body.status().message());
  return std::string(*body);
}

absl::StatusOr<JournalReader> JournalReader::Open(const std::string& path) {
  JournalReader journal(path);
  if (!*journal.in_) return FileError("read", path);
  ASSIGN_OR_RETURN(std::string body, journal.ReadFrame());
  absl::StatusOr<JournalHeader> header = DecodeHeader(body);
  if (absl::IsDataLoss(header.status())) {
    return journal.Damaged(header.status().message());
  }
  RETURN_IF_ERROR(Annotate(header.status(), absl::StrCat("journal ", path)));
  journal.header_ = *header;
  journal.at_ = header->from;
  return journal;
}

absl::StatusOr<std::optional<JournalEntry>> JournalReader::Next() {
  if (at_ == header_.last) return std::optional<JournalEntry>();
  ASSIGN_OR_RETURN(std::string body, ReadFrame());
  ByteReader reader(body);
  JournalEntry entry;
  entry.point = ReadPoint(&reader);
  entry.writes = std::string(reader.remaining());
  const bool is_next =
      entry.point.commit == at_.commit + 1 &&
      (entry.point.commit < header_.last.commit || entry.point == header_.last);
  if (!reader.ok() || !(is_next || entry.point == at_)) {
    return Damaged("a commit is malformed or missing");
  }
  at_ = entry.point;
  return std::optional<JournalEntry>(std::move(entry));
}

absl::Status JournalReader::Apply(const JournalEntry& entry,
                                  WriteBatch* batch) const {
  ByteReader reader(entry.writes);
  while (!reader.AtEnd()) {
    const uint8_t kind = reader.ReadByte();
    const bool is_put = (kind & 1) != 0;
    const absl::string_view key = reader.ReadText();
    const absl::string_view value =
        is_put ? reader.ReadText() : absl::string_view();
    if (!reader.ok() || (kind >> 1) > static_cast<int>(kLastFamily)) {
      return Damaged(absl::StrCat("commit ", entry.point.commit,
                                  " is malformed though its checksum holds"));
    }
    if (batch == nullptr) continue;
    const auto family = static_cast<Family>(kind >> 1);
    is_put ? batch->Put(family, key, value) : batch->Delete(family, key);
  }
  return absl::OkStatus();
}

}  // namespace headway::store
