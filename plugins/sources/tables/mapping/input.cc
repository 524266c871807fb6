#include "plugins/sources/tables/mapping/input.h"

#include "absl/strings/str_cat.h"

namespace headway::mapping {
namespace {

class TextRecords final : public Records {
 public:
  TextRecords(absl::string_view text,
              const tables::RecordReader::Options& options)
      : reader_(text, options) {}

  absl::StatusOr<bool> Next() override {
    absl::StatusOr<bool> more = reader_.Next();
    number_ = more.ok() ? reader_.line() : reader_.problem_line();
    return more;
  }
  void Skip(int64_t count) override { reader_.SkipLines(count); }
  const std::vector<absl::string_view>& cells() const override {
    return reader_.cells();
  }
  int64_t number() const override { return number_; }
  std::string SeparatorHint() const override {
    const char other =
        tables::OtherSeparator(reader_.line_text(), reader_.separator());
    if (other == '\0') return "";
    const std::string name = tables::SeparatorName(other);
    return absl::StrCat("if \"", name,
                        "\" stands between cells, set separator = ", name);
  }

 private:
  tables::RecordReader reader_;
  int64_t number_ = 0;
};

}  // namespace

std::unique_ptr<Records> TextInput::Read() const {
  return std::make_unique<TextRecords>(text_, options_);
}

std::string TextInput::Where(int64_t number) const {
  return absl::StrCat(name_, ":", number);
}

std::string TextInput::Place(int64_t number) const {
  return absl::StrCat("line ", number);
}

}  // namespace headway::mapping
