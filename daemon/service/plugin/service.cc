#include "daemon/service/plugin/service.h"

#include "daemon/service/plugin/documents.h"
#include "daemon/service/plugin/handlers.h"

namespace headway::service {

Methods PluginMethods() {
  Methods methods("PluginService");
  methods.Unary("ListPlugins", ListPlugins);
  methods.Unary("GetPlugin", GetPlugin);
  methods.Unary("CheckSource", CheckSource);
  methods.Unary("ListDocuments", ListDocuments);
  methods.Unary("ReadDocument", ReadDocument);
  methods.Unary("ReplaySource", ReplaySource);
  return methods;
}

}  // namespace headway::service
