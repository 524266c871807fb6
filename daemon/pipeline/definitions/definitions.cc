#include "daemon/pipeline/definitions/definitions.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/base/stable_hash.h"
#include "daemon/pipeline/definitions/loader.h"
#include "daemon/pipeline/definitions/text/file.h"

namespace headway::pipeline {
namespace {

// Gives each pipeline and indicator its errors.
void ShareOutErrors(Definitions& definitions) {
  for (const DefinitionError& error : definitions.errors) {
    // A file that cannot be parsed is listed under its own name, so that
    // whoever lists the pipelines sees that something is missing.
    const std::string name =
        error.pipeline.empty()
            ? std::filesystem::path(error.file).stem().string()
            : error.pipeline;
    const auto [pipeline, is_new] = definitions.pipelines.try_emplace(name);
    if (is_new) {
      pipeline->second.name = pipeline->second.job.name = name;
      pipeline->second.runs = false;
    }
    pipeline->second.errors.push_back(error.ToString());
    if (!error.indicator.empty() && !error.is_kept) {
      definitions.indicators[error.indicator].errors.push_back(
          error.ToString());
    }
  }
}

BrokenParts FindBroken(const Definitions& definitions) {
  BrokenParts broken;
  for (const auto& [name, pipeline] : definitions.pipelines) {
    if (!pipeline.runs) broken.schedules.insert(name);
  }
  for (const DefinitionError& error : definitions.errors) {
    if (!error.source.empty()) broken.sources.insert(error.source);
    if (!error.indicator.empty() && !error.is_consequence) {
      broken.indicators.insert(error.indicator);
    }
  }
  return broken;
}

// Replaces what is broken in the files by what was last valid.
BrokenParts MendFiles(const BrokenParts& broken, const LastGood& last_good,
                      DefinitionFiles& files) {
  BrokenParts kept;
  for (const auto& file : files) {
    config::v1::PipelineFile mended;
    if (file->error().has_value()) {
      mended = MendFile(file->path(), last_good);
    } else {
      for (const config::v1::Pipeline& pipeline : file->message().pipeline()) {
        *mended.add_pipeline() = Mend(pipeline, broken, last_good, &kept);
      }
    }
    file->Replace(std::move(mended));
  }
  return kept;
}

LastGood FindValid(const DefinitionFiles& files, const BrokenParts& broken,
                   const BrokenParts& kept) {
  LastGood valid;
  for (const auto& file : files) {
    for (const config::v1::Pipeline& pipeline : file->message().pipeline()) {
      if (pipeline.name().empty()) continue;
      valid.pipelines[pipeline.name()] = {file->path(),
                                          ValidParts(pipeline, broken, kept)};
    }
  }
  return valid;
}

// Whether the error is of something that works all the same, as it was last
// valid.
bool IsKept(const DefinitionError& error, const BrokenParts& kept,
            const Definitions& mended) {
  if (!error.source.empty()) return kept.sources.count(error.source) > 0;
  if (!error.indicator.empty()) {
    return mended.expressions.count(error.indicator) > 0;
  }
  if (!error.pipeline.empty()) {
    return kept.schedules.count(error.pipeline) > 0;
  }
  return std::any_of(
      mended.valid.pipelines.begin(), mended.valid.pipelines.end(),
      [&](const auto& entry) { return entry.second.file == error.file; });
}

Definitions LoadWithLastGood(const LoadOptions& options,
                             DefinitionFiles& files) {
  Definitions broken = LoadParsed(files, options);
  const BrokenParts parts = FindBroken(broken);
  BrokenParts kept;
  if (broken.errors.empty() || options.last_good == nullptr) {
    broken.valid = FindValid(files, parts, kept);
    return broken;
  }
  kept = MendFiles(parts, *options.last_good, files);
  Definitions mended = LoadParsed(files, options);
  mended.valid = FindValid(files, parts, kept);
  // What is wrong now, then what is wrong with the versions before besides.
  std::set<std::string> said;
  for (DefinitionError& error : broken.errors) {
    said.insert(error.ToString());
    error.is_kept = IsKept(error, kept, mended);
  }
  for (DefinitionError& error : mended.errors) {
    if (said.insert(error.ToString()).second) {
      broken.errors.push_back(std::move(error));
    }
  }
  mended.errors = std::move(broken.errors);
  return mended;
}

// No pipeline has their errors.
void AddEvidence(const std::string& directory, Definitions& definitions) {
  definitions.evidence = LoadEvidence(directory);
  for (EvidenceError& error : definitions.evidence.errors) {
    DefinitionError& added = definitions.errors.emplace_back();
    added.file = std::move(error.file);
    added.line = error.place.line;
    added.column = error.place.column;
    added.message = std::move(error.message);
  }
}

}  // namespace

uint64_t FingerprintOfAll(const Definitions& definitions) {
  StableHash hash;
  for (const auto& [name, indicator] : definitions.indicators) {
    hash.Add(name).Add(indicator.fingerprint);
  }
  return hash.value();
}

std::string DefinitionError::ToString() const {
  const std::string place =
      line == 0 ? file : absl::StrCat(file, ":", line, ":", column);
  return absl::StrCat(
      place, ": ", message,
      is_kept ? " (its last valid version stays in force)" : "");
}

Definitions LoadFiles(const std::vector<std::string>& files,
                      const LoadOptions& options) {
  DefinitionFiles read;
  for (const std::string& file : files) {
    read.push_back(std::make_unique<DefinitionFile>(file));
  }
  Definitions definitions = LoadWithLastGood(options, read);
  ShareOutErrors(definitions);
  return definitions;
}

absl::StatusOr<Definitions> LoadDirectory(const std::string& directory,
                                          const LoadOptions& options) {
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  std::vector<std::string> files;
  for (; !error && entries != std::filesystem::directory_iterator();
       entries.increment(error)) {
    const std::filesystem::path& path = entries->path();
    const std::string name = path.filename().string();
    if (path.extension() == ".textproto" && !absl::StartsWith(name, ".") &&
        !IsEvidenceFile(name)) {
      files.push_back(path.string());
    }
  }
  if (error) {
    const std::string message =
        absl::StrCat("cannot read the pipelines directory \"", directory,
                     "\": ", error.message(),
                     "; give the directory that holds the *.textproto "
                     "files");
    return error == std::errc::permission_denied
               ? absl::PermissionDeniedError(message)
               : absl::NotFoundError(message);
  }
  std::sort(files.begin(), files.end());
  Definitions definitions = LoadFiles(files, options);
  AddEvidence(directory, definitions);
  return definitions;
}

}  // namespace headway::pipeline
