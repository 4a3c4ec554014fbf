#include "algorithms/problems/models.hpp"

#include <fmt/format.h>

#include <functional>
#include <numeric>

namespace laconic::problems {
namespace {

double product(double a, double b, double c) { return 2 * a * b * c; }

// Layers of a network of images, in torchvision's names.
class ImageNetwork {
 public:
  ImageNetwork(Index side, Index channels) : side_(side), channels_(channels) {}

  Index side() const { return side_; }
  Index channels() const { return channels_; }
  // The input of a branch that begins elsewhere.
  void go_back_to(Index side, Index channels) { side_ = side, channels_ = channels; }

  void convolution(const std::string& name, Index out, Index kernel, Index stride, bool bias = false) {
    pool(kernel, stride, (kernel - 1) / 2);
    const auto weights = static_cast<double>(channels_ * kernel * kernel);
    layers_.push_back({name + ".weight",
                       {out, channels_, kernel, kernel},
                       product(static_cast<double>(out), weights, static_cast<double>(side_ * side_))});
    if (bias) layers_.push_back({name + ".bias", {out}});
    channels_ = out;
  }
  void normalisation(const std::string& name) {
    layers_.push_back({name + ".weight", {channels_}});
    layers_.push_back({name + ".bias", {channels_}});
  }
  void pool(Index kernel, Index stride, Index padding) { side_ = (side_ + 2 * padding - kernel) / stride + 1; }
  void linear(const std::string& name, Index in, Index out) {
    layers_.push_back({name + ".weight", {out, in}, product(static_cast<double>(in), static_cast<double>(out), 1)});
    layers_.push_back({name + ".bias", {out}});
  }
  std::vector<ModelLayer> take() { return std::move(layers_); }

 private:
  Index side_, channels_;
  std::vector<ModelLayer> layers_;
};

// A block of two 3 x 3 convolutions, or of one between two of 1 x 1, and the way past it where shapes differ.
void residual_block(ImageNetwork& net, const std::string& name, Index width, Index stride, bool bottleneck) {
  const Index side = net.side(), channels = net.channels(), out = bottleneck ? 4 * width : width;
  const auto step = [&](int i, Index to, Index kernel, Index by) {
    net.convolution(fmt::format("{}.conv{}", name, i), to, kernel, by);
    net.normalisation(fmt::format("{}.bn{}", name, i));
  };
  if (bottleneck) {
    step(1, width, 1, 1);
    step(2, width, 3, stride);
    step(3, out, 1, 1);
  } else {
    step(1, width, 3, stride);
    step(2, out, 3, 1);
  }
  if (stride == 1 && channels == out) return;
  net.go_back_to(side, channels);
  net.convolution(name + ".downsample.0", out, 1, stride);
  net.normalisation(name + ".downsample.1");
}

std::vector<ModelLayer> resnet(Index input, const std::vector<int>& blocks, bool bottleneck) {
  ImageNetwork net(input, 3);
  net.convolution("conv1", 64, 7, 2);
  net.normalisation("bn1");
  net.pool(3, 2, 1);
  for (std::size_t stage = 0; stage < blocks.size(); ++stage)
    for (int block = 0; block < blocks[stage]; ++block)
      residual_block(net, fmt::format("layer{}.{}", stage + 1, block), Index{64} << stage,
                     stage > 0 && block == 0 ? 2 : 1, bottleneck);
  net.linear("fc", net.channels(), 1000);
  return net.take();
}

std::vector<ModelLayer> vgg16(Index input) {
  ImageNetwork net(input, 3);
  int place = 0;  // among the layers of torchvision's "features", those without parameters among them
  for (const auto& [count, out] : {std::pair{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}}) {
    for (int i = 0; i < count; ++i, place += 2) net.convolution(fmt::format("features.{}", place), out, 3, 1, true);
    net.pool(2, 2, 0);
    ++place;
  }
  net.linear("classifier.0", 512 * 7 * 7, 4096);  // an average to 7 x 7 stands before it
  net.linear("classifier.3", 4096, 4096);
  net.linear("classifier.6", 4096, 1000);
  return net.take();
}

// Layers of a transformer over sequences of one length.
class TokenNetwork {
 public:
  explicit TokenNetwork(Index tokens) : tokens_(static_cast<double>(tokens)) {}

