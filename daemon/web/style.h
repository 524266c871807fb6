// The style sheet of the pages, served as /style.css: light and dark by the
// reader's preference, no fonts or images from elsewhere.
#ifndef HEADWAY_DAEMON_WEB_STYLE_H_
#define HEADWAY_DAEMON_WEB_STYLE_H_

namespace headway::web {

extern const char kStyleSheet[];
// The icon in the browser's tab, as SVG.
extern const char kIcon[];

}  // namespace headway::web

#endif  // HEADWAY_DAEMON_WEB_STYLE_H_
