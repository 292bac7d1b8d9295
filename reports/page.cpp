#include "reports/page.h"

#include <fmt/format.h>

#include "reports/layout.h"

namespace smalldb::reports {
namespace {

constexpr std::string_view common_style = R"css(
:root{color-scheme:light dark;--paper:#fcfbf8;--ink:#1c2027;--soft:#667085;--line:#e6e3da;--lane:#f4f2ec;
--write:#2b6cb0;--read:#2f855a;--bad:#c53030;--wait:#b7791f;--other:#c9ccd3;--mark:#d69e2e;--good:#2f855a;
--faint:#abc4da}
@media(prefers-color-scheme:dark){:root{--paper:#14171c;--ink:#e6e8ec;--soft:#98a2b3;--line:#2a2f38;--lane:#1a1e25;
--write:#63a4e6;--read:#5bbd8a;--bad:#fc6d6d;--wait:#e3b341;--other:#474e5b;--mark:#e3b341;--good:#5bbd8a;
--faint:#2f4a64}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:1240px;margin:0 auto;padding:32px 28px 48px}
main>.from:last-of-type{margin-top:22px}
.from{margin:0;color:var(--soft);font-size:13px}
h1{margin:2px 0 6px;font-size:26px;line-height:1.2;letter-spacing:-.01em}
.says{margin:0 0 20px;max-width:78ch;font-size:16px}
figure{margin:0;border:1px solid var(--line);border-radius:10px;overflow-x:auto;background:var(--paper)}
svg{display:block;flex:none;font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
svg text{fill:var(--ink)}svg .soft{fill:var(--soft)}
.tell{min-height:2.2em;margin:0;padding:9px 14px;border-top:1px solid var(--line);color:var(--soft);font-size:14px;
position:sticky;left:0}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;margin:12px 0 26px;padding:0;list-style:none;color:var(--soft);
font-size:13px}
.key i{display:inline-block;width:20px;height:10px;margin-right:7px;border-radius:3px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 20px;margin:0 0 26px}
dt{color:var(--soft)}dd{margin:0}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;font-weight:500;color:var(--soft)}
th,td{padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n{font-variant-numeric:tabular-nums}
code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
)css";

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f ? '.' : letter;
    }
  }
  return out;
}

std::string escaped_lines(std::string_view text) {
  std::string out;
  for (std::size_t end = 0; end != text.npos;) {
    end = text.find('\n');
    out += escaped(text.substr(0, end));
    if (end == text.npos) break;
    out += '\n';
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string fitted(std::string_view text, std::size_t most) {
  return text.size() <= most ? std::string(text) : shortened(text, most < 4 ? 1 : most - 3);
}

std::string page_head(std::string_view title, std::string_view style) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<title>{}</title>\n<style>{}{}</style></head>\n<body><main>\n",
      escaped(title), common_style, style);
}

std::string page_foot(std::string_view program, std::string_view script) {
  return fmt::format("<p class=\"from\">{}</p>\n</main>\n<script>{}</script></body></html>\n", escaped(program),
                     script);
}

}  // namespace smalldb::reports
