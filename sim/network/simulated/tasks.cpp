#include "sim/network/simulated/tasks.hpp"

#include <algorithm>
#include <utility>

#include "sim/network/simulated/simulation.hpp"
#include "sim/network/simulated/stretch.hpp"
#include "sim/network/timeline/timeline.hpp"

namespace laconic::network {

bool Tasks::compute(Task& task, sg::Host* host, double flops, const Outages::Needs& needs) {
  auto exec = sg::Exec::init();
  exec->set_flops_amount(flops * stretch());
  exec->set_host(host);
  task = {nullptr, &needs, host};
  return finished(task, exec);
}

bool Tasks::transfer(Task& task, sg::Host* from, sg::Host* to, std::uint64_t bytes, const Outages::Needs& needs) {
  auto comm = sg::Comm::sendto_init(from, to);
  comm->set_payload_size(stretched_bytes(bytes));
  task = {nullptr, &needs, from, to};
  const bool done = finished(task, comm);
  if (auto* energy = simulation_.energy())
    energy->carried(from, to, static_cast<double>(bytes) - (done ? 0 : task.left));
  return done;
}

void Tasks::write_round(Round k, double began) const {
  const double end = now();
  for (const auto& component : simulation_.outages().components())
    if (component.down > 0) timeline_->off(component.host, component.link, component.since, end);
  timeline_->write(k, began, *timeline_->end_round(end));
}

bool Tasks::finished(Task& task, const sg::ActivityPtr& activity) {
  task.since = now();
  task.left = activity->get_remaining() / stretch();
  bool out = !Outages::missing(*task.needs);
  if (out) {
    try {
      activity->start();
      // Others may run while it starts, and SimGrid dies of whoever cancels what has not started.
      out = !Outages::missing(*task.needs);
      if (out) {
        task.now = activity;
        activity->wait();
      } else {
        activity->cancel();
      }
    } catch (const simgrid::Exception&) {  // cancelled
      out = false;
    }
    task.now = nullptr;
  }
  if (timeline_) tell(task, !out);
  return out;
}

double Tasks::remaining(const Task& task) {
  const sg::ActivityPtr activity = task.now;
  return activity ? activity->get_remaining() / stretch() : 0;
}

void Tasks::cut(Task& task, const Component& component) {
  if (task.needs && std::find(task.needs->begin(), task.needs->end(), &component) != task.needs->end()) cancel(task);
}

void Tasks::cancel(Task& task) {
  const sg::ActivityPtr activity = task.now;
  const double left = remaining(task);
  if (left <= 0 || task.now != activity) return;  // it ends at this very date
  task.left = left;
  task.now = nullptr;  // SimGrid dies of a second time at the same date
  activity->cancel();
}

void Tasks::tell(const Task& task, bool lost) const {
  if (task.to)
    timeline_->carried(task.from, task.to, task.since, now(), lost);
  else
    timeline_->computed(task.from, task.since, now(), lost);
}

}  // namespace laconic::network
