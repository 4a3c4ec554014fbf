#include "algorithms/data/sources.hpp"

#include <fmt/format.h>

#include <cmath>

#include "algorithms/base/error.hpp"
#include "algorithms/base/find_file.hpp"
#include "algorithms/data/generators.hpp"
#include "algorithms/data/readers/csv.hpp"
#include "algorithms/data/readers/idx.hpp"
#include "algorithms/data/readers/image_folder.hpp"
#include "algorithms/data/readers/libsvm.hpp"
#include "algorithms/data/text.hpp"

namespace laconic::data {
namespace {

namespace fs = std::filesystem;

LoadData libsvm(Params& in, const DataContext& context) {
  LibsvmOptions options;
  if (in.look("features", "the largest index", "a whole number, 1 or more", "d, if larger than the largest index"))
    options.features = in.count("features", {}, 1, "d, if larger than the largest index");
  options.first_index = static_cast<int>(in.count("first_index", 1, 0, "index of the first feature", 1));
  const auto storage = in.choice("storage", "auto", {"auto", "dense", "sparse"},
                                 "auto: dense when at least a quarter of the entries are stored");
  options.storage = storage == "auto" ? Storage::automatic : storage == "dense" ? Storage::dense : Storage::sparse;
  return [path = find_file(in, "path", "the file", context.folder), options](const Dataset* like) mutable {
    if (like) options.features = like->features();
    return read_libsvm(path, options);
  };
}

LoadData csv(Params& in, const DataContext& context) {
  CsvOptions options;
  const char* allowed = "a column's name, or its number from 1";
  if (const auto* label = in.look("label", "the last column", allowed, "the column of labels")) {
    if (label->is_string())
      options.label = label->get<std::string>();
    else
      options.label = in.count("label", {}, 1, "the column of labels");
  }
  if (const auto* names =
          in.look("ignore", "none", "columns' names, or their numbers from 1", "columns that are no features")) {
    for (const auto& name : names->is_array() ? *names : nlohmann::json::array({*names})) {
      if (name.is_string())
        options.ignore.emplace_back(name.get<std::string>());
      else if (name.is_number() && name.get<double>() == std::floor(name.get<double>()) && name >= 1 && name <= 1e9)
        options.ignore.emplace_back(static_cast<std::int64_t>(name.get<double>()));
      else
        in.fail("ignore", "columns' names, or their numbers from 1");
    }
  }
  if (in.look("header", "if no field of the first line is a number", "true or false",
              "the first line names the columns"))
    options.header = in.flag("header", false, "the first line names the columns");
  const auto separator =
      in.choice("separator", "auto", {"auto", "comma", "semicolon", "tab", "blank", ",", ";", "\t", " "},
                "what stands between fields; auto: tab, semicolon, comma or blank, the first that the first line has; "
                "blank: any run of blanks and tabs");
  if (separator != "auto")
    options.separator = separator == "comma"       ? ','
                        : separator == "semicolon" ? ';'
                        : separator == "tab"       ? '\t'
                        : separator == "blank"     ? ' '
                                                   : separator[0];
  options.own_label = in.owns("label");
  options.own_ignore = in.owns("ignore");
  options.skip_lines = in.count("skip_lines", 0, 0, "lines before the header or the samples");
  return [path = find_file(in, "path", "the file", context.folder), options](const Dataset* like) mutable {
    options.like = like;
    return read_csv(path, options);
  };
}

bool read_unit(Params& in) {
  return in.choice("pixels", "unit", {"unit", "raw"}, "unit: bytes 0..255 become 0..1") == "unit";
}

LoadData idx(Params& in, const DataContext& context) {
  const bool unit = read_unit(in);
  return [images = find_file(in, "images", "the file", context.folder),
          labels = find_file(in, "labels", "the file", context.folder), unit](const Dataset* like) {
    Dataset out = read_idx_pair(images, labels, unit);
    if (like && like->shape != out.shape)
      throw InputError(out.name + ": expected samples of the training data's shape");
    return out;
  };
}

std::optional<std::array<Index, 2>> read_size(Params& in) {
  const char* allowed = "a whole number from 1 to 10000, or [height, width]";
  const auto* given = in.look("size", "the images', which must be alike", allowed, "pixels of a side, or of both");
  if (!given) return {};
  const auto both = given->is_array() ? *given : nlohmann::json::array({*given, *given});
  for (const auto& one : both)
    if (!one.is_number_integer() || one < 1 || one > 10000) in.fail("size", allowed);
  if (both.size() != 2) in.fail("size", allowed);
  return std::array<Index, 2>{both[0].get<Index>(), both[1].get<Index>()};
}

// One number for all channels, or one for each.
std::vector<double> read_by_channel(Params& in, const char* key, const char* fallback, Index channels, bool above_0,
                                    const char* meaning) {
  const auto allowed = fmt::format("a {}number, or a list of {}", above_0 ? "positive " : "", channels);
  const auto* given = in.look(key, fallback, allowed, meaning);
  if (!given) return {};
  const auto size = static_cast<std::size_t>(channels);
  const auto list = given->is_array() ? *given : nlohmann::json(std::vector<nlohmann::json>(size, *given));
  if (list.size() != size) in.fail(key, allowed);
  for (const auto& one : list)
    if (!one.is_number() || (above_0 && one <= 0)) in.fail(key, allowed);
  return list.get<std::vector<double>>();
}

LoadData image_folder(Params& in, const DataContext& context) {
  ImageFolderOptions o;
  const fs::path path =
      find_file(in, "path", "the folder that holds a folder of images for each class", context.folder);
  if (in.look("labels", "the folders' names", "the path of a file",
              "lines of an image in the folder and its class, as Tiny ImageNet's val_annotations.txt"))
    o.labels = find_file(in, "labels", "lines of an image and its class", context.folder);
  o.size = read_size(in);
  o.fit = in.choice("fit", "crop", {"crop", "stretch"},
                    "how an image fills the size: its largest part of that shape, or all of it, distorted") == "crop"
              ? Fit::crop
              : Fit::stretch;
  if (const auto* channels = in.look("channels", "3", "1 or 3", "3: red, green and blue; 1: grey")) {
    if (*channels != 1 && *channels != 3) in.fail("channels", "1 or 3");
    o.channels = channels->get<Index>();
  }
  o.unit = read_unit(in);
  o.mean = read_by_channel(in, "mean", "0", o.channels, false, "subtracted from each channel, in units of \"pixels\"");
  o.deviation = read_by_channel(in, "deviation", "1", o.channels, true, "each channel is divided by, after that");
  if (in.look("per_class", "all", "a whole number, 1 or more", "images of each class, from its first"))
    o.per_class = in.count("per_class", {}, 1, "images of each class, from its first");
  o.only = context.classes;
  return [path, o](const Dataset* like) mutable {
    o.like = like;
    return read_image_folder(path, o);
  };
}

}  // namespace

std::span<const DataEntry> data_sources() {
  static const DataEntry table[] = {
      {"csv", csv, {"path"}, "a file of comma-separated values, plain, .gz, .bz2 or .xz"},
      {"covtype-like", covtype_like, {}, "generated in Covertype's shape: 10 numbers and two kinds of 4 and 40"},
      {"epsilon-like", epsilon_like, {}, "generated in epsilon's shape: 2000 features, samples of norm 1"},
      {"gaussian", gaussian, {}, "standard Gaussian rows, labels by a random half-space with some flipped"},
      {"idx", idx, {"images", "labels"}, "a file of images and one of labels, as MNIST's, plain, .gz, .bz2 or .xz"},
      {"image-folder", image_folder, {"path"}, "pictures, JPEG, PNG or PPM, a folder a class"},
      {"lag-synthetic",
       lag_synthetic,
       {},
       "LAG's and LE's workers of increasing smoothness, L_m = (1.3^{m-1} + 1)^2, m = 1..M"},
      {"le-synthetic",
       le_synthetic,
       {},
       "lag-synthetic with one term of the loss a worker, of the row y_m' X_m, as LE's equation (34) is printed"},
      {"libsvm", libsvm, {"path"}, "a file of LIBSVM text, plain, .gz, .bz2 or .xz"},
      {"markov-text", markov_text, {}, "windows of symbols and the next one, of a source whose entropy rate is known"},
      {"sparse-gaussian", sparse_gaussian, {}, "Gaussian entries at random places, labels by a random half-space"},
      {"text", text, {"path"}, "windows of a text's characters and the next one, plain, .gz, .bz2 or .xz"},
  };
  return table;
}

}  // namespace laconic::data
