// One definition file: its message, and where in the text each field stands.
#ifndef HEADWAY_DAEMON_PIPELINE_DEFINITIONS_TEXT_FILE_H_
#define HEADWAY_DAEMON_PIPELINE_DEFINITIONS_TEXT_FILE_H_

#include <optional>
#include <string>

#include "daemon/pipeline/definitions/text/text_file.h"
#include "google/protobuf/text_format.h"
#include "headway/config/v1/config.pb.h"

namespace headway::pipeline {

class DefinitionFile {
 public:
  using Error = TextFileError;

  explicit DefinitionFile(std::string path);

  const std::string& path() const { return path_; }
  // Why there is no message.
  const std::optional<Error>& error() const { return error_; }
  const config::v1::PipelineFile& message() const { return message_; }
  // Puts another message in its place, with error() as it was. A field keeps
  // its place in the text if the text has it.
  void Replace(config::v1::PipelineFile message);
  Locator locator() const;

 private:
  const std::string path_;
  config::v1::PipelineFile message_;
  google::protobuf::TextFormat::ParseInfoTree tree_;
  std::optional<Error> error_;
};

}  // namespace headway::pipeline

#endif  // HEADWAY_DAEMON_PIPELINE_DEFINITIONS_TEXT_FILE_H_
