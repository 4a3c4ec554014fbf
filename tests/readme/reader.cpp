#include "tests/readme/reader.hpp"

#include <stdlib.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "tests/catch.hpp"

namespace laconic::readme {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line.substr(0, line.find_last_not_of(' ') + 1));
  while (!out.empty() && out.back().empty()) out.pop_back();
  return out;
}

// Whether a transcript shows what was said, where "..." stands for any number of lines.
bool shows(const std::vector<std::string>& shown, std::size_t i, const std::vector<std::string>& said, std::size_t j) {
  if (i == shown.size()) return j == said.size();
  if (shown[i] == "...") {
    for (std::size_t rest = j; rest <= said.size(); ++rest)
      if (shows(shown, i + 1, said, rest)) return true;
    return false;
  }
  return j < said.size() && shown[i] == said[j] && shows(shown, i + 1, said, j + 1);
}

std::string without_spaces(std::string text) {
  std::erase_if(text, [](unsigned char c) { return std::isspace(c); });
  return text;
}

}  // namespace

Reader::Reader(fs::path source, const fs::path& program, const fs::path& data,
               const std::map<std::string, std::string>& not_run)
    : source_(std::move(source)), not_run_(not_run), has_data_(fs::is_directory(data)) {
  std::string name = (fs::temp_directory_path() / "laconic-page-").string() + std::string(6, 'X');  // mkdtemp's
  REQUIRE(mkdtemp(name.data()));
  folder_ = name;
  for (const auto& entry : fs::directory_iterator(source_)) {
    const std::string file = entry.path().filename();
    if (file.starts_with('.') || file.starts_with("build") || file == "results" || file == "laconic") continue;
    fs::create_symlink(entry.path(), folder_ / file);
  }
  fs::create_symlink(program, folder_ / "laconic");
  if (has_data_ && !fs::exists(folder_ / "data")) fs::create_directory_symlink(fs::absolute(data), folder_ / "data");
}

Reader::~Reader() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Reader::follow(const Page& page) {
  for (const Block& block : page.blocks)
    for (const Command& command : commands_of(block))
      if (command.shown) shown_.insert(command.text);
  for (const Block& block : page.blocks) {
    place_ = page.path.filename().string() + ":" + std::to_string(block.line);
    INFO(page.path.string() << ":" << block.line << "\n" << block.text);
    follow(block);
  }
}

void Reader::follow(const Block& block) {
  if (block.language == "json") return read_json(block);
  if (block.language == "python") return run_script(block, "/usr/bin/python3");
  if (block.language == "gnuplot") return run_script(block, "gnuplot", "set terminal dumb\n");
  if (block.language == "r") return run_script(block, "Rscript");
  if (block.language == "cpp") return look_up(block);
  if (block.language != "sh" && !block.language.empty()) FAIL_CHECK("a block of a language that nobody checks");
  for (const Command& command : commands_of(block)) run(command);
}

void Reader::read_json(const Block& block) {
  const auto start = block.text.find_first_not_of(" \n");
  if (start != std::string::npos && block.text[start] == '"') return lay_over(block.text);
  last_scenario_ = nlohmann::json::parse(block.text);
  const std::string name = last_scenario_.at("name");
  std::ofstream(folder_ / (name + ".json")) << block.text;
  expect_done("./laconic validate " + name + ".json");
  expect_done("./laconic run " + name + ".json --out .runs/" + name + " --force");
}

void Reader::lay_over(const std::string& fragment) {
  const std::string keys = fragment.substr(0, fragment.find_last_not_of(" ,\n") + 1);
  nlohmann::json scenario = last_scenario_;
  REQUIRE(scenario.is_object());  // a whole scenario stands above
  scenario.update(nlohmann::json::parse("{" + keys + "}"));
  const std::string file = scenario.at("name").get<std::string>() + ".json";
  std::ofstream(folder_ / file) << scenario.dump(1);
  expect_done("./laconic validate " + file);
}

void Reader::run(const Command& command) {
  if (not_run_.contains(command.text)) return;
  if (!command.shown && shown_.contains(command.text)) return;  // once is enough
  if (!command.shown) return expect_done(command.text);
  const Said said = shell(command.text);
  if (lacks_something(said)) return;
  INFO("$ " << command.text << "\n" << said.text);
  CHECK(shows(lines_of(command.answer), 0, lines_of(said.text), 0));
}

void Reader::run_script(const Block& block, const char* interpreter, const char* before) {
  if (shell("command -v " + std::string(interpreter)).code != 0)
    return skip(std::string(interpreter) + " is not installed");
  std::ofstream(folder_ / "script") << before << block.text;
  expect_done(std::string(interpreter) + " script");
}

void Reader::look_up(const Block& quotation) {
  const std::string wanted = without_spaces(quotation.text);
  for (const char* room : {"algorithms", "platforms", "sim"})
    for (const auto& file : fs::recursive_directory_iterator(source_ / room)) {
      const bool is_source = file.path().extension() == ".hpp" || file.path().extension() == ".cpp";
      if (is_source && without_spaces(text_of_file(file.path())).find(wanted) != std::string::npos) return;
    }
  FAIL_CHECK("no source file has these lines");
}

Reader::Said Reader::shell(const std::string& command) {
  const std::string all = "cd " + quoted(folder_.string()) +
                          " && unset LACONIC_DATA && export LACONIC_BINARY=./laconic && exec bash -c " +
                          quoted("exec 2>&1 </dev/null\n" + command);
  std::FILE* pipe = popen(all.c_str(), "r");
  REQUIRE(pipe);
  Said said{0, ""};
  char buffer[1 << 12];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) said.text.append(buffer, n);
  const int status = pclose(pipe);
  said.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return said;
}

void Reader::expect_done(const std::string& command) {
  const Said said = shell(command);
  if (lacks_something(said)) return;
  INFO("$ " << command << "\n" << said.text);
  CHECK(said.code == 0);
}

bool Reader::lacks_something(const Said& said) {
  const auto says = [&](const char* words) { return said.text.find(words) != std::string::npos; };
  if (said.code == 0) return false;
  if (says("no such file: looked for") && (!has_data_ || skipped_))
    return skip(has_data_ ? "an earlier block was skipped" : "the data are not here"), true;
  if (says("needs libtorch")) return skip("the program was built without libtorch"), true;
  if (says("ModuleNotFoundError") || says("/usr/bin/python3 has no"))
    return skip("Python has not all of the packages"), true;
  return false;
}

void Reader::skip(const std::string& why) {
  WARN(place_ << ": skipped: " << why);
  skipped_ = true;
}

}  // namespace laconic::readme
