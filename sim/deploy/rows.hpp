#pragma once

#include <cstdio>
#include <string>

namespace laconic::deploy {

/// Rows on their way to their file, each of which gets another column at its end. Each is in the file, whole, before
/// the next round begins, however the process ends then.
class Rows {
 public:
  explicit Rows(std::FILE* to);
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  /// Where rows are written.
  std::FILE* in() { return in_; }
  /// What the next rows end with.
  void set_more(std::string more) { more_ = std::move(more); }
  /// Passes on what was written. Throws RunError where the disk is full.
  void pass_on();

 private:
  std::FILE* to_;
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* in_;
  std::string more_;
};

}  // namespace laconic::deploy
