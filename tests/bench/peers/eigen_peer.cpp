// The benchmark's jobs as plain loops over Eigen, made as fast as Laconic: the same blocks of rows that stay in the
// cache, the same number of threads; no messages, no network, no parts. See numpy_peer.py.
//
// eigen_peer SPEC.json prints one line a job: its name, the seconds of its loop, the final loss.

#include <Eigen/Core>
#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <thread>

namespace {

using Index = Eigen::Index;
using Vector = Eigen::VectorXd;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using nlohmann::json;

std::vector<double> read(const std::string& path, std::size_t count) {
  std::vector<double> values(count);
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(double)));
  if (!in) throw std::runtime_error("cannot read " + path);
  return values;
}

struct Worker {
  Rows x;
  Vector y, z, g, before, error, sent, at;
  Rows rows;  // of a mini-batch
  int since = 0;
  std::vector<double> magnitude;
};

struct Problem {
  double l2;
  Index d;
  std::vector<Worker> workers;
  int threads;

  double M() const { return static_cast<double>(workers.size()); }

  static void slopes(Eigen::Ref<Vector> z, const Eigen::Ref<const Vector>& y) {
    z = -y.array() / (1 + (y.array() * z.array()).exp());
  }

  void add_gradient(const Eigen::Ref<const Rows>& x, const Eigen::Ref<const Vector>& y, Vector& z, const Vector& theta,
                    Vector& g) const {
    const Index block = std::clamp<Index>(16384 / d, 8, 256);
    z.resize(block);
    g.setZero(d);
    for (Index first = 0; first < x.rows(); first += block) {
      const Index count = std::min(block, x.rows() - first);
      const auto rows = x.middleRows(first, count);
      auto slope = z.head(count);
      slope.noalias() = rows * theta;
      slopes(slope, y.segment(first, count));
      g.noalias() += rows.transpose() * slope;
    }
    g = g / static_cast<double>(x.rows()) + l2 * theta;
  }

  void gradient(Worker& w, const Vector& theta, Vector& g) const { add_gradient(w.x, w.y, w.z, theta, g); }

  void gather(Worker& w, int k, Index batch, Vector& y) const {
    w.rows.resize(batch, d);
    y.resize(batch);
    for (Index i = 0; i < batch; ++i) {
      const Index row = (k * batch + i) % w.x.rows();
      w.rows.row(i) = w.x.row(row);
      y[i] = w.y[row];
    }
  }

  double loss(const Vector& theta) const {
    double sum = 0;
    for (const auto& w : workers) {
      const Vector t = -(w.y.array() * (w.x * theta).array());
      double f = 0;
      for (const double x : t) f += std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
      sum += f / static_cast<double>(t.size());
    }
    return sum / M() + l2 / 2 * theta.squaredNorm();
  }

  // Runs `rounds` rounds: work(worker, k) for all workers, shared out over the threads, then step(k) on one of them.
  template <class Work, class Step>
  void run(int rounds, const Work& work, const Step& step) {
    int k = 0;
    std::atomic<std::size_t> next = 0;
    std::barrier done(threads, [&]() noexcept {
      step(k);
      ++k;
      next = 0;
    });
    const auto loop = [&] {
      for (int round = 0; round < rounds; ++round) {
        for (std::size_t m; (m = next++) < workers.size();) work(workers[m], round);
        done.arrive_and_wait();
      }
    };
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; ++i) others.emplace_back(loop);
    loop();
  }
};

struct History {
  explicit History(std::vector<double> w) : weights(std::move(w)), moved(weights.size(), 0.0) {}
  double push(const Vector& theta) {
    std::rotate(moved.begin(), moved.end() - 1, moved.end());
    moved[0] = last.size() > 0 ? (theta - last).squaredNorm() : 0;
    last = theta;
    return std::inner_product(weights.begin(), weights.end(), moved.begin(), 0.0);
  }
  std::vector<double> weights, moved;
  Vector last;
};

Vector gd(Problem& p, int rounds, const json& in) {
  const double step = in["step"];
  Vector theta = Vector::Zero(p.d), sum(p.d);
  p.run(
      rounds, [&](Worker& w, int) { p.gradient(w, theta, w.g); },
      [&](int) {
        sum.setZero();
        for (const auto& w : p.workers) sum += w.g;
        theta -= step / p.M() * sum;
      });
  return theta;
}

