// An engine that answers every submission at once. For tests of the rings and their faults, and for measuring the host's
// cost. It sets none of the capabilities of a card except that of faults.
#ifndef ESTREAM_SIM_LOOPBACK_ENGINE_H
#define ESTREAM_SIM_LOOPBACK_ENGINE_H

#include "engine.h"

namespace estream {

class LoopbackEngine final : public Engine {
 public:
  Cycle step(const estream_card_submission *offered, estream_card_completion *completion) override;
  uint32_t read(uint32_t offset) override;
  void write(uint32_t offset, uint32_t value) override;
  void reset() override { sequence_ = 0; }

 private:
  uint64_t sequence_ = 0;
  uint64_t answered_ = 0;
};

}  // namespace estream

#endif
