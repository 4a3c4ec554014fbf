#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/readme/page.hpp"

// Does what a page says, in a folder laid out like a fresh clone: `laconic` there is the program, `data` the real data,
// all else the tree's. A writer of pages needs no marks but the fences' languages:
//
//   json     a whole scenario is saved as <its name>.json, validated and run; a fragment, which begins with a quoted
//            key, replaces these keys in the page's last whole scenario, which is saved again and validated
//   sh       every line is run, and must end with code 0
//   (none)   lines behind "$ " are run, and what they print is what stands below, to the byte; a line "..." stands for
//            any number of lines. Without a "$ ", the block is a picture
//   python, gnuplot, r     are run where that language and its packages are installed
//   cpp      is a quotation: it stands so in a source file

namespace laconic::readme {

class Reader {
 public:
  /// `not_run`: commands that are passed over, with the reason.
  Reader(fs::path source, const fs::path& program, const fs::path& data,
         const std::map<std::string, std::string>& not_run);
  ~Reader();
  Reader(const Reader&) = delete;

  /// Checks all blocks of a page, in their order.
  void follow(const Page& page);

 private:
  struct Said {
    int code;
    std::string text;  ///< on both streams
  };

  void follow(const Block& block);
  void read_json(const Block& block);
  void lay_over(const std::string& fragment);
  void run(const Command& command);
  void run_script(const Block& block, const char* interpreter, const char* before = "");
  void look_up(const Block& quotation);

  Said shell(const std::string& command);
  /// Runs a command that must end with code 0, unless it lacks what not everybody has.
  void expect_done(const std::string& command);
  /// Whether it failed for want of what not everybody has: data, libtorch, Python's packages. Says so.
  bool lacks_something(const Said& said);
  void skip(const std::string& why);

  fs::path source_, folder_;
  const std::map<std::string, std::string>& not_run_;
  bool has_data_;
  std::string place_;             // page and line
  std::set<std::string> shown_;   // commands of the page's transcripts
  bool skipped_ = false;          // something on this page, on which later blocks may build
  nlohmann::json last_scenario_;  // whole
};

}  // namespace laconic::readme
