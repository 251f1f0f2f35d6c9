// The engines of a card as seen by its shell: at most one submission in and one completion out in each cycle.
#ifndef ESTREAM_SIM_ENGINE_H
#define ESTREAM_SIM_ENGINE_H

#include <cstdint>

#include "estream_card.h"

namespace estream {

class Engine {
 public:
  struct Cycle {
    bool taken;      // the offered submission was taken
    bool completed;  // *completion was filled
  };

  virtual ~Engine() = default;

  // One cycle of the clock.
  virtual Cycle step(const estream_card_submission *offered, estream_card_completion *completion) = 0;

  virtual uint32_t read(uint32_t offset) = 0;
  virtual void write(uint32_t offset, uint32_t value) = 0;
  virtual void reset() = 0;
};

}  // namespace estream

#endif
