#include "daemon/service/series/service.h"

#include "daemon/service/series/handlers.h"

namespace headway::service {

Methods SeriesMethods() {
  Methods methods("SeriesService");
  methods.Unary("ListSeries", ListSeries, {.is_kept = true});
  methods.Unary("GetSeries", GetSeries, {.is_kept = true});
  methods.Unary("ReadSeries", ReadSeries, {.is_kept = true});
  methods.Unary("ListVintages", ListVintages, {.is_kept = true});
  methods.Unary("ListRevisions", ListRevisions, {.is_kept = true});
  methods.Unary("ReadTriangle", ReadTriangle, {.is_kept = true});
  methods.Unary("Query", Query, {.is_kept = true});
  methods.Unary("WriteObservations", WriteObservations,
                {.kind = CallKind::kWrite});
  methods.Unary("CorrectObservations", CorrectObservations,
                {.kind = CallKind::kWrite});
  methods.Unary("ListCorrections", ListCorrections);
  return methods;
}

}  // namespace headway::service
