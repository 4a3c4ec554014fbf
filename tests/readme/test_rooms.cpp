#include <algorithm>
#include <functional>
#include <map>
#include <regex>
#include <set>

#include "tests/catch.hpp"
#include "tests/readme/page.hpp"

// The tables of rooms in the pages of algorithms/ and sim/ are their order: a room includes only rooms of its own row
// and of those above it.

using namespace laconic::readme;

namespace {

const fs::path source = LACONIC_SOURCE_DIR;

// Rooms by their names, with the rows of the table in which they stand.
std::map<std::string, int> rooms_of(const Page& page) {
  static const std::regex name("`([a-z_]+)/[a-z_/]*`");
  std::map<std::string, int> rows;
  for (std::size_t i = 0; i < page.lines.size(); ++i) {
    const std::string& line = page.lines[i];
    if (line.find("Who includes whom") != line.npos && line.starts_with("#")) break;
    if (!line.starts_with("| `")) continue;
    const std::string cell = line.substr(0, line.find('|', 1));
    for (std::sregex_iterator at(cell.begin(), cell.end(), name), end; at != end; ++at)
      rows.emplace((*at)[1], static_cast<int>(i));
  }
  return rows;
}

std::vector<std::string> rooms_included_by(const fs::path& file, const std::string& house) {
  const std::regex include("#include \"" + house + "/([a-z_]+)/");
  const std::string text = text_of_file(file);
  std::vector<std::string> out;
  for (std::sregex_iterator at(text.begin(), text.end(), include), end; at != end; ++at) out.push_back((*at)[1]);
  return out;
}

void expect_order(const std::string& house) {
  const auto rooms = rooms_of(read_page(source / house / "README.md"));
  CHECK(rooms.size() > 5);
  for (const auto& [room, row] : rooms) {
    INFO(house << "/" << room);
    REQUIRE(fs::is_directory(source / house / room));
    for (const auto& file : fs::recursive_directory_iterator(source / house / room)) {
      if (file.path().extension() != ".cpp" && file.path().extension() != ".hpp") continue;
      for (const auto& other : rooms_included_by(file.path(), house)) {
        INFO(file.path().string() << " includes a file of " << other << "/");
        REQUIRE(rooms.contains(other));
        CHECK(rooms.at(other) <= row);
      }
    }
  }
  for (const auto& entry : fs::directory_iterator(source / house))
    if (entry.is_directory()) {
      INFO(entry.path().string() << " does not stand in the page's table");
      CHECK(rooms.contains(entry.path().filename()));
    }
}

// The table "Who includes whom" of sim/README.md: rooms from the bottom up, with the rooms that each of them includes.
std::vector<std::pair<std::string, std::set<std::string>>> stated_graph() {
  static const std::regex row("\\| `([a-z_/]+)/` \\| (.*) \\|"), name("[a-z_]+");
  const Page page = read_page(source / "sim" / "README.md");
  std::vector<std::pair<std::string, std::set<std::string>>> out;
  std::map<std::string, std::string> rooms{{"none", ""}};  // by the last part of their paths
  bool here = false;
  for (const std::string& line : page.lines) {
    if (line.starts_with("#")) here = line.find("Who includes whom") != line.npos;
    std::smatch cells;
    if (!here || !std::regex_match(line, cells, row)) continue;
    const std::string room = cells[1], included = cells[2];
    out.emplace_back(room, std::set<std::string>());
    for (std::sregex_iterator at(included.begin(), included.end(), name), end; at != end; ++at) {
      INFO(room << " includes " << at->str() << ", which stands in no row above it");
      REQUIRE(rooms.contains(at->str()));
      if (!rooms.at(at->str()).empty()) out.back().second.insert(rooms.at(at->str()));
    }
    rooms[fs::path(room).filename()] = room;
  }
  return out;
}

// Files of the project that each file includes, by their paths.
std::map<std::string, std::vector<std::string>> includes_of_sources() {
  static const std::regex include("#include \"([a-z_]+/[a-z_/.]+)\"");
  std::map<std::string, std::vector<std::string>> out;
  for (const char* house : {"algorithms", "platforms", "sim"})
    for (const auto& file : fs::recursive_directory_iterator(source / house)) {
      if (file.path().extension() != ".cpp" && file.path().extension() != ".hpp") continue;
      auto& included = out[fs::relative(file.path(), source).string()];
      const std::string text = text_of_file(file.path());
      for (std::sregex_iterator at(text.begin(), text.end(), include), end; at != end; ++at)
        included.push_back((*at)[1]);
    }
  return out;
}

}  // namespace

TEST_CASE("pages: the graph of rooms is the one that their includes make, and no arrow in it runs up") {
  const auto graph = stated_graph();
  REQUIRE(graph.size() > 20);
  const auto room_of = [&](const std::string& file) {
    std::string best;
    for (const auto& [room, ignored] : graph)
      if (file.starts_with(room + "/") && room.size() > best.size()) best = room;
    INFO(file << " stands in no room of the table");
    REQUIRE_FALSE(best.empty());
    return best;
  };
  std::map<std::string, std::set<std::string>> found;
  for (const auto& [file, included] : includes_of_sources())
    for (const auto& other : included)
      if (room_of(other) != room_of(file)) found[room_of(file)].insert(room_of(other));
  for (const auto& [room, stated] : graph) {
    INFO(room);
    CHECK(found[room] == stated);
  }
}

TEST_CASE("pages: no file includes itself by way of others") {
  const auto includes = includes_of_sources();
  std::set<std::string> done;
  std::vector<std::string> path;
  const std::function<void(const std::string&)> visit = [&](const std::string& file) {
    INFO("a circle of includes ends at " << file);
    REQUIRE(std::find(path.begin(), path.end(), file) == path.end());
    const auto at = includes.find(file);
    if (done.contains(file) || at == includes.end()) return;
    path.push_back(file);
    for (const auto& other : at->second) visit(other);
    path.pop_back();
    done.insert(file);
  };
  for (const auto& [file, ignored] : includes) visit(file);
  CHECK(done.size() > 100);
}

TEST_CASE("pages: the rooms of algorithms/ include only those above them in its page") { expect_order("algorithms"); }
TEST_CASE("pages: the rooms of sim/ include only those above them in its page") { expect_order("sim"); }
