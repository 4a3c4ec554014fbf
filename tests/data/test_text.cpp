#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "algorithms/base/error.hpp"
#include "algorithms/data/text.hpp"
#include "tests/catch.hpp"

using namespace laconic::tests;
using nlohmann::json;

namespace {

// A text in a file that is there as long as this is.
struct TextFile {
  TextFile(const char* name, const std::string& text)
      : path(std::filesystem::temp_directory_path() / (std::to_string(getpid()) + name)) {
    std::ofstream(path) << text;
  }
  ~TextFile() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

Dataset read(const std::filesystem::path& path, json block, const Dataset* like = nullptr) {
  block["path"] = path.string();
  Params in(block, "s.json", "/data");
  return data::text(in, {})(like);
}

Dataset generated(const json& block) {
  Params in(block, "s.json", "/data");
  return data::markov_text(in, {})(nullptr);
}

std::string error(const std::function<void()>& work) {
  try {
    work();
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a text becomes windows of its characters' codes and the character behind each") {
  const TextFile file("a.txt", "abcab\nab");
  const Dataset all = read(file.path, {{"context", 3}});
  // newline 0, a 1, b 2, c 3
  RowMatrix x(5, 3);
  x << 1, 2, 3, 2, 3, 1, 3, 1, 2, 1, 2, 0, 2, 0, 1;
  CHECK(std::get<RowMatrix>(all.x) == x);
  CHECK(all.y == (Vector(5) << 1, 2, 0, 1, 2).finished());
  CHECK(all.classes == std::vector<std::string>{"\\x0a", "a", "b", "c"});
  const Dataset some = read(file.path, {{"context", 3}, {"stride", 2}});
  CHECK(std::get<RowMatrix>(some.x) == x({0, 2, 4}, Eigen::all));
  CHECK(some.y == Vector(all.y({0, 2, 4})));

  // A test set's characters have the training text's codes.
  const TextFile other("b.txt", "cacb"), strange("c.txt", "abxb");
  const Dataset test = read(other.path, {{"context", 2}}, &all);
  CHECK(test.y == Eigen::Vector2d(3, 2));
  CHECK(error([&] {
          read(strange.path, {{"context", 2}}, &all);
        }) == strange.path.string() + ": x does not occur in the text that is learned from");
  CHECK(error([&] {
          read(file.path, {{"context", 8}});
        }) == file.path.string() + ": expected more than the 8 characters of \"context\", got 8");
}

TEST_CASE("a generated text has the entropy rate that it says") {
  CHECK(data::entropy_rate(RowMatrix::Constant(25, 5, 0.2)) == Approx(std::log(5)).epsilon(1e-12));
  // Two states that change with probabilities 0.1 and 0.3 are visited 3/4 and 1/4 of the time.
  RowMatrix two(2, 2);
  two << 0.9, 0.1, 0.3, 0.7;
  const auto h = [](double p) { return -p * std::log(p) - (1 - p) * std::log(1 - p); };
  CHECK(data::entropy_rate(two) == Approx(0.75 * h(0.1) + 0.25 * h(0.3)).epsilon(1e-12));

  const Dataset text = generated({{"samples", 200000}, {"context", 2}, {"symbols", 4}, {"order", 2}, {"seed", 3}});
  std::map<std::pair<double, double>, std::array<double, 4>> seen;
  const auto& x = std::get<RowMatrix>(text.x);
  for (Index i = 0; i < text.samples(); ++i) seen[{x(i, 0), x(i, 1)}][static_cast<std::size_t>(text.y[i])] += 1;
  double found = 0;
  for (const auto& [state, counts] : seen)
    for (const double n : counts)
      if (n > 0) found -= n * std::log(n / (counts[0] + counts[1] + counts[2] + counts[3]));
  found /= static_cast<double>(text.samples());
  const auto at = text.name.find("entropy rate ");
  REQUIRE(at != std::string::npos);
  CHECK(found == Approx(std::stod(text.name.substr(at + 13))).epsilon(0.01));
  CHECK(error([] {
          generated({{"samples", 10}, {"symbols", 256}, {"order", 3}});
        }).starts_with("s.json: /data/order: "));
}
