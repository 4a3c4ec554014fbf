#pragma once

#include <algorithm>

#include "algorithms/core/setup.hpp"

namespace laconic::compressors {

/// Each layer of the model encoded on its own, one behind the other: the bits are the sum of the layers'.
class ByLayer final : public Compressor {
 public:
  struct Layer {
    Index offset, size;
    std::unique_ptr<Compressor> codec;
  };
  ByLayer(Index d, std::vector<Layer> layers) : d_(d), layers_(std::move(layers)) {}

  void encode(const Vector& v, Rng& rng, BitWriter& out) const override {
    for (const auto& layer : layers_) {
      part_ = v.segment(layer.offset, layer.size);
      layer.codec->encode(part_, rng, out);
    }
  }
  void decode(BitReader& in, Rng& rng, Vector& v) const override {
    v.resize(d_);
    for (const auto& layer : layers_) {
      layer.codec->decode(in, rng, part_);
      v.segment(layer.offset, layer.size) = part_;
    }
  }
  bool lossy() const override {
    return std::any_of(layers_.begin(), layers_.end(), [](const Layer& l) { return l.codec->lossy(); });
  }
  /// The largest of the layers': sum_l omega_l ||v_l||^2 <= omega ||v||^2.
  std::optional<double> omega() const override {
    double largest = 0;
    for (const auto& layer : layers_) {
      const auto own = layer.codec->omega();
      if (!own) return {};
      largest = std::max(largest, *own);
    }
    return largest;
  }
  /// The smallest of the layers'.
  std::optional<double> delta() const override {
    double smallest = 1;
    for (const auto& layer : layers_) {
      const auto own = layer.codec->delta();
      if (!own) return {};
      smallest = std::min(smallest, *own);
    }
    return smallest;
  }
  bool innovation() const override { return layers_.front().codec->innovation(); }
  std::vector<std::uint64_t> bits_by_layer(Wire wire) const override {
    std::vector<std::uint64_t> out;
    Rng rng(0, Purpose::compressor);
    for (const auto& layer : layers_) {
      part_.resize(layer.size);
      for (double& entry : part_) entry = rng.normal();
      Message message;
      {
        BitWriter bits(message, wire);
        layer.codec->encode(part_, rng, bits);
      }
      out.push_back(message.bits);
    }
    return out;
  }
  Adds adds() const override { return layers_.front().codec->adds(); }
  std::optional<std::uint64_t> payload_bits(Wire wire) const override {
    std::uint64_t sum = 0;
    for (const auto& layer : layers_) {
      const auto own = layer.codec->payload_bits(wire);
      if (!own) return {};
      sum += *own;
    }
    return sum;
  }

 private:
  Index d_;
  std::vector<Layer> layers_;
  mutable Vector part_;  // kept between calls, so that none allocates
};

/// `make` for each layer, `setup.layer` saying which; the problem must name its layers.
template <class Make>
PerWorker<Compressor> by_layer(const Setup& setup, Make make) {
  std::vector<std::pair<ParameterBlock, PerWorker<Compressor>>> makers;
  for (const auto& block : setup.problem.blocks) {
    Setup own = setup;
    own.layer = block;
    makers.emplace_back(block, make(own));
  }
  return [d = setup.d(), makers = std::move(makers)](int m) {
    std::vector<ByLayer::Layer> layers;
    for (const auto& [block, maker] : makers) layers.push_back({block.offset, block.rows * block.cols, maker(m)});
    return std::make_unique<ByLayer>(d, std::move(layers));
  };
}

/// That of a compressor with the costs of its name.
inline PerWorker<Compressor> with_costs(PerWorker<Compressor> make, const char* name, const Setup& setup) {
  const CodecCost lossless = setup.cost_of(name, false), lossy = setup.cost_of(name, true);
  return [=, make = std::move(make)](int m) {
    auto codec = make(m);
    const CodecCost& cost = codec->lossy() ? lossy : lossless;
    codec->encoding = cost.encode;
    codec->decoding = cost.decode;
    return codec;
  };
}

/// A compressor, or one for each layer if its parameters say "by_layer".
inline PerWorker<Compressor> plain_compressor(const PartEntry<Compressor>& entry, const Setup& setup, Params& in) {
  if (!in.flag("by_layer", false, "each layer of a neural network encoded on its own; bits add up over layers"))
    return entry.make(setup, in);
  if (setup.problem.blocks.size() < 2)
    in.refuse("by_layer", "this problem's model has no layers: those of \"neural\" and \"workload\" have");
  const auto entrywise = [&](const ParameterBlock& block) {
    Setup own = setup;
    own.layer = block;
    return entry.make(own, in)(0)->entrywise();
  };
  if (std::all_of(setup.problem.blocks.begin(), setup.problem.blocks.end(), entrywise)) return entry.make(setup, in);
  return by_layer(setup, [&](const Setup& own) { return entry.make(own, in); });
}

/// That with the costs that are stated of it.
inline PerWorker<Compressor> compressor_of(const PartEntry<Compressor>& entry, const Setup& setup, Params& in) {
  return with_costs(plain_compressor(entry, setup, in), entry.name, setup);
}

}  // namespace laconic::compressors
