# Embeds the texts that `headway plugin new` writes.
function(headway_plugin_template variable file)
  file(READ ${PROJECT_SOURCE_DIR}/plugins/sdk/${file} text)
  set(${variable} "${text}" PARENT_SCOPE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/plugins/sdk/${file})
endfunction()

headway_plugin_template(cpp_template templates/plugin.cc)
headway_plugin_template(cpp_build_template templates/build.txt)
headway_plugin_template(python_template templates/plugin.py)
headway_plugin_template(python_sdk python/headway_plugin.py)
headway_plugin_template(shell_template templates/plugin.sh)
configure_file(plugin_templates.inc.in plugin_templates.inc @ONLY)

headway_library(plugin_new SRCS plugin_new.cc DEPS absl::status absl::statusor absl::strings)
target_include_directories(headway_plugin_new PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
