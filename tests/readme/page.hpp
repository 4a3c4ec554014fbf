#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

// The pages of the tree as their readers see them.

namespace laconic::readme {

namespace fs = std::filesystem;

/// What stands between two fences.
struct Block {
  std::string language;  ///< behind the opening fence; empty: none
  std::string text;      ///< its lines, each with its end
  int line = 0;          ///< of its first line in the page
};

struct Page {
  fs::path path;
  std::vector<std::string> lines;  ///< all of them
  std::vector<Block> blocks;
  std::string prose;  ///< what stands outside of fences, without inline code
  /// What links may lead to, as GitHub makes anchors of headings.
  std::set<std::string> anchors;
  /// Targets of links and images, as written.
  std::vector<std::string> links;
};

/// Throws std::runtime_error where a fence is not closed.
Page read_page(const fs::path& path);

/// What a shell, or a transcript of one, is told in a block, and in a transcript what it answers.
struct Command {
  std::string text;    ///< without comment and prompt
  std::string answer;  ///< empty in a block of commands alone
  int line = 0;
  bool shown = false;  ///< the block is a transcript, and shows the answer
};

/// The commands of a block: all lines of an "sh" block, those behind "$ " in one without a language.
std::vector<Command> commands_of(const Block& block);

/// Every *.md file below `root`, but for those in hidden folders, builds and results.
std::vector<fs::path> pages_below(const fs::path& root);

std::string text_of_file(const fs::path& path);

}  // namespace laconic::readme
