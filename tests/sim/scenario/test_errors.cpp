#include <filesystem>
#include <fstream>

#include "algorithms/base/error.hpp"
#include "tests/sim/runs.hpp"

// What a scenario can get wrong beyond the schema. Every message names the file, the JSON pointer, and what is allowed.

using namespace laconic::tests;
using nlohmann::json;

namespace {

std::string error(const json& source, const std::filesystem::path& folder = ".") {
  try {
    make_scenario(source, "s.json", folder);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

std::string error_with(const char* pointer, const json& value) {
  json source = small_scenario();
  source[json::json_pointer(pointer)] = value;
  return error(source);
}

// A folder of files for one test.
struct Files {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("laconic-errors-" + std::to_string(getpid()));
  Files() { std::filesystem::create_directories(folder); }
  ~Files() { std::filesystem::remove_all(folder); }
  void write(const char* name, const std::string& text) const { std::ofstream(folder / name) << text; }
};

std::string data_error(const Files& files, const char* text, int workers = 2, const json& more = json::object()) {
  files.write("a.svm", text);
  json source = small_scenario();
  source["workers"] = workers;
  source["data"] = {{"type", "libsvm"}, {"path", "a.svm"}};
  source["data"].update(more);
  std::string out = error(source, files.folder);
  const std::string prefix = files.folder.string() + "/";
  return out.starts_with(prefix) ? out.substr(prefix.size()) : out;
}

}  // namespace

TEST_CASE("methods and steps") {
  const std::string method = error_with("/algorithms/0/method", "le-signdg");
  CHECK(method.find("s.json: /algorithms/0/method: expected \"ad-psgd\", \"adagrad-norm\", ") == 0);
  CHECK(method.ends_with(", got \"le-signdg\" (did you mean \"le-signgd\"?)"));
  const std::string step =
      "s.json: /algorithms/0/step: expected a positive number or an expression such as \"1/L\", got ";
  CHECK(
      error_with("/algorithms/0/step", "fast") ==
      step +
          "\"fast\", which names \"fast\"; known: \"sqrt\", \"log\", \"exp\", \"K\", \"L\", \"L_max\", \"M\", \"d\" or \"n\"");
  CHECK(error_with("/algorithms/0/step", "1/M L") ==
        step + "\"1/M L\", which reads both ways: write 1/(a b) or (1/a) b");
  CHECK(error_with("/algorithms/0/step", "1-2").find(step + "\"1-2\"") == 0);
  CHECK(error_with("/algorithms/0/step", "1/(L").find(step + "\"1/(L\"") == 0);
  CHECK(error_with("/algorithms/0/H", 3)
            .find("s.json: /algorithms/0: \"H\" means nothing to gd; it reads \"aggregate\", ") == 0);
  CHECK(
      error_with("/algorithms/0/compressor", "topk").ends_with("or \"top-k\", got \"topk\" (did you mean \"top-k\"?)"));
  CHECK(error_with("/algorithms/0/compressor", {{"type", "scaled-sign"}, {"k", 2}}) ==
        "s.json: /algorithms/0/compressor: \"k\" means nothing to scaled-sign; it reads \"by_layer\" and \"type\"");
  CHECK(error_with("/algorithms/0/batch", 21) ==
        "s.json: /algorithms/0/batch: expected at most the 20 samples of the smallest worker, got 21");
  CHECK(error(small_scenario({{"method", "sgd"}})).find("s.json: /algorithms/0: missing \"step\": expected ") == 0);
  CHECK(error(small_scenario({{"method", "sgd"}, {"step", 1}})) ==
        "s.json: /algorithms/0: missing \"batch\": expected a whole number, 1 or more");
}

TEST_CASE("every algorithm's first mistake is told, each on a line of its own") {
  json source = small_scenario();
  source["algorithms"] = {
      {{"method", "gdd"}}, {{"method", "gd"}}, {{"method", "lag-wk"}, {"D", 0.5}}, {{"method", "gd"}}};
  source["algorithms"][2]["D"] = 1000000;
  const std::string text = error(source);
  CHECK(text.find("s.json: /algorithms/0/method: ") == 0);
  CHECK(text.find("\ns.json: /algorithms/2/D: expected a whole number from 1 to 100000, got 1000000\n") !=
        std::string::npos);
  CHECK(text.find("\ns.json: /algorithms/3: a second algorithm called \"gd\": give it a \"label\" of its own") !=
        std::string::npos);
}

TEST_CASE("labels") {
  json source = small_scenario();
  source["algorithms"] = {{{"method", "gd"}, {"label", "A"}}, {{"method", "signgd"}, {"label", "A"}}};
  CHECK(error(source) == "s.json: /algorithms/1: a second algorithm called \"A\": give it a \"label\" of its own");
}

TEST_CASE("workers and data") {
  CHECK(error_with("/workers", 61) == "s.json: /workers: expected at most the number of samples, 60, got 61");
  json source = small_scenario();
  source["workers"] = 2000000;
  CHECK(error(source) == "s.json: /workers: expected a whole number from 1 to 1000000, got 2000000");
  CHECK(error_with("/data/samples", 1000000000000) ==
        "s.json: /data/samples: expected at most 1e9 entries in all, got 1e+12 x 5");
  CHECK(error_with("/data/partition", "contigous") ==
        "s.json: /data/partition: expected \"by-label\", \"contiguous\", \"dirichlet\", \"feature-scale\", "
        "\"quantity-skew\", \"shuffled\" or \"sizes\", got \"contigous\" (did you mean \"contiguous\"?)");
  CHECK(error_with("/data/partition", {{"type", "sizes"}, {"sizes", {1, 2}}}) ==
        "s.json: /data/partition/sizes: expected one size for each of the 3 workers, got 2");
  CHECK(error_with("/data/partition", {{"type", "sizes"}, {"sizes", {10, 20, 31}}}) ==
        "s.json: /data/partition/sizes: expected sizes that add up to at most the 60 samples");
  CHECK(
      error_with("/data/path", "x.svm").find("s.json: /data: \"path\" means nothing to the gaussian data; it reads ") ==
      0);
}

TEST_CASE("a problem has data or it has none") {
  json source = small_scenario();
  source.erase("data");
  CHECK(error(source) == "s.json: /: missing \"data\": expected an object");
  source = small_scenario();
  source["problem"] = {{"type", "toy"}, {"function", "quadratic"}};
  CHECK(error(source) == "s.json: /data: the toy problem has none");
  source.erase("data");
  CHECK(error(source) == "no error");
  source["record"]["metrics"] = {"accuracy"};
  CHECK(error(source) == "s.json: /problem/type: \"toy\" classifies nothing: it has no accuracy");
  source.erase("record");
  source["problem"]["function"] = "square-sine";
  source["problem"]["dimension"] = 2;
  CHECK(error(source).find("s.json: /problem: \"dimension\" means nothing to the toy problem; it reads ") == 0);
}

TEST_CASE("data files") {
  const Files files;
  CHECK(data_error(files, "+1 1:1\n-1 1:2\n") == "no error");
  CHECK(data_error(files, "") == "a.svm: expected at least one sample, got none");
  CHECK(data_error(files, "+1 1:1\n-1 1:x\n") == "a.svm:2:6: expected a number, got \"x\"");
  CHECK(data_error(files, "+1 1:1\n-1 1:\n") == "a.svm:2:4: expected a value after the colon, got \"1:\"");
  CHECK(data_error(files, "+1 1:1\n-1 1") == "a.svm:2:4: expected index:value, got \"1\"");
  CHECK(data_error(files, "+1 2:1 1:1\n-1 1:1") ==
        "a.svm:1:8: expected an index above 2, the one before it, got \"1:1\"");
  CHECK(data_error(files, "+1 1:1\n-1 1:nan") == "a.svm:2:6: expected a finite number, got \"nan\"");
  CHECK(data_error(files, "+1 1:1\n-1 1:1e400") ==
        "a.svm:2:6: expected a number within the range of a double, got \"1e400\"");
  CHECK(data_error(files, "+1 1:1\n+1 1:2\n") == "a.svm: expected labels of exactly two classes, got 1: 1");
  CHECK(data_error(files, "1 1:1\n2 1:2\n3 1:1") == "a.svm: expected labels of exactly two classes, got 3: 1, 2, 3");
  CHECK(data_error(files, "+1 1:1\n-1 1:2\n", 3) ==
        "s.json: /workers: expected at most the number of samples, 2, got 3");
  CHECK(data_error(files, "+1 1:1\n-1 2:2\n", 2, {{"features", 1}}) ==
        "a.svm:2:4: expected an index of at most 1, got \"2:2\" (\"features\" is 1)");
  CHECK(data_error(files, "+1 1:1\n-1 1:2\n", 2, {{"path", "b.svm"}})
            .find("s.json: /data/path: no such file: looked for ") == 0);
  CHECK(data_error(files, "+1 1:1\n-1 1:2\n", 2, {{"path", "."}}) == ".: cannot read: Is a directory");
}

TEST_CASE("a slip in the scenario is told before a large file is read") {
  json source = small_scenario();
  source["data"] = {{"type", "libsvm"}, {"path", "/dev/zero"}, {"noise", 0.1}};
  CHECK(error(source).find("s.json: /data: \"noise\" means nothing to the libsvm data; it reads ") == 0);
}

TEST_CASE("targets, stops and what they need") {
  json source = small_scenario();
  source["problem"]["l2"] = 0;
  CHECK(error(source) == "no error");
  source["stop"]["loss_gap"] = 0.1;
  CHECK(error(source) == "s.json: /problem/l2: expected a positive number, as loss_gap needs a unique optimum, got 0");
  CHECK(error_with("/stop/sim_time", "0s") == "s.json: /stop/sim_time: expected a positive time, got \"0s\"");
  CHECK(error_with("/stop/sim_time", "1 hour").find("s.json: /stop/sim_time: expected a time that is not negative: ") ==
        0);
  json still = small_scenario();
  still["platform"] = {{"type", "none"}};
  CHECK(error(still) == "no error");
  still["stop"]["sim_time"] = "1h";
  CHECK(error(still) == "s.json: /stop/sim_time: a scenario without a network has no simulated time");
  CHECK(error_with("/claims", {{{"metric", "upload_bits"}, {"of", "gdd"}, {"at_most", 1}}}) ==
        "s.json: /claims/0/of: expected \"gd\", got \"gdd\" (did you mean \"gd\"?)");
}

TEST_CASE("platforms and networks") {
  CHECK(error_with("/platform", json::object()).find("s.json: /platform: missing \"type\": expected ") == 0);
  CHECK(
      error_with("/platform", {{"type", "none"}, {"latency", "1ms"}}) ==
      "s.json: /platform: \"latency\" means nothing to a scenario without a network; it reads \"type\" and \"watts\"");
  CHECK(error_with("/platform/bandwidth", "-1Mbps")
            .find("s.json: /platform/bandwidth: expected a positive bandwidth: ") == 0);
  CHECK(error_with("/platform/latency", {"1ms", "2ms"}) ==
        "s.json: /platform/latency: expected one value for each of the 3 workers, got 2 of them");
  CHECK(error_with("/platform/latency", 1e-320) ==
        "s.json: /platform/latency: expected 0, or from 1e-15 to 1e9 seconds, got 1e-320");
  CHECK(error_with("/platform/latency", {"1ms", 0, "1ms"}) ==
        "s.json: /platform/latency: 0 for worker 1 and not for all: where flows meet, they share in proportion to "
        "1/latency, which 0 has not: give it a small one, such as \"1us\"");
  CHECK(error_with("/platform/latency", 0) == "no error");
  CHECK(error_with("/network/header", 0.5) ==
        "s.json: /network/header: expected a whole number of bytes, at most 1e9, got 0.5");
  CHECK(error_with("/network/header", "10GB") ==
        "s.json: /network/header: expected a whole number of bytes, at most 1e9, got \"10GB\"");
  CHECK(error_with("/network/header", "64ms").find("s.json: /network/header: expected a size that is not negative: ") ==
        0);
}

TEST_CASE("a platform kept in its own file is the block it holds") {
  const Files files;
  json source = small_scenario();
  files.write("p.json", source["platform"].dump());
  source["platform"] = {{"file", "p.json"}, {"comment", "a note"}};
  const Scenario s = make_scenario(source, "s.json", files.folder);
  CHECK(s.source["platform"] == small_scenario()["platform"]);

  const std::string folder = files.folder.string();
  source["platform"]["latency"] = 1;
  CHECK(error(source, files.folder) ==
        "s.json: /platform: \"file\" stands for the whole platform: expected no other key beside it");
  source["platform"] = {{"file", "q.json"}};
  CHECK(error(source, files.folder).find("s.json: /platform/file: no such file: looked for " + folder + "/q.json, ") ==
        0);
  source["platform"] = {{"file", "q.xml"}};
  CHECK(error(source, files.folder).find("s.json: /platform/file: no such file: looked for " + folder + "/q.xml, ") ==
        0);
  files.write("r.json", "{\"file\": \"p.json\"}");
  source["platform"] = {{"file", "r.json"}};
  CHECK(error(source, files.folder) ==
        folder + "/r.json: expected a platform block, which may not name another such file");
  files.write("t.json", "{\"type\": \"star\", \"latency\": \"1 ms\"}");
  source["platform"] = {{"file", "t.json"}};
  CHECK(error(source, files.folder).find("/platform/latency: expected a time") != std::string::npos);
  files.write("u.json", "{\"type\": ");
  source["platform"] = {{"file", "u.json"}};
  CHECK(error(source, files.folder).find(folder + "/u.json:1:10: not JSON: ") == 0);
}
