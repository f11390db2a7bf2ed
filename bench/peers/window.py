"""The page of a running host in a bare WebKit window: milliseconds from the window's being made until the page is usable, and
the memory of the window's own process after it was left alone for so many milliseconds."""
import json, re, sys, time
import gi
gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import GLib, Gtk, WebKit2

begun = time.time() * 1000
content = WebKit2.UserContentManager()
content.register_script_message_handler("usable")
content.add_script(WebKit2.UserScript.new(
    """new PerformanceObserver((list) => {
         const mark = list.getEntriesByName("usable")[0];
         if (mark) window.webkit.messageHandlers.usable.postMessage(performance.timeOrigin + mark.startTime);
       }).observe({ entryTypes: ["mark"] });""",
    WebKit2.UserContentInjectedFrames.TOP_FRAME, WebKit2.UserScriptInjectionTime.START, None, None))


def megabytes(name):
    with open("/proc/self/smaps_rollup") as memory:
        return int(re.search(rf"^{name}:\s+(\d+) kB", memory.read(), re.M)[1]) / 1024


def tell(ms):
    print(json.dumps({"ms": ms, "resident_mb": megabytes("Rss"), "share_mb": megabytes("Pss")}), flush=True)
    Gtk.main_quit()


def usable(_, message):
    GLib.source_remove(given_up)
    GLib.timeout_add(int(sys.argv[2]), tell, message.get_js_value().to_double() - begun)


content.connect("script-message-received::usable", usable)
view = WebKit2.WebView.new_with_user_content_manager(content)
window = Gtk.Window(default_width=1180, default_height=800)
window.add(view)
view.load_uri(sys.argv[1])
window.show_all()
# A page that is not usable by then never will be.
given_up = GLib.timeout_add_seconds(60, sys.exit, "the page was not usable after a minute")
Gtk.main()