  void table(const std::string& name, Index rows, Index cols) { layers_.push_back({name + ".weight", {rows, cols}}); }
  void scale(const std::string& name, Index d) { layers_.push_back({name + ".weight", {d}}); }
  void normalisation(const std::string& name, Index d) {
    scale(name, d);
    layers_.push_back({name + ".bias", {d}});
  }
  // `transposed`: stored as in x out, as GPT-2's are.
  void linear(const std::string& name, Index in, Index out, bool bias, bool transposed = false) {
    layers_.push_back({name + ".weight", {transposed ? in : out, transposed ? out : in}, flops(in, out)});
    if (bias) layers_.push_back({name + ".bias", {out}});
  }
  // Scores of all tokens with all, and the values they weigh, are part of the layer that stands last: the backward pass
  // goes through them before its gradient is ready. `width` is that of all heads together.
  void attention(Index width) { layers_.back().flops += 2 * product(tokens_, tokens_, static_cast<double>(width)); }
  // The head of a model whose weights are another layer's, too. The backward pass begins with it, and the first
  // gradient to be ready is that of the layer that stands last.
  void tied_head(Index in, Index out) { layers_.back().flops += flops(in, out); }
  // A layer that sees one token alone.
  void pooler(const std::string& name, Index d) {
    linear(name, d, d, true);
    layers_[layers_.size() - 2].flops /= tokens_;
  }
  std::vector<ModelLayer> take() { return std::move(layers_); }

 private:
  double flops(Index in, Index out) const {
    return product(static_cast<double>(in), static_cast<double>(out), tokens_);
  }

