#include "algorithms/data/readers/image_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "algorithms/base/error.hpp"
#include "algorithms/base/random.hpp"
#include "algorithms/data/load.hpp"
#include "tests/catch.hpp"
#include "tests/data/readers/images.hpp"

using namespace laconic::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("laconic-images-" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& bytes) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << bytes;
  }
  std::string operator/(const char* name) const { return (path / name).string(); }
};

std::string folder_error(const fs::path& path, const ImageFolderOptions& options = {}) {
  try {
    read_image_folder(path, options);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

std::string decode_error(const std::string& bytes) {
  try {
    decode_picture(bytes, "a");
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

std::vector<double> resampled(const Picture& picture, Index channels, Index height, Index width, Fit fit = Fit::crop) {
  std::vector<double> out(static_cast<std::size_t>(channels * height * width));
  resample(picture, channels, height, width, fit, out.data());
  return out;
}

LoadedData load(const json& block) {
  Params in(block, "s.json", "/data");
  auto data = read_data(in, {2, 1, {}, {}});
  in.finish("the data");
  return data();
}

// What reading the block, or its data, says.
std::string load_error(const json& block) {
  try {
    load(block);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("PGM and PPM are read, with comments and a largest value of their own") {
  const Picture colour = decode_picture(ppm(1, 2, {1, 2, 3, 4, 5, 6}), "a");
  CHECK(colour.height == 1);
  CHECK(colour.width == 2);
  CHECK(colour.channels == 3);
  CHECK(colour.bytes == std::vector<unsigned char>{1, 2, 3, 4, 5, 6});
  const Picture grey = decode_picture("P5 # a comment\n2 1\n#another\n 15\n" + std::string{0, 15}, "a");
  CHECK(grey.channels == 1);
  CHECK(grey.bytes == std::vector<unsigned char>{0, 255});
}

TEST_CASE("pictures that are none, or not whole, are refused") {
  CHECK(decode_error("") == "a: expected a JPEG, PNG, PGM or PPM, got an empty file");
  CHECK(decode_error("GIF89a") == "a: expected a JPEG, PNG, or binary PGM or PPM, got something else");
  CHECK(decode_error("P6") == "a: expected its width in the header, got none");
  CHECK(decode_error("P6 2 x") == "a: expected its height in the header, got none");
  CHECK(decode_error("P6 2 2 #") == "a: expected its largest value in the header, got none");
  CHECK(decode_error("P6 2 2 65535 ") == "a: expected a largest value from 1 to 255, got 65535");
  CHECK(decode_error("P6 0 2 255 ") == "a: expected at least one pixel, got a picture of none");
  CHECK(decode_error("P6 100000 100000 255 ") == "a: expected at most 1e+08 pixels, got 100000 x 100000");
  CHECK(decode_error("P6 2 1 255 abc") == "a: expected 6 bytes behind the header, got 3: it is truncated");
  CHECK(decode_error("P6 2 1 255") == "a: expected 6 bytes behind the header, got 0: it is truncated");
}

TEST_CASE("PNG is read exactly, without its transparency") {
  if (!has_png) {
    CHECK(decode_error("\x89PNG").starts_with("a: a PNG, which this build of Laconic cannot read: install libpng-dev"));
    return;
  }
  const std::vector<unsigned char> pixels{1, 2, 3, 10, 20, 30, 100, 200, 255, 0, 0, 7, 8, 9, 250, 251, 252, 253};
  const Picture colour = decode_picture(png(2, 3, 3, pixels), "a");
  CHECK(colour.height == 2);
  CHECK(colour.width == 3);
  CHECK(colour.channels == 3);
  CHECK(colour.bytes == pixels);
  const Picture grey = decode_picture(png(3, 2, 1, {0, 1, 2, 3, 254, 255}), "a");
  CHECK(grey.channels == 1);
  CHECK(grey.bytes == std::vector<unsigned char>{0, 1, 2, 3, 254, 255});
  CHECK(decode_picture(png(1, 2, 4, {1, 2, 3, 0, 4, 5, 6, 128}), "a").bytes ==
        std::vector<unsigned char>{1, 2, 3, 4, 5, 6});
  const std::string whole = png(2, 3, 3, pixels);
  CHECK(decode_error(whole.substr(0, whole.size() / 2)).starts_with("a: not a PNG that can be read: "));
  CHECK(decode_error("\x89PNG").starts_with("a: not a PNG that can be read: "));
}

TEST_CASE("JPEG is read, grey as grey, half a file is refused") {
  if (!has_jpeg) {
    CHECK(decode_error("\xff\xd8").starts_with("a: a JPEG, which this build of Laconic cannot read: install "));
    return;
  }
  std::vector<unsigned char> pixels;
  for (int i = 0; i < 16 * 16; ++i) pixels.insert(pixels.end(), {200, 100, static_cast<unsigned char>(i / 16 * 10)});
  const Picture colour = decode_picture(jpeg(16, 16, 3, pixels), "a");
  REQUIRE(colour.bytes.size() == pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) CHECK(std::abs(colour.bytes[i] - pixels[i]) < 12);
  const Picture grey = decode_picture(jpeg(8, 24, 1, std::vector<unsigned char>(8 * 24, 77)), "a");
  CHECK(grey.channels == 1);
  CHECK(grey.height == 8);
  CHECK(grey.width == 24);
  CHECK(std::abs(grey.bytes[100] - 77) <= 1);
  // As printers have it: inverted cyan, magenta, yellow and black.
  const Picture printed = decode_picture(jpeg(8, 8, 4, std::vector<unsigned char>(8 * 8 * 4, 255)), "a");
  CHECK(printed.channels == 3);
  CHECK(printed.bytes.size() == 8 * 8 * 3);
  CHECK(printed.bytes[10] >= 254);
  const std::string whole = jpeg(16, 16, 3, pixels);
  CHECK(decode_error(whole.substr(0, whole.size() - 40)).starts_with("a: not a JPEG that can be read to its end: "));
  CHECK(decode_error("\xff\xd8\xff") == "a: not a JPEG that can be read: it holds no picture");
}

TEST_CASE("whatever the bytes, decoding ends with a picture or an InputError") {
  std::vector<std::string> good{ppm(2, 2, std::vector<unsigned char>(12, 9))};
  if (has_png) good.push_back(png(4, 4, 3, std::vector<unsigned char>(48, 9)));
  if (has_jpeg) good.push_back(jpeg(9, 9, 3, std::vector<unsigned char>(243, 9)));
  Rng rng(1, Purpose::noise);
  for (int i = 0; i < 6000; ++i) {
    std::string bytes = good[static_cast<std::size_t>(i) % good.size()];
    for (std::uint64_t edits = rng.below(3) + 1; edits > 0; --edits) {
      if (bytes.empty()) break;
      const auto at = rng.below(bytes.size());
      if (rng.below(4) == 0)
        bytes.resize(at);
      else
        bytes[at] = static_cast<char>(rng.below(256));
    }
    try {
      const Picture picture = decode_picture(bytes, "a");
      REQUIRE(picture.bytes.size() == static_cast<std::size_t>(picture.height * picture.width * picture.channels));
    } catch (const InputError&) {
    }
  }
}

TEST_CASE("resampling: the same size is the same picture, a flat one stays flat, means are kept, shapes are cropped") {
  const Picture picture = decode_picture(ppm(2, 2, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), "a");
  CHECK(resampled(picture, 3, 2, 2) == std::vector<double>{1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12});
  const auto grey = resampled(picture, 1, 2, 2);
  CHECK(grey[0] == Approx(0.299 * 1 + 0.587 * 2 + 0.114 * 3));
  const Picture flat{7, 5, 1, std::vector<unsigned char>(35, 50)};
  for (const double x : resampled(flat, 1, 3, 11)) CHECK(x == Approx(50).epsilon(1e-14));
  CHECK(resampled(flat, 3, 2, 2).size() == 12);
  // 0, 10, ..., 70 in a line to half of it: weights 1/8, 3/8, 3/8, 1/8; at the ends 3/7, 3/7, 1/7.
  const Picture line{1, 8, 1, {0, 10, 20, 30, 40, 50, 60, 70}};
  const auto half = resampled(line, 1, 1, 4, Fit::stretch);
  CHECK(half[0] == Approx(50.0 / 7).epsilon(1e-14));
  CHECK(half[1] == Approx(25).epsilon(1e-14));
  CHECK(half[3] == Approx(70 - 50.0 / 7).epsilon(1e-14));
  // The middle 4 of 8.
  const Picture wide{4, 8, 1, [] {
                       std::vector<unsigned char> out;
                       for (int i = 0; i < 32; ++i) out.push_back(static_cast<unsigned char>(i % 8));
                       return out;
                     }()};
  CHECK(resampled(wide, 1, 4, 4)[0] == 2);
  CHECK(resampled(wide, 1, 4, 4)[3] == 5);
  CHECK(resampled(wide, 1, 4, 4, Fit::stretch)[3] == Approx(7 - 5.0 / 7).epsilon(1e-14));
}

TEST_CASE("a folder a class: sorted classes and images, channels first, other files passed over") {
  const Folder here;
  here.write("b/2.ppm", ppm(1, 2, {0, 51, 102, 153, 204, 255}));
  here.write("b/10.PPM", ppm(1, 2, {0, 0, 0, 0, 0, 0}));
  here.write("b/notes.txt", "no picture");
  here.write("b/.hidden.png", "no picture");
  // As Tiny ImageNet has it.
  here.write("a/images/a_0.ppm", ppm(1, 2, {255, 255, 255, 255, 255, 255}));
  here.write("a/a_boxes.txt", "a_0.JPEG 0 0 1 1");
  const Dataset data = read_image_folder(here.path, {});
  CHECK(data.samples() == 3);
  CHECK(data.classes == std::vector<std::string>{"a", "b"});
  CHECK(data.y == Eigen::Vector3d(0, 1, 1));
  CHECK(data.shape == std::vector<Index>{3, 1, 2});
  const auto& x = std::get<RowMatrix>(data.x);
  CHECK(x.row(0).minCoeff() == 1);
  CHECK(x.row(1).isZero());  // "10" stands before "2"
  CHECK(x.row(2).isApprox(Eigen::RowVectorXd{{0, 0.6, 0.2, 0.8, 0.4, 1}}, 1e-15));

  ImageFolderOptions o;
  o.channels = 1;
  o.unit = false;
  o.mean = {55};
  o.deviation = {100};
  CHECK(std::get<RowMatrix>(read_image_folder(here.path, o).x)(0, 0) == Approx(2));
  o = {};
  o.per_class = 1;
  CHECK(read_image_folder(here.path, o).y == Eigen::Vector2d(0, 1));
  o = {};
  o.only = {"b"};
  const Dataset only = read_image_folder(here.path, o);
  CHECK(only.y == Eigen::Vector2d(1, 1));
  CHECK(only.classes.size() == 2);
  o.only = {"c"};
  CHECK(folder_error(here.path, o) == here.path.string() + ": no image is of the classes that are kept");
}

TEST_CASE("a folder of images beside a file of their classes, as Tiny ImageNet's val") {
  const Folder here;
  here.write("val/images/val_0.ppm", ppm(1, 1, {1, 1, 1}));
  here.write("val/val_1.ppm", ppm(1, 1, {255, 255, 255}));
  here.write("list", "val_1.ppm\tdog\t0\t0\r\n\nval_0.ppm\tcat\t3\n");
  ImageFolderOptions o;
  o.labels = here / "list";
  const Dataset data = read_image_folder(here / "val", o);
  CHECK(data.classes == std::vector<std::string>{"cat", "dog"});
  CHECK(data.y == Eigen::Vector2d(1, 0));
  CHECK(std::get<RowMatrix>(data.x)(0, 0) == 1);
  here.write("list", "val_1.ppm, dog\nval_7.ppm, cat");
  CHECK(folder_error(here / "val", o) == here / "list:2" + ": there is no image " + here / "val/val_7.ppm");
  here.write("list", "val_1.ppm");
  CHECK(folder_error(here / "val", o) ==
        here / "list:1" + ": expected an image and its class, got \"val_1.ppm\" alone");
  here.write("list", "\n");
  CHECK(folder_error(here / "val", o) == here / "list" + ": expected lines of an image and its class, got none");
}

TEST_CASE("folders that are wrong are refused with their place") {
  const Folder here;
  const std::string root = here.path.string(), small = ppm(1, 1, {1, 2, 3});
  CHECK(folder_error(here / "none") == here / "none" + ": cannot read: no such folder");
  CHECK(folder_error(here.path) == root + ": expected a folder of images for each class, got no folder");
  here.write("1.ppm", small);
  CHECK(folder_error(here / "1.ppm") ==
        here / "1.ppm" + ": expected a folder that holds a folder of images for each class, got a file");
  CHECK(folder_error(here.path) ==
        root + ": expected a folder of images for each class, got images (\"labels\" names a file of their classes)");
  here.write("a/1.ppm", small);
  CHECK(folder_error(here.path) == root + ": expected folders of at least two classes, got \"a\" alone");
  here.write("b/notes.txt", "");
  CHECK(folder_error(here.path) == here / "b" + ": expected images (.jpeg, .jpg, .png, .pgm, .pnm or .ppm), got none");
  here.write("b/1.ppm", ppm(1, 2, {1, 2, 3, 4, 5, 6}));
  CHECK(folder_error(here.path) == here / "b/1.ppm" + ": expected 1 x 1 pixels, as " + here / "a/1.ppm" +
                                       " has, got 2 x 1 (\"size\" makes all of one size)");
  ImageFolderOptions o;
  o.size = {1, 1};
  CHECK(folder_error(here.path, o) == "no error");
  here.write("b/2.ppm", "P6");
  CHECK(folder_error(here.path, o) == here / "b/2.ppm" + ": expected its width in the header, got none");
  here.write("b/2.ppm", small);
  here.write("b/3.webp", "RIFF");
  CHECK(folder_error(here.path, o) == here / "b/3.webp" + ": expected JPEG, PNG, PGM or PPM, got .webp");
  fs::remove(here.path / "b/3.webp");
  for (const char* name : {"b/3.ppm", "b/4.ppm", "b/5.ppm", "b/6.ppm"}) here.write(name, small);
  o.size = {10000, 10000};
  CHECK(folder_error(here.path, o) ==
        root +
            ": expected at most 2e+09 numbers, got 7 images of 3 x 10000 x 10000 (\"per_class\" takes fewer, \"size\" "
            "makes them smaller)");
  fs::create_directory_symlink(here.path, here.path / "b/back");
  CHECK(folder_error(here.path).ends_with("expected folders at most 16 deep: does a link lead back?"));
}

TEST_CASE("the folder above train and val is not taken for two classes") {
  const Folder here;
  here.write("train/a/1.ppm", ppm(1, 1, {1, 2, 3}));
  here.write("train/b/1.ppm", ppm(1, 1, {1, 2, 3}));
  here.write("val/images/1.ppm", ppm(1, 1, {1, 2, 3}));
  CHECK(folder_error(here.path) ==
        here.path.string() +
            ": expected a folder of images for each class, got \"train\" and \"val\", which are parts of a data set: "
            "\"path\" names one of them, and \"test\" another");
  CHECK(folder_error(here.path / "train") == "no error");
}

TEST_CASE("an image folder in a scenario: size, test set and classes are those of the training images") {
  const Folder here;
  const auto picture = [](unsigned char value) { return ppm(2, 2, std::vector<unsigned char>(12, value)); };
  for (const char* name : {"train/a/1.ppm", "train/b/1.ppm", "train/c/1.ppm", "test/c/1.ppm", "test/a/9.ppm"})
    here.write(name, picture(static_cast<unsigned char>(name[name[1] == 'r' ? 6 : 5])));
  const json train{{"type", "image-folder"}, {"path", here / "train"}, {"size", 4}};
  const auto with = [&](const json& more) {
    json out = train;
    out.update(more);
    return out;
  };
  const LoadedData both = load(with({{"test", {{"path", here / "test"}}}}));
  CHECK(both.train.shape == std::vector<Index>{3, 4, 4});
  REQUIRE(both.test);
  CHECK(both.test->shape == both.train.shape);
  CHECK(both.test->y == Eigen::Vector2d(0, 2));
  CHECK(std::get<RowMatrix>(both.test->x)(1, 0) == Approx('c' / 255.0));
  const LoadedData two = load(with({{"classes", {"a", "c"}}, {"test", {{"path", here / "test"}}}, {"channels", 1}}));
  CHECK(two.train.y == Eigen::Vector2d(0, 2));
  CHECK(two.train.features() == 16);

  here.write("test/d/1.ppm", picture(1));
  CHECK(load_error(with({{"test", {{"path", here / "test"}}}})) ==
        here / "test/d/1.ppm" + ": expected a class of the training images, got \"d\"");
  fs::remove_all(here.path / "test/d");
  here.write("test/a/8.ppm", ppm(1, 1, {1, 2, 3}));
  json plain = with({{"test", {{"path", here / "test"}}}});
  plain.erase("size");
  CHECK(load_error(plain) ==
        here / "test/a/8.ppm" +
            ": expected 2 x 2 pixels, as the training images have, got 1 x 1 (\"size\" makes all of one size)");

  CHECK(load_error(with({{"size", {4, 0}}})) ==
        "s.json: /data/size: expected a whole number from 1 to 10000, or [height, width], got [4,0]");
  CHECK(load_error(with({{"size", {1, 2, 3}}})) ==
        "s.json: /data/size: expected a whole number from 1 to 10000, or [height, width], got [1,2,3]");
  CHECK(load_error(with({{"channels", 2}})) == "s.json: /data/channels: expected 1 or 3, got 2");
  CHECK(load_error(with({{"mean", {1, 2}}})) == "s.json: /data/mean: expected a number, or a list of 3, got [1,2]");
  CHECK(load_error(with({{"deviation", 0}})) ==
        "s.json: /data/deviation: expected a positive number, or a list of 3, got 0");
  CHECK(load_error(with({{"fit", "pad"}})) == "s.json: /data/fit: expected \"crop\" or \"stretch\", got \"pad\"");
  CHECK(load_error({{"type", "image-folder"}, {"path", "no"}}).starts_with("s.json: /data/path: no such file: looked"));
}
