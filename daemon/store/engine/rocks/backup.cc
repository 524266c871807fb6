#include "daemon/store/engine/rocks/backup.h"

#include <fcntl.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/utilities/backup_engine.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/base/status_macros.h"
#include "daemon/store/engine/rocks/engine.h"

namespace headway::store {
namespace {

// `doing` is what failed.
absl::Status Convert(absl::string_view doing, const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string detail = status.ToString();
  auto text = [&](absl::string_view what, absl::string_view remedy) {
    return absl::StrCat(doing, ": ", what, " (", detail, "); ", remedy);
  };
  if (status.IsNoSpace() || absl::StrContains(detail, "No space left") ||
      absl::StrContains(detail, "Disk quota exceeded")) {
    return absl::ResourceExhaustedError(
        text("the disk is full",
             "free some space there; backups that are listed are whole"));
  }
  if (absl::StrContains(detail, "Permission denied") ||
      absl::StrContains(detail, "Read-only file system")) {
    return absl::PermissionDeniedError(
        text("no permission", "let the user of this program write there"));
  }
  if (status.IsCorruption()) {
    return absl::DataLossError(text("a file is damaged", "use another backup"));
  }
  if (status.IsNotFound() || status.IsPathNotFound()) {
    return absl::NotFoundError(text("there is no such backup",
                                    "list them with headway store backups"));
  }
  return absl::InternalError(
      text("failed", "look for disk errors in the system's log"));
}

std::string BackupsIn(const std::string& directory) {
  return absl::StrCat("backups in ", directory);
}

// RocksDB opens a copy by no other: it takes a relative one for a file outside.
std::string WholePath(const std::string& directory) {
  const auto path = std::filesystem::absolute(directory).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

rocksdb::BackupEngineOptions EngineOptions(const std::string& directory) {
  rocksdb::BackupEngineOptions options(directory);
  options.callback_trigger_interval_size = uint64_t{1} << 20;
  return options;
}

// CRC-32C of a file, as RocksDB writes it down.
absl::StatusOr<uint32_t> Crc32cOf(const std::string& path) {
  rocksdb::FileChecksumGenContext context;
  std::unique_ptr<rocksdb::FileChecksumGenerator> generator =
      rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator(
          context);
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return absl::DataLossError(
        absl::StrCat("it cannot be read (", std::strerror(errno), ")"));
  }
  std::vector<char> buffer(size_t{1} << 20);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    generator->Update(buffer.data(), static_cast<size_t>(in.gcount()));
  }
  if (in.bad()) return absl::DataLossError("it cannot be read to its end");
  generator->Finalize();
  uint32_t value = 0;
  for (char byte : generator->GetChecksum()) {
    value = value << 8 | static_cast<unsigned char>(byte);
  }
  return value;
}

}  // namespace

RocksBackups::RocksBackups(std::string directory)
    : directory_(std::move(directory)) {}

RocksBackups::~RocksBackups() {
  if (lock_ >= 0) close(lock_);
}

absl::StatusOr<std::unique_ptr<RocksBackups>> RocksBackups::Open(
    const std::string& directory, Mode mode) {
  const std::string whole = WholePath(directory);
  std::unique_ptr<RocksBackups> backups(new RocksBackups(whole));
  const rocksdb::BackupEngineOptions options = EngineOptions(whole);
  rocksdb::Env* env = rocksdb::Env::Default();
  if (mode == Mode::kRead) {
    if (!std::filesystem::is_directory(directory + "/meta")) {
      return absl::NotFoundError(absl::StrCat(
          "there are no backups in ", directory,
          "; name the directory that the daemon has as --backup-dir"));
    }
    rocksdb::BackupEngineReadOnly* reader = nullptr;
    RETURN_IF_ERROR(
        Convert(BackupsIn(directory),
                rocksdb::BackupEngineReadOnly::Open(options, env, &reader)));
    backups->reader_.reset(reader);
    return backups;
  }
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make the backup directory ", directory, " (",
                     error.message(), "); choose another with --backup-dir"));
  }
  RETURN_IF_ERROR(backups->Lock());
  rocksdb::BackupEngine* writer = nullptr;
  RETURN_IF_ERROR(Convert(BackupsIn(directory),
                          rocksdb::BackupEngine::Open(options, env, &writer)));
  backups->writer_.reset(writer);
  return backups;
}

// RocksDB leaves it to its callers that two do not write at once.
absl::Status RocksBackups::Lock() {
  const std::string path = directory_ + "/LOCK";
  lock_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot open ", path, " (", std::strerror(errno),
                     "); let the user of this program write there, or choose "
                     "another directory with --backup-dir"));
  }
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    return absl::AbortedError(absl::StrCat(
        "another backup is being made in ", directory_,
        "; try again when it has ended, and give each store a directory of "
        "its own"));
  }
  return absl::OkStatus();
}

