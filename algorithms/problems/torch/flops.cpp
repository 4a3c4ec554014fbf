#include <map>

#include "algorithms/problems/torch/network.hpp"
#include "algorithms/problems/torch/watch.hpp"

namespace laconic::problems {
namespace {

double count(const at::Tensor& x) { return static_cast<double>(x.numel()); }
double extent(const at::Tensor& x, std::int64_t dimension) { return static_cast<double>(x.size(dimension)); }
const at::Tensor& in(const Operation& op, std::size_t i) { return op.inputs[i].toTensor(); }
const at::Tensor& out(const Operation& op) { return op.outputs[0].toTensor(); }

double product(const at::Tensor& a, const at::Tensor& b) {  // a is (...) x k, b is (...) k x n
  return 2 * count(a) * extent(b, -1);
}

double convolution(const Operation& op) {
  const at::Tensor& weight = in(op, 1);
  const bool transposed = op.inputs[6].toBool();
  return 2 * count(transposed ? in(op, 0) : out(op)) * count(weight) / extent(weight, 0);
}

// Queries are (...) x L x E, keys (...) x S x E, values (...) x S x V: the scores and what they weigh.
double attention(const Operation& op) {
  const at::Tensor &query = in(op, 0), &key = in(op, 1), &value = in(op, 2);
  return 2 * count(query) / extent(query, -1) * extent(key, -2) * (extent(query, -1) + extent(value, -1));
}

// Layers fused into one operation call no matrix product that could be seen.
// aten::mkldnn_rnn_layer(input, weight_ih, weight_hh, ...): each of the time steps of each sample.
double recurrent(const Operation& op) {
  return 2 * count(in(op, 0)) / extent(in(op, 0), -1) * (count(in(op, 1)) + count(in(op, 2)));
}

// (query, key, value, embed_dim, num_head, qkv_weight, qkv_bias, proj_weight, ...), where samples are b x L x E.
double multi_head(const at::Tensor& query, const at::Tensor& key, const at::Tensor& qkv, const at::Tensor& projection) {
  const double embed = extent(query, -1), queries = count(query) / embed, keys = count(key) / embed;
  const double third = 2 * count(qkv) / 3;
  return queries * (third + 2 * count(projection)) + 2 * keys * third + 4 * queries * extent(key, -2) * embed;
}
double multi_head_attention(const Operation& op) { return multi_head(in(op, 0), in(op, 1), in(op, 5), in(op, 7)); }

// (src, embed_dim, num_heads, qkv_weight, qkv_bias, proj_weight, ..., at 13 and 15 the feed-forward weights).
double encoder_layer(const Operation& op) {
  const at::Tensor& x = in(op, 0);
  return multi_head(x, x, in(op, 3), in(op, 5)) +
         2 * count(x) / extent(x, -1) * (count(in(op, 13)) + count(in(op, 15)));
}

using Formula = double (*)(const Operation&);

const std::map<std::string_view, Formula>& formulas() {
  static const Formula first_two = [](const Operation& op) { return product(in(op, 0), in(op, 1)); };
  static const Formula last_two = [](const Operation& op) { return product(in(op, 1), in(op, 2)); };
  static const Formula vector = [](const Operation& op) { return 2 * count(in(op, 0)); };
  static const std::map<std::string_view, Formula> all{
      {"aten::mm", first_two},
      {"aten::bmm", first_two},
      {"aten::addmm", last_two},
      {"aten::baddbmm", last_two},
      {"aten::addbmm", last_two},
      {"aten::mv", vector},
      {"aten::dot", vector},
      {"aten::vdot", vector},
      {"aten::addmv", [](const Operation& op) { return 2 * count(in(op, 1)); }},
      {"aten::convolution", convolution},
      {"aten::convolution_overrideable", convolution},
      {"aten::_scaled_dot_product_flash_attention", attention},
      {"aten::_scaled_dot_product_flash_attention_for_cpu", attention},
      {"aten::_scaled_dot_product_efficient_attention", attention},
      {"aten::mkldnn_rnn_layer", recurrent},
      {"aten::_native_multi_head_attention", multi_head_attention},
      {"aten::_transformer_encoder_layer_fwd", encoder_layer},
  };
  return all;
}

}  // namespace

double forward_flops(const Network& network, const at::Tensor& x) {
  double flops = 0;
  const auto formula = [](const Operation& op) {
    const auto found = formulas().find(op.name);
    return found == formulas().end() ? nullptr : found->second;
  };
  const Watch watch([&](const Operation& op) { return formula(op) == nullptr; },
                    [&](const Operation& op) {
                      if (const auto count = formula(op)) flops += count(op);
                    });
  // As in training: without gradients some layers take a shorter way.
  const at::AutoGradMode gradients(true);
  network.forward(x);
  return flops;
}

}  // namespace laconic::problems