Vector le_signgd(Problem& p, int rounds, const json& in) {
  const double step = in["step"];
  const int D = in["D"];
  std::vector<double> weights;
  for (int i = 0; i < D; ++i) weights.push_back(static_cast<double>(D - i) / D);
  History history(weights);
  Vector theta = Vector::Zero(p.d), sum(p.d);
  for (auto& w : p.workers) w.error = w.sent = Vector::Zero(p.d);
  double threshold = history.push(theta);
  p.run(
      rounds,
      [&](Worker& w, int k) {
        p.gradient(w, theta, w.g);
        w.g += w.error;
        const double a = w.g.lpNorm<1>() / static_cast<double>(p.d);
        w.before = (w.g.array() < 0).select(Vector::Constant(p.d, -a), a);
        if (k > 0 && (w.before - w.sent).squaredNorm() <= threshold) return;
        w.sent = w.before;
        w.error = w.g - w.sent;
      },
      [&](int) {
        sum.setZero();
        for (const auto& w : p.workers) sum += w.sent;
        theta -= step / p.M() * sum;
        threshold = history.push(theta) / (step * p.M() * step * p.M());
      });
  return theta;
}

Vector lasg_wk2(Problem& p, int rounds, const json& in) {
  const double step = in["step"];
  const Index batch = in["batch"];
  const int D = in["D"], d_max = in["d_max"];
  History history(std::vector<double>(static_cast<std::size_t>(d_max), 1.0 / d_max));
  Vector theta = Vector::Zero(p.d), sum(p.d);
  double threshold = history.push(theta);
  p.run(
      rounds,
      [&](Worker& w, int k) {
        thread_local Vector y;
        p.gather(w, k, batch, y);
        p.add_gradient(w.rows, y, w.z, theta, w.g);
        if (k > 0 && k - w.since < D) {
          p.add_gradient(w.rows, y, w.z, w.at, w.before);
          if ((w.g - w.before).squaredNorm() <= threshold) return;
        }
        w.sent = w.g;
        w.at = theta;
        w.since = k;
      },
      [&](int) {
        sum.setZero();
        for (const auto& w : p.workers) sum += w.sent;
        theta -= step / p.M() * sum;
        threshold = history.push(theta) / (step * step);
      });
  return theta;
}

Vector topk_amsgrad(Problem& p, int rounds, const json& in) {
  const double step = in["step"], b1 = 0.9, b2 = 0.999, eps = 1e-8;
  const Index batch = in["batch"], kept = in["kept"];
  Vector theta = Vector::Zero(p.d), g(p.d), m = theta, v = theta, top = theta;
  for (auto& w : p.workers) w.error = w.sent = Vector::Zero(p.d);
  p.run(
      rounds,
      [&](Worker& w, int k) {
        thread_local Vector y;
        p.gather(w, k, batch, y);
        p.add_gradient(w.rows, y, w.z, theta, w.g);
        w.error += w.g;
        w.magnitude.assign(w.error.data(), w.error.data() + p.d);
        for (double& x : w.magnitude) x = std::abs(x);
        const auto kth = w.magnitude.begin() + (kept - 1);
        std::nth_element(w.magnitude.begin(), kth, w.magnitude.end(), std::greater<>());
        // Among equal entries those of lower index win.
        Index ties = kept - std::count_if(w.magnitude.begin(), kth, [&](double x) { return x > *kth; });
        for (Index i = 0; i < p.d; ++i) {
          const double size = std::abs(w.error[i]);
          w.sent[i] = size > *kth || (size == *kth && ties-- > 0) ? w.error[i] : 0;
        }
        w.error -= w.sent;
      },
      [&](int) {
        g.setZero();
        for (const auto& w : p.workers) g += w.sent;
        g /= p.M();
        m = b1 * m + (1 - b1) * g;
        v = b2 * v + (1 - b2) * g.cwiseAbs2();
        top = top.cwiseMax(v);
        theta.array() -= step * m.array() / (top.array() + eps).sqrt();
      });
  return theta;
}

}  // namespace

int main(int, char** argv) {
  std::ifstream file(argv[1]);
  const json spec = json::parse(file);
  const std::size_t n = spec["n"], d = spec["d"];
  const auto x = read(spec["x"], n * d), y = read(spec["y"], n);
  Problem p{spec["l2"], static_cast<Index>(d), {}, spec["threads"]};
  Index first = 0;
  for (const Index rows : spec["sizes"]) {
    Worker& w = p.workers.emplace_back();
    w.x = Eigen::Map<const Rows>(x.data() + first * p.d, rows, p.d);
    w.y = Eigen::Map<const Vector>(y.data() + first, rows);
    first += rows;
  }
  for (const auto& job : spec["jobs"]) {
    const std::string name = job["name"];
    auto* run = name == "gd" ? gd : name == "le-signgd" ? le_signgd : name == "lasg-wk2" ? lasg_wk2 : topk_amsgrad;
    const auto start = std::chrono::steady_clock::now();
    const Vector theta = run(p, spec["rounds"], job["parameters"]);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("%s,%.9g,%.17g\n", name.c_str(), seconds.count(), p.loss(theta));
    std::fflush(stdout);
  }
}
