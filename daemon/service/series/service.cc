#include "daemon/service/series/service.h"

#include "daemon/service/series/handlers.h"

namespace headway::service {

Methods SeriesMethods() {
  Methods methods("SeriesService");
  methods.Unary("ListSeries", ListSeries);
  methods.Unary("GetSeries", GetSeries);
  methods.Unary("ReadSeries", ReadSeries);
  methods.Unary("ListVintages", ListVintages);
  methods.Unary("ListRevisions", ListRevisions);
  methods.Unary("ReadTriangle", ReadTriangle);
  methods.Unary("Query", Query);
  methods.Unary("WriteObservations", WriteObservations);
  return methods;
}

}  // namespace headway::service
