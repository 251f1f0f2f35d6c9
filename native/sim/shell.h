// The shell of a simulated card: fetches submissions from the ring, passes them to the engines, writes completions, and
// enforces deadlines, in cycles of the card. A bitstream does the same by DMA.
#ifndef ESTREAM_SIM_SHELL_H
#define ESTREAM_SIM_SHELL_H

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "../host/dma_map.h"
#include "engine.h"
#include "faults.h"

namespace estream {

class Shell {
 public:
  static constexpr uint32_t kRingMax = 1u << 16;

  Shell(std::unique_ptr<Engine> engine, DmaMap *dma) : engine_(std::move(engine)), dma_(dma) {}

  uint32_t read(uint32_t offset);
  void write(uint32_t offset, uint32_t value);

  // Runs for at most this many cycles and stops when nothing is under way; returns how many it ran.
  uint64_t run(uint64_t most);

  uint64_t cycles() const { return cycles_; }
  bool add_fault(uint32_t kind, uint64_t after, uint64_t seed) { return faults_.add(kind, after, seed); }

 private:
  struct Pending {
    uint64_t user_data;
    uint64_t deadline;  // a cycle
    uint32_t tag;
    bool is_open;
  };

  bool enable();
  void disable();
  bool prepare_next();
  void complete(estream_card_completion *completion);
  bool apply(const Faults::Fault &fault, estream_card_completion *completion);
  void publish(estream_card_completion completion, bool is_stale);
  void expire();
  bool is_idle() const { return is_stuck_ || enabled_ == 0 || (fetched_ == tail_ && open_ == 0); }

  std::unique_ptr<Engine> engine_;
  DmaMap *dma_;
  Faults faults_;

  uint64_t ring_[2] = {0, 0};  // addresses of submissions and completions
  uint32_t entries_ = 0;
  uint32_t deadline_cycles_ = 0;
  uint32_t enabled_ = 0;
  const estream_card_submission *submissions_ = nullptr;
  estream_card_completion *completions_ = nullptr;

  uint32_t tail_ = 0;      // submissions the host has written
  uint32_t fetched_ = 0;   // submissions the engines have taken
  uint32_t finished_ = 0;  // submissions that are finished, reported or not
  uint32_t produced_ = 0;  // completions written
  uint32_t open_ = 0;      // taken and not completed
  uint32_t timeouts_ = 0;
  uint64_t cycles_ = 0;
  std::vector<Pending> pending_;      // by the slot of the submission
  std::deque<uint32_t> by_deadline_;  // tags in the order in which they were taken, which is the order of their deadlines
  estream_card_submission next_{};    // the submission offered to the engines
  bool has_next_ = false;
  bool is_gone_ = false;
  bool is_stuck_ = false;
};

}  // namespace estream

#endif
