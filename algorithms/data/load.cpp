#include "algorithms/data/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "algorithms/base/error.hpp"
#include "algorithms/base/find_file.hpp"
#include "algorithms/base/names.hpp"
#include "algorithms/data/transforms.hpp"

namespace laconic::data {
namespace {

using nlohmann::json;
using Step = std::function<void(LoadedData&)>;

std::vector<json> one_or_many(const json& value) {
  return value.is_array() ? std::vector<json>(value.begin(), value.end()) : std::vector<json>{value};
}

// The label that a number or a word of the scenario means.
double label_of(const json& wanted, const Dataset& data) {
  if (wanted.is_number()) return wanted.get<double>();
  const auto word = wanted.get<std::string>();
  const auto found = std::find(data.classes.begin(), data.classes.end(), word);
  if (found == data.classes.end())
    throw InputError(data.classes.empty()
                         ? fmt::format("{}: the labels are numbers: there is no class {}", data.name, shown(wanted))
                         : fmt::format("{}: there is no class {}{}; there are {}", data.name, shown(wanted),
                                       did_you_mean(word, data.classes), quoted_choices(data.classes, " and ")));
  return static_cast<double>(found - data.classes.begin());
}

std::vector<double> labels_of(const std::vector<json>& wanted, const Dataset& data) {
  std::vector<double> out;
  for (const auto& one : wanted) {
    out.push_back(label_of(one, data));
    if ((data.y.array() != out.back()).all())
      throw InputError(fmt::format("{}: no sample is of class {}", data.name, shown(one)));
  }
  return out;
}

bool among(const std::vector<double>& labels, double y) {
  return std::find(labels.begin(), labels.end(), y) != labels.end();
}

template <class Keep>
void keep_rows(Dataset& data, Keep keep) {
  std::vector<std::int32_t> rows;
  for (Index i = 0; i < data.samples(); ++i)
    if (keep(i)) rows.push_back(static_cast<std::int32_t>(i));
  if (rows.empty()) throw InputError(data.name + ": no sample is of the classes that are kept");
  data = select(data, rows);
}

const char* const class_words = "a label, or a list of labels: numbers, or words where labels are words";

std::vector<json> class_list(Params& in, const char* key, const char* meaning) {
  const json* given = in.look(key, key == std::string("classes") ? "all" : "labels as they are", class_words, meaning);
  if (!given) return {};
  auto out = one_or_many(*given);
  for (const auto& one : out)
    if (!one.is_number() && !one.is_string()) in.fail(key, class_words);
  if (out.empty()) in.fail(key, class_words);
  return out;
}

Step read_selection(Params& in, const std::vector<json>& classes) {
  std::optional<std::int64_t> rows;
  if (in.look("rows", "all", "a whole number, 1 or more", "how many samples, from the first, are used"))
    rows = in.count("rows", {}, 1, "how many samples, from the first, are used");
  const auto positive = class_list(in, "positive", "the classes that become +1; all others become -1");
  return [=](LoadedData& data) {
    if (rows && *rows < data.train.samples()) keep_rows(data.train, [&](Index i) { return i < *rows; });
    Dataset* const sets[] = {&data.train, data.test ? &*data.test : nullptr};
    if (!classes.empty()) {
      const auto kept = labels_of(classes, data.train);
      for (Dataset* set : sets)
        if (set) keep_rows(*set, [&](Index i) { return among(kept, set->y[i]); });
    }
    if (!positive.empty()) {
      const auto ones = labels_of(positive, data.train);
      for (Dataset* set : sets) {
        if (!set) continue;
        for (double& y : set->y) y = among(ones, y) ? 1 : -1;
        set->classes.clear();
      }
    }
  };
}

Step read_scaling(Params& in) {
  const auto how = in.choice("scaling", "none", {"none", "standardise", "unit-rows", "max-abs"},
                             "features to mean 0 and deviation 1, samples to norm 1, features into [-1, 1]");
  const Scaling scaling = how == "standardise" ? Scaling::standardise
                          : how == "unit-rows" ? Scaling::unit_rows
                          : how == "max-abs"   ? Scaling::max_abs
                                               : Scaling::none;
  return [scaling](LoadedData& data) { scale(data.train, data.test ? &*data.test : nullptr, scaling); };
}

Step read_projection(Params& in, std::uint64_t seed) {
  if (!in.look("projection", "none", "{\"type\": \"pca\" | \"random\", \"dimension\"}", "fewer features"))
    return [](LoadedData&) {};
  const bool pca = in.part_name("projection", "", {"pca", "random"}, "onto principal axes, or random ones") == "pca";
  Params own = in.part("projection");
  const Index dimension = own.count("dimension", {}, 1, "features afterwards", 1'000'000);
  if (!pca)
    seed = static_cast<std::uint64_t>(
        own.count("seed", static_cast<std::int64_t>(seed), 0, "seed of the axes (default: the scenario's)"));
  return [=](LoadedData& data) {
    Dataset* test = data.test ? &*data.test : nullptr;
    if (pca)
      project_on_principal_axes(data.train, test, dimension);
    else
      project_at_random(data.train, test, dimension, seed);
  };
}

Step read_intercept(Params& in) {
  if (!in.flag("intercept", false, "one more feature, 1 for every sample")) return [](LoadedData&) {};
  return [](LoadedData& data) {
    add_intercept(data.train);
    if (data.test) add_intercept(*data.test);
  };
}

}  // namespace

ChosenData choose_data(const json& data, const std::string& file, const std::filesystem::path& folder) {
  ChosenData out{&data, "/data", {}};
  while (out.block->contains("otherwise")) {
    const auto type = out.block->value("type", "");
    const auto sources = data_sources();
    const auto source = std::find_if(sources.begin(), sources.end(), [&](const auto& e) { return type == e.name; });
    if (source != sources.end() && source->files.empty())
      throw InputError(
          fmt::format("{}: {}/otherwise: stands in for missing files, and {} names none", file, out.pointer, type));
    std::optional<std::string> missing;
    for (const json& holder : {*out.block, out.block->value("test", json::object())})
      for (const char* key : source == sources.end() ? std::vector<const char*>{} : source->files)
        if (!missing && holder.contains(key) && !locate(holder[key].get<std::string>(), folder))
          missing = holder[key].get<std::string>();
    if (!missing) break;
    out.missing.push_back(*missing);
    out.block = &(*out.block)["otherwise"];
    out.pointer += "/otherwise";
  }
  return out;
}

std::function<LoadedData()> read_data(Params& in, const DataContext& context) {
  std::vector<std::string> names;
  for (const auto& entry : data_sources()) names.emplace_back(entry.name);
  const auto type = in.choice("type", {}, names, "where the samples come from");
  const DataEntry* source = nullptr;
  for (const auto& entry : data_sources())
    if (type == entry.name) source = &entry;
  const auto classes = class_list(in, "classes", "the only classes whose samples are used");
  DataContext known = context;
  for (const auto& one : classes)
    if (one.is_string() && !in.has("rows")) known.classes.push_back(one);
  const LoadData load = source->read(in, known);

  LoadData load_test;
  std::optional<double> share;
  std::uint64_t test_seed = context.seed;
  if (in.look("test", "none", "{\"share\"} of the samples, or the files of a test set", "what accuracy is judged on")) {
    if (!in.look("test", "", "", "")->is_object()) in.fail("test", "an object");
    Params test = in.part("test");
    if (source->files.empty() || test.owns("share")) {
      share = test.number("share", {}, {"a number between 0 and 1", 0, 1, true, true},
                          "of the samples, drawn at random, that become the test set");
      test_seed = static_cast<std::uint64_t>(
          test.count("seed", static_cast<std::int64_t>(context.seed), 0, "seed of the draw (default: the scenario's)"));
    } else {
      for (const char* key : source->files)
        if (!test.owns(key)) in.refuse("test", fmt::format("missing \"{}\", the test set's, or a \"share\"", key));
      load_test = source->read(test, known);
    }
  }

  const std::vector<Step> before{read_selection(in, classes)},
      after{read_scaling(in), read_projection(in, context.seed), read_intercept(in)};
  return [=] {
    LoadedData data{load(nullptr), {}};
    if (load_test) data.test = load_test(&data.train);
    for (const auto& step : before) step(data);
    if (share) data.test = split_off(data.train, *share, test_seed);
    for (const auto& step : after) step(data);
    return data;
  };
}

}  // namespace laconic::data
