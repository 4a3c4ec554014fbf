#include "tests/readme/page.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace laconic::readme {
namespace {

// GitHub's anchors: lower case, punctuation gone, spaces become hyphens.
std::string anchor_of(std::string heading) {
  heading = std::regex_replace(heading, std::regex(R"(\[([^\]]*)\]\([^)]*\))"), "$1");
  std::string out;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ')
      out += '-';
    else if (std::isalnum(byte) || c == '-' || c == '_' || byte >= 0x80)
      out += static_cast<char>(std::tolower(byte));
  }
  return out;
}

void add_heading(const std::string& line, std::map<std::string, int>& seen, std::set<std::string>& anchors) {
  const auto marks = line.find_first_not_of('#');
  if (marks == 0 || marks == std::string::npos || marks > 6 || line[marks] != ' ') return;
  const std::string anchor = anchor_of(line.substr(marks + 1));
  const int before = seen[anchor]++;
  anchors.insert(before == 0 ? anchor : anchor + "-" + std::to_string(before));
}

std::vector<std::string> links_in(const std::string& prose) {
  static const std::regex link(R"(\]\(([^()\s]+)\))");
  std::vector<std::string> out;
  for (std::sregex_iterator at(prose.begin(), prose.end(), link), end; at != end; ++at) out.push_back((*at)[1]);
  return out;
}

std::string without_comment(std::string line) {
  if (line.starts_with('#')) return "";
  line.resize(std::min(line.find(" #"), line.size()));
  line.resize(line.find_last_not_of(' ') + 1);
  return line;
}

bool goes_on(const std::string& line) { return line.ends_with('\\'); }

}  // namespace

std::string text_of_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path.string() + ": cannot be read");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Page read_page(const fs::path& path) {
  Page page;
  page.path = path;
  std::istringstream in(text_of_file(path));
  std::map<std::string, int> headings;
  bool fenced = false;
  for (std::string line; std::getline(in, line);) {
    page.lines.push_back(line);
    if (line.starts_with("```")) {
      fenced = !fenced;
      if (fenced) page.blocks.push_back({line.substr(3), "", static_cast<int>(page.lines.size()) + 1});
    } else if (fenced) {
      page.blocks.back().text += line + '\n';
    } else {
      add_heading(line, headings, page.anchors);
      page.prose += line + ' ';
    }
  }
  if (fenced) throw std::runtime_error(path.string() + ": a fence is not closed");
  page.prose = std::regex_replace(page.prose, std::regex("`[^`]*`"), "");
  page.links = links_in(page.prose);
  return page;
}

std::vector<Command> commands_of(const Block& block) {
  const bool shell = block.language == "sh";
  std::vector<Command> out;
  if (!shell && !block.language.empty()) return out;
  std::istringstream in(block.text);
  bool open = false;  // the last command goes on in this line
  int number = block.line - 1;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const bool starts = !open && (shell || line.starts_with("$ "));
    if (starts || open) {
      const std::string words = without_comment(shell || open ? line : line.substr(2));
      if (starts && !words.empty()) out.push_back({words, "", number, !shell});
      if (open) out.back().text.replace(out.back().text.size() - 1, 1, words.substr(words.find_first_not_of(' ')));
      open = goes_on(words);
    } else if (!out.empty()) {
      out.back().answer += line + '\n';
    }
  }
  return out;
}

std::vector<fs::path> pages_below(const fs::path& root) {
  std::vector<fs::path> out;
  for (fs::recursive_directory_iterator at(root), end; at != end; ++at) {
    const std::string name = at->path().filename();
    if (at->is_directory() && (name.starts_with('.') || name.starts_with("build") || name == "results"))
      at.disable_recursion_pending();
    else if (at->path().extension() == ".md")
      out.push_back(at->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace laconic::readme
