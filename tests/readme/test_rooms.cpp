#include <map>
#include <regex>

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

}  // namespace

TEST_CASE("pages: the rooms of algorithms/ include only those above them in its page") { expect_order("algorithms"); }
TEST_CASE("pages: the rooms of sim/ include only those above them in its page") { expect_order("sim"); }
