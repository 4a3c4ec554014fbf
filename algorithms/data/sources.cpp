#include "algorithms/data/sources.hpp"

#include "algorithms/data/find_file.hpp"
#include "algorithms/data/libsvm.hpp"
#include "algorithms/data/synthetic.hpp"

namespace laconic {
namespace {

LoadData libsvm(Params& in, const DataContext& context) {
  LibsvmOptions options;
  if (in.look("features", "the largest index", "a whole number, 1 or more", "d, if larger than the largest index"))
    options.features = in.count("features", {}, 1, "d, if larger than the largest index");
  options.first_index = static_cast<int>(in.count("first_index", 1, 0, "index of the first feature", 1));
  const auto storage = in.choice("storage", "auto", {"auto", "dense", "sparse"},
                                 "auto: dense when at least a quarter of the entries are stored");
  options.storage = storage == "auto" ? Storage::automatic : storage == "dense" ? Storage::dense : Storage::sparse;
  return [path = find_file(in, "path", "the file", context.folder), options] { return read_libsvm(path, options); };
}

}  // namespace

std::span<const DataEntry> data_sources() {
  static const DataEntry table[] = {
      {"gaussian", gaussian, "standard Gaussian rows, labels by a random half-space with some flipped"},
      {"lag-synthetic", lag_synthetic,
       "LAG's and LE's workers of increasing smoothness, L_m = (1.3^{m-1} + 1)^2, m = 1..M"},
      {"libsvm", libsvm, "a file of LIBSVM text, plain, .gz, .bz2 or .xz"},
  };
  return table;
}

}  // namespace laconic
