// Which numbers are shown to whom.
//
// The publishers of some sources do not let their numbers be shown to others,
// by the terms that the plugin says or by the operator's word in the source's
// definition. Those numbers are shown to operators alone:
//   - a series that such a source wrote is refused to others, by itself and in
//     an expression of theirs;
//   - an indicator is the operator's own work, and is shown, unless it is a
//     selector and no more: then it is the series themselves.
#ifndef HEADWAY_DAEMON_SERVICE_SHARING_SHARING_H_
#define HEADWAY_DAEMON_SERVICE_SHARING_SHARING_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/ingest/source/terms.h"
#include "daemon/pipeline/definitions/definitions.h"
#include "daemon/query/query.h"
#include "daemon/series/labels.h"
#include "daemon/service/calls/call.h"
#include "daemon/service/calls/parts.h"
#include "daemon/store/reader.h"

namespace headway::service {

// Immutable. The checks are PERMISSION_DENIED, with the source, its terms and
// the remedy, for what is not shown to the caller, or the reader's error.
class Sharing {
 public:
  // What holds for the caller by the definitions in force and the terms in
  // `reader`, which must outlive this.
  static absl::StatusOr<Sharing> For(const Caller& caller, const Parts& parts,
                                     const store::Reader& reader);

  // Nothing is kept from the caller.
  bool shows_all() const { return restricted_.empty(); }

  absl::Status CheckSeries(const series::SeriesKey& key) const;
  // Of somebody's own. One that cannot be parsed shows nothing.
  absl::Status CheckExpression(absl::string_view expression) const;
  // That an operator gave an indicator.
  absl::Status CheckDefinition(absl::string_view expression) const;
  // By its bare name. OK for one that there is not.
  absl::Status CheckIndicator(absl::string_view name) const;
  // OK if no source is restricted: nobody knows what is in a document.
  absl::Status CheckDocuments() const;

 private:
  Sharing(std::shared_ptr<const pipeline::Definitions> definitions,
          const store::Reader& reader)
      : definitions_(std::move(definitions)), reader_(&reader) {}

  absl::Status CheckSelector(const series::Selector& selector) const;
  absl::Status CheckParsed(const query::Expression& expression) const;
  // A bare name: of an indicator, or of a metric.
  absl::Status CheckName(std::string name) const;
  absl::Status Refuse(absl::string_view what, const std::string& source) const;

  std::shared_ptr<const pipeline::Definitions> definitions_;
  const store::Reader* reader_;
  // The terms of the sources whose numbers the caller is not shown.
  std::map<std::string, ingest::SourceTerms> restricted_;
};

// Sharing::CheckIndicator, as of now.
absl::Status CheckIndicatorShown(const Caller& caller, const Parts& parts,
                                 absl::string_view name);

}  // namespace headway::service

#endif  // HEADWAY_DAEMON_SERVICE_SHARING_SHARING_H_
