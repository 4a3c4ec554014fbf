#include "algorithms/data/readers/image_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "algorithms/base/error.hpp"
#include "algorithms/base/input_file.hpp"
#include "algorithms/base/names.hpp"

namespace laconic::data {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& place, const std::string& what) {
  throw InputError(place.string() + ": " + what);
}

struct Labelled {
  fs::path file;
  std::string label;
};

std::string ending(const fs::path& file) {
  std::string out = file.extension().string();
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool among(const std::string& word, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_image(const fs::path& file) {
  const std::string end = ending(file);
  if (among(end, {".bmp", ".gif", ".heic", ".tif", ".tiff", ".webp"}))
    refuse(file, fmt::format("expected JPEG, PNG, PGM or PPM, got {}", end));
  return among(end, {".jpeg", ".jpg", ".pgm", ".png", ".pnm", ".ppm"});
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (const fs::path& path = at->path(); !path.filename().string().starts_with('.')) out.push_back(path);
  if (error) refuse(folder, "cannot read: " + error.message());
  std::sort(out.begin(), out.end());
  return out;
}

void add_images(const fs::path& folder, int depth, std::vector<fs::path>& out) {
  if (depth > 16) refuse(folder, "expected folders at most 16 deep: does a link lead back?");
  for (const auto& path : sorted_entries(folder)) {
    if (fs::is_directory(path))
      add_images(path, depth + 1, out);
    else if (is_image(path))
      out.push_back(path);
  }
}

class Reader {
 public:
  Reader(const fs::path& folder, const ImageFolderOptions& options) : folder_(folder), o_(options) {
    if (!fs::exists(folder)) refuse(folder, "cannot read: no such folder");
    if (!fs::is_directory(folder))
      refuse(folder, "expected a folder that holds a folder of images for each class, got a file");
  }

  Dataset read() {
    o_.labels ? list_by_file() : list_by_folder();
    if (images_.empty()) refuse(folder_, "no image is of the classes that are kept");
    if (o_.per_class > 0) keep_first();
    if (o_.like) classes_ = o_.like->classes;
    Dataset out{RowMatrix(), Vector(static_cast<Index>(images_.size())), folder_.string()};
    for (Index i = 0; i < out.y.size(); ++i) read_one(i, out);
    out.classes = classes_;
    return out;
  }

 private:
  void list_by_folder() {
    bool loose = false;
    for (const auto& path : sorted_entries(folder_)) {
      if (fs::is_directory(path))
        classes_.push_back(path.filename().string());
      else
        loose = loose || is_image(path);
    }
    if (classes_.empty())
      refuse(folder_,
             loose ? "expected a folder of images for each class, got images (\"labels\" names a file of their classes)"
                   : "expected a folder of images for each class, got no folder");
    if (std::all_of(classes_.begin(), classes_.end(), [](const auto& name) {
          return among(name, {"train", "test", "val", "valid", "validation"});
        }))
      refuse(folder_, fmt::format("expected a folder of images for each class, got {}, which are parts of a data set: "
                                  "\"path\" names one of them, and \"test\" another",
                                  quoted_choices(classes_, " and ")));
    if (classes_.size() == 1 && !o_.like)
      refuse(folder_, fmt::format("expected folders of at least two classes, got \"{}\" alone", classes_[0]));
    for (const auto& name : classes_) {
      if (!wanted(name)) continue;
      std::vector<fs::path> files;
      add_images(folder_ / name, 0, files);
      if (files.empty()) refuse(folder_ / name, "expected images (.jpeg, .jpg, .png, .pgm, .pnm or .ppm), got none");
      for (auto& file : files) images_.push_back({std::move(file), name});
    }
  }

  // Lines such as "val_0.JPEG<tab>n03444034<tab>0<tab>32<tab>44<tab>62" of Tiny ImageNet: what follows the class is
  // left.
  void list_by_file() {
    const std::string text = read_input(*o_.labels);
    std::size_t line = 0;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      const std::string_view whole = std::string_view(text).substr(at, end - at);
      const char* const between = whole.find('\t') != std::string_view::npos ? "\t\r" : " ,;\r";
      std::vector<std::string> fields;
      for (std::size_t i = 0; i < whole.size() && fields.size() < 2;) {
        const auto stop = std::min(whole.find_first_of(between, i), whole.size());
        if (stop > i) fields.emplace_back(whole.substr(i, stop - i));
        i = stop + 1;
      }
      at = end + 1;
      ++line;
      if (fields.empty()) continue;
      const auto place = [&] { return fmt::format("{}:{}", o_.labels->string(), line); };
      if (fields.size() < 2)
        refuse(place(), fmt::format("expected an image and its class, got \"{}\" alone", fields[0]));
      const fs::path here = folder_ / fields[0], there = folder_ / "images" / fields[0];
      if (!fs::exists(here) && !fs::exists(there)) refuse(place(), fmt::format("there is no image {}", here.string()));
      classes_.push_back(fields[1]);
      if (wanted(fields[1])) images_.push_back({fs::exists(here) ? here : there, fields[1]});
    }
    if (classes_.empty()) refuse(*o_.labels, "expected lines of an image and its class, got none");
    std::sort(classes_.begin(), classes_.end());
    classes_.erase(std::unique(classes_.begin(), classes_.end()), classes_.end());
  }

  bool wanted(const std::string& name) const {
    return o_.only.empty() || std::find(o_.only.begin(), o_.only.end(), name) != o_.only.end();
  }

  void keep_first() {
    std::map<std::string, Index> seen;
    std::erase_if(images_, [&](const Labelled& image) { return ++seen[image.label] > o_.per_class; });
  }

  void read_one(Index i, Dataset& out) {
    const Labelled& image = images_[static_cast<std::size_t>(i)];
    const auto known = std::find(classes_.begin(), classes_.end(), image.label);
    if (known == classes_.end())
      refuse(image.file, fmt::format("expected a class of the training images, got \"{}\"{}", image.label,
                                     did_you_mean(image.label, classes_)));
    out.y[i] = static_cast<double>(known - classes_.begin());
    const Picture picture = decode_picture(read_input(image.file), image.file.string());
    if (i == 0) begin(picture, out);
    if (!o_.size && (picture.height != out.shape[1] || picture.width != out.shape[2]))
      refuse(image.file,
             fmt::format("expected {} x {} pixels, as {}, got {} x {} (\"size\" makes all of one size)", out.shape[2],
                         out.shape[1], o_.like ? "the training images have" : images_[0].file.string() + " has",
                         picture.width, picture.height));
    double* at = std::get<RowMatrix>(out.x).row(i).data();
    resample(picture, out.shape[0], out.shape[1], out.shape[2], o_.fit, at);
    const Index pixels = out.shape[1] * out.shape[2];
    for (Index c = 0; c < out.shape[0]; ++c, at += pixels) {
      auto plane = Eigen::Map<Eigen::ArrayXd>(at, pixels);
      if (o_.unit) plane /= 255;
      if (!o_.mean.empty()) plane -= o_.mean[static_cast<std::size_t>(c)];
      if (!o_.deviation.empty()) plane /= o_.deviation[static_cast<std::size_t>(c)];
    }
  }

  void begin(const Picture& first, Dataset& out) const {
    out.shape = o_.size   ? std::vector<Index>{o_.channels, (*o_.size)[0], (*o_.size)[1]}
                : o_.like ? o_.like->shape
                          : std::vector<Index>{o_.channels, first.height, first.width};
    if (o_.like && o_.like->shape != out.shape) refuse(folder_, "expected samples of the training data's shape");
    constexpr double most = 2e9;  // numbers; 16 GB
    const auto n = static_cast<Index>(images_.size()), d = out.shape[0] * out.shape[1] * out.shape[2];
    if (static_cast<double>(n) * static_cast<double>(d) > most)
      refuse(folder_,
             fmt::format("expected at most {:g} numbers, got {} images of {} x {} x {} (\"per_class\" takes fewer, "
                         "\"size\" makes them smaller)",
                         most, n, out.shape[0], out.shape[1], out.shape[2]));
    out.x = RowMatrix(n, d);
  }

  fs::path folder_;
  const ImageFolderOptions& o_;
  std::vector<std::string> classes_;
  std::vector<Labelled> images_;
};

}  // namespace

Dataset read_image_folder(const fs::path& folder, const ImageFolderOptions& options) {
  return Reader(folder, options).read();
}

}  // namespace laconic::data
