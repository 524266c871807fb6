#include "daemon/service/plugin/service.h"

#include "daemon/service/plugin/catalogue_search.h"
#include "daemon/service/plugin/documents.h"
#include "daemon/service/plugin/handlers.h"
#include "daemon/service/plugin/source_list.h"

namespace headway::service {

Methods PluginMethods() {
  // An operation is written before the call returns.
  constexpr CallTraits kStarts = {.kind = CallKind::kWrite};
  Methods methods("PluginService");
  methods.Unary("ListPlugins", ListPlugins, {.kind = CallKind::kPlugin});
  methods.Unary("GetPlugin", GetPlugin, {.kind = CallKind::kPlugin});
  methods.Unary("CheckSource", CheckSource, kStarts);
  methods.Unary("AcceptSource", AcceptSource, {.kind = CallKind::kWrite});
  methods.Unary("UnparkSource", UnparkSource, kStarts);
  methods.Unary("ListDocuments", ListDocuments);
  methods.Unary("ReadDocument", ReadDocument);
  methods.Unary("ReplaySource", ReplaySource, kStarts);
  methods.Unary("ListSources", ListSources, {.kind = CallKind::kPlugin});
  methods.Unary("SwitchSource", SwitchSource, kStarts);
  methods.Unary("SearchCatalogue", SearchCatalogue, kStarts);
  return methods;
}

}  // namespace headway::service