  double tokens_;
  std::vector<ModelLayer> layers_;
};

std::vector<ModelLayer> bert(Index tokens, int blocks, Index d) {
  TokenNetwork net(tokens);
  net.table("embeddings.word_embeddings", 30522, d);
  net.table("embeddings.position_embeddings", 512, d);
  net.table("embeddings.token_type_embeddings", 2, d);
  net.normalisation("embeddings.LayerNorm", d);
  for (int i = 0; i < blocks; ++i) {
    const auto name = [&](const char* part) { return fmt::format("encoder.layer.{}.{}", i, part); };
    net.linear(name("attention.self.query"), d, d, true);
    net.linear(name("attention.self.key"), d, d, true);
    net.linear(name("attention.self.value"), d, d, true);
    net.attention(d);
    net.linear(name("attention.output.dense"), d, d, true);
    net.normalisation(name("attention.output.LayerNorm"), d);
    net.linear(name("intermediate.dense"), d, 4 * d, true);
    net.linear(name("output.dense"), 4 * d, d, true);
    net.normalisation(name("output.LayerNorm"), d);
  }
  net.pooler("pooler.dense", d);
  return net.take();
}

std::vector<ModelLayer> gpt2(Index tokens, int blocks, Index d) {
  TokenNetwork net(tokens);
  net.table("wte", 50257, d);
  net.table("wpe", 1024, d);
  for (int i = 0; i < blocks; ++i) {
    const auto name = [&](const char* part) { return fmt::format("h.{}.{}", i, part); };
    net.normalisation(name("ln_1"), d);
    net.linear(name("attn.c_attn"), d, 3 * d, true, true);
    net.attention(d);
    net.linear(name("attn.c_proj"), d, d, true, true);
    net.normalisation(name("ln_2"), d);
    net.linear(name("mlp.c_fc"), d, 4 * d, true, true);
    net.linear(name("mlp.c_proj"), 4 * d, d, true, true);
  }
  net.normalisation("ln_f", d);
  net.tied_head(d, 50257);
  return net.take();
}

struct LlamaShape {
  int blocks;
  Index d, keys, hidden;  // keys: the width of all key heads together
  bool tied;              // whether the head's weights are the embedding's
};

std::vector<ModelLayer> llama(Index tokens, const LlamaShape& s) {
  constexpr Index words = 128256;
  TokenNetwork net(tokens);
  net.table("embed_tokens", words, s.d);
  for (int i = 0; i < s.blocks; ++i) {
    const auto name = [&](const char* part) { return fmt::format("layers.{}.{}", i, part); };
    net.linear(name("self_attn.q_proj"), s.d, s.d, false);
    net.linear(name("self_attn.k_proj"), s.d, s.keys, false);
    net.linear(name("self_attn.v_proj"), s.d, s.keys, false);
    net.attention(s.d);
    net.linear(name("self_attn.o_proj"), s.d, s.d, false);
    net.linear(name("mlp.gate_proj"), s.d, s.hidden, false);
    net.linear(name("mlp.up_proj"), s.d, s.hidden, false);
    net.linear(name("mlp.down_proj"), s.hidden, s.d, false);
    net.scale(name("input_layernorm"), s.d);
    net.scale(name("post_attention_layernorm"), s.d);
  }
  net.scale("norm", s.d);
  if (s.tied)
    net.tied_head(s.d, words);
  else
    net.linear("lm_head", s.d, words, false);
  return net.take();
}

}  // namespace

Index ModelLayer::size() const { return std::accumulate(shape.begin(), shape.end(), Index{1}, std::multiplies<>()); }

std::span<const NamedModel> named_models() {
  constexpr const char *he = "He, Zhang, Ren, Sun: \"Deep residual learning\", CVPR 2016; shapes as in torchvision",
                       *devlin =
                           "Devlin, Chang, Lee, Toutanova: \"BERT\", NAACL 2019; shapes as in transformers' "
                           "BertModel, with its pooler and without a head",
                       *radford =
                           "Radford et al.: \"Language models are unsupervised multitask learners\", 2019; "
                           "shapes as in transformers' GPT2LMHeadModel";
  static const NamedModel table[] = {
      {"bert-base", "a transformer encoder of 12 blocks, d 768", devlin, false, 128, 512, 109'482'240,
       [](Index n) { return bert(n, 12, 768); }},
      {"bert-large", "a transformer encoder of 24 blocks, d 1024", devlin, false, 128, 512, 335'141'888,
       [](Index n) { return bert(n, 24, 1024); }},
      {"gpt-2", "a transformer decoder of 12 blocks, d 768, GPT-2 small", radford, false, 1024, 1024, 124'439'808,
       [](Index n) { return gpt2(n, 12, 768); }},
      {"gpt-2-medium", "a transformer decoder of 24 blocks, d 1024", radford, false, 1024, 1024, 354'823'168,
       [](Index n) { return gpt2(n, 24, 1024); }},
      {"llama-3-8b", "a transformer decoder of 32 blocks, d 4096, 8 key heads of 32, hidden 14336",
       "Llama team: \"The Llama 3 herd of models\", 2024; shapes as in Meta-Llama-3-8B's configuration", false, 8192,
       8192, 8'030'261'248,
       [](Index n) {
         return llama(n, {32, 4096, 1024, 14336, false});
       }},
      {"llama-3.2-1b", "a transformer decoder of 16 blocks, d 2048, 8 key heads of 32, hidden 8192, its head tied",
       "Meta, 2024; shapes as in Llama-3.2-1B's configuration", false, 8192, 131072, 1'235'814'400,
       [](Index n) {
         return llama(n, {16, 2048, 512, 8192, true});
       }},
      {"resnet-101", "101 convolutions in residual blocks of three", he, true, 224, 4096, 44'549'160,
       [](Index n) {
         return resnet(n, {3, 4, 23, 3}, true);
       }},
      {"resnet-18", "18 convolutions in residual blocks of two", he, true, 224, 4096, 11'689'512,
       [](Index n) {
         return resnet(n, {2, 2, 2, 2}, false);
       }},
      {"resnet-50", "50 convolutions in residual blocks of three", he, true, 224, 4096, 25'557'032,
       [](Index n) {
         return resnet(n, {3, 4, 6, 3}, true);
       }},
      {"vgg-16", "13 convolutions, then 3 fully connected layers",
       "Simonyan, Zisserman: \"Very deep convolutional networks\", ICLR 2015, D; shapes as in torchvision", true, 224,
       4096, 138'357'544, vgg16},
  };
  return table;
}

}  // namespace laconic::problems