const rocksdb::BackupEngineReadOnlyBase& RocksBackups::base() const {
  if (writer_ != nullptr) return *writer_;
  return *reader_;
}

std::vector<RocksCopy> RocksBackups::List() const {
  std::vector<rocksdb::BackupInfo> infos;
  base().GetBackupInfo(&infos);
  std::vector<RocksCopy> copies;
  for (const rocksdb::BackupInfo& info : infos) {
    copies.push_back({info.backup_id, absl::FromUnixSeconds(info.timestamp),
                      info.size, info.number_files});
  }
  return copies;
}

std::vector<uint32_t> RocksBackups::ListDamaged() const {
  std::vector<rocksdb::BackupID> ids;
  base().GetCorruptedBackups(&ids);
  return ids;
}

absl::StatusOr<uint32_t> RocksBackups::Create(
    Engine& engine, absl::FunctionRef<absl::Status()> check_alive) {
  const auto* rocks = dynamic_cast<const RocksEngine*>(&engine);
  if (rocks == nullptr) {
    return absl::UnimplementedError(absl::StrCat(
        "the store ", engine.location(),
        " does not keep its data in files of RocksDB; back it up with the "
        "tools of its database"));
  }
  absl::Status alive = check_alive();
  RETURN_IF_ERROR(alive);
  rocksdb::CreateBackupOptions options;
  // A copy with a short log is opened soon, and its tables are shared.
  options.flush_before_backup = true;
  options.progress_callback = [&] {
    if (alive.ok()) alive = check_alive();
    if (!alive.ok()) writer_->StopBackup();
  };
  rocksdb::BackupID id = 0;
  const rocksdb::Status status =
      writer_->CreateNewBackup(options, &rocks->db(), &id);
  RETURN_IF_ERROR(alive);
  RETURN_IF_ERROR(Convert(BackupsIn(directory_), status));
  return id;
}

absl::Status RocksBackups::Delete(uint32_t id) {
  return Convert(BackupsIn(directory_), writer_->DeleteBackup(id));
}

absl::StatusOr<std::unique_ptr<Engine>> RocksBackups::OpenCopy(
    uint32_t id) const {
  rocksdb::BackupInfo info;
  RETURN_IF_ERROR(Convert(BackupsIn(directory_),
                          base().GetBackupInfo(id, &info,
                                               /*include_file_details=*/true)));
  environments_.push_back(info.env_for_open);
  RocksEngine::Options options;
  options.read_only = true;
  options.env = info.env_for_open.get();
  return RocksEngine::Open(info.name_for_open, options);
}

absl::Status RocksBackups::Restore(uint32_t id, const std::string& to) const {
  return Convert(absl::StrCat("backup ", id, ", restored to ", to),
                 base().RestoreDBFromBackup(id, to, to));
}

absl::StatusOr<std::vector<CopiedFile>> RocksBackups::ListFiles(
    uint32_t id) const {
  // RocksDB's interface gives the names only. Lines: the time, a sequence
  // number, perhaps "metadata", the number of files, then
  // "private/1/CURRENT crc32 2193884573" for each.
  const std::string path = absl::StrCat(directory_, "/meta/", id);
  std::ifstream in(path);
  std::vector<CopiedFile> files;
  std::string line;
  bool in_files = false;
  size_t expected = 0;
  for (int number = 1; std::getline(in, line); ++number) {
    if (absl::StartsWith(line, "metadata ")) continue;
    if (number >= 3 && !in_files) {
      in_files = absl::SimpleAtoi(line, &expected);
      continue;
    }
    if (!in_files) continue;
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    CopiedFile file;
    if (words.size() != 3 || words[1] != "crc32" ||
        !absl::SimpleAtoi(words[2], &file.crc32c)) {
      break;
    }
    file.path = absl::StrCat(directory_, "/", words[0]);
    files.push_back(std::move(file));
  }
  if (!in_files || files.size() != expected) {
    return absl::DataLossError(
        absl::StrCat("backup ", id, ": its list of files, ", path,
                     ", is missing or damaged; use another backup"));
  }
  return files;
}

absl::Status RocksBackups::CheckFile(const CopiedFile& file) const {
  const absl::StatusOr<uint32_t> crc32c = Crc32cOf(file.path);
  if (crc32c.ok() && *crc32c == file.crc32c) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      file.path, " is damaged: ",
      crc32c.ok() ? "its checksum does not hold" : crc32c.status().message()));
}

}  // namespace headway::store
