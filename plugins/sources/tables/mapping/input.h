// A table of text as records of cells, wherever they come from.
#ifndef HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_INPUT_H_
#define HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_INPUT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/tables/records.h"

namespace headway::mapping {

// One pass over the records of an input. Records have numbers that grow.
class Records {
 public:
  virtual ~Records() = default;

  // Moves to the next record; false at the end. INVALID_ARGUMENT says what is
  // wrong with record number().
  virtual absl::StatusOr<bool> Next() = 0;
  // Passes over records, or lines, before the first.
  virtual void Skip(int64_t count) = 0;
  // Valid until Next.
  virtual const std::vector<absl::string_view>& cells() const = 0;
  virtual int64_t number() const = 0;
  // What may help where the record should have more cells than one; "" if
  // nothing does.
  virtual std::string SeparatorHint() const { return ""; }
};

// A table that can be read several times. Immutable.
class Input {
 public:
  virtual ~Input() = default;

  virtual std::unique_ptr<Records> Read() const = 0;
  // How an error about the whole begins: "prices.csv".
  virtual std::string name() const = 0;
  // How an error about a record begins: "prices.csv:12".
  virtual std::string Where(int64_t number) const = 0;
  // How a sentence names a record: "line 12".
  virtual std::string Place(int64_t number) const = 0;
};

// CSV. The text must outlive the input, and the input what it reads.
class TextInput : public Input {
 public:
  // `name` stands for the text in errors.
  TextInput(absl::string_view text, std::string name,
            tables::RecordReader::Options options)
      : text_(text), name_(std::move(name)), options_(std::move(options)) {}

  std::unique_ptr<Records> Read() const override;
  std::string name() const override { return name_; }
  std::string Where(int64_t number) const override;
  std::string Place(int64_t number) const override;

 private:
  const absl::string_view text_;
  const std::string name_;
  const tables::RecordReader::Options options_;
};

}  // namespace headway::mapping

#endif  // HEADWAY_PLUGINS_SOURCES_TABLES_MAPPING_INPUT_H_
