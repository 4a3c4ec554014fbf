#include "algorithms/base/digest.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace laconic {

struct Digest::State {
  XXH3_state_t* hash = XXH3_createState();
  ~State() { XXH3_freeState(hash); }
};

Digest::Digest() : state_(std::make_unique<State>()) { XXH3_128bits_reset(state_->hash); }
Digest::~Digest() = default;

void Digest::add(const void* bytes, std::size_t count) { XXH3_128bits_update(state_->hash, bytes, count); }

std::string Digest::hex() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->hash);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string digest_of(std::string_view text) {
  Digest digest;
  digest.add(text);
  return digest.hex();
}

std::uint64_t short_digest(std::string_view text) { return XXH3_64bits(text.data(), text.size()) | 1; }

}  // namespace laconic
