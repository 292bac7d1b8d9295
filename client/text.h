// How keys, values and nodes are shown.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "client/store.h"

namespace smalldb::client {

// Bytes as JSON: text if they are UTF-8, else {"hex": "00ff"}.
nlohmann::ordered_json bytes_json(std::string_view bytes);
// Bytes on a line of their own: control characters and what is not UTF-8 as \n, \xff and the like.
std::string on_a_line(std::string_view bytes);
// A value for a terminal, which obeys control characters: these as escapes, but for ends of lines and tabs, and an end
// of line behind it.
std::string for_a_terminal(std::string_view bytes);

// A row for each node: what it is, and how far its log is. Printable, whatever they say.
//
//     node            role     epoch  log end  behind  durable  applied  unacknowledged  keys
//     127.0.0.1:8080  primary      3     1207       0     1207     1207         0 bytes    52
//     127.0.0.1:8081  backup       3     1205       2     1205     1205               -    52
//     127.0.0.1:8082  Connection refused
std::string table_of(const std::vector<NodeView>& views);
// Whether one of them serves.
bool somebody_serves(const std::vector<NodeView>& views);
// What an operator must look into, for people: several say that they serve. Empty if all is well.
std::string alarm_of(const std::vector<NodeView>& views);

}  // namespace smalldb::client
