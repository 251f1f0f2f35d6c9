// The faults of a simulated card and their times, counted in completions, so that a run with the same seed repeats them.
#ifndef ESTREAM_SIM_FAULTS_H
#define ESTREAM_SIM_FAULTS_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "estream_fpga.h"

namespace estream {

class Faults {
 public:
  static constexpr size_t kMost = 64;

  struct Fault {
    uint32_t kind;
    uint64_t after;  // completions that come before it
    uint64_t seed;
  };

  bool add(uint32_t kind, uint64_t after, uint64_t seed) {
    if (kind < ESF_FAULT_VANISH || kind > ESF_FAULT_DUPLICATE || waiting_.size() == kMost) {
      return false;
    }
    waiting_.push_back({kind, after, seed});
    return true;
  }

  bool any() const { return !waiting_.empty(); }

  // Called once for each completion: returns whether a fault is due with it.
  bool due(Fault *fault) {
    bool is_due = false;
    for (size_t i = 0; i < waiting_.size();) {
      if (waiting_[i].after == 0 && !is_due) {
        *fault = waiting_[i];
        waiting_.erase(waiting_.begin() + static_cast<long>(i));
        is_due = true;
        continue;
      }
      waiting_[i].after -= waiting_[i].after > 0 ? 1 : 0;
      i++;
    }
    return is_due;
  }

 private:
  std::vector<Fault> waiting_;
};

}  // namespace estream

#endif
