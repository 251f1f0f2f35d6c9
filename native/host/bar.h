// What the driver needs of a card: registers, memory given to it, and, for a simulated one, time. This is the only
// difference between a card on the bus, a simulated one and the loopback.
#ifndef ESTREAM_HOST_BAR_H
#define ESTREAM_HOST_BAR_H

#include <cstdint>
#include <string>

#include "estream_fpga.h"

namespace estream {

class Bar {
 public:
  // The value of every register of a card that is gone.
  static constexpr uint32_t kGone = 0xffffffffu;

  virtual ~Bar() = default;
  virtual esf_backend backend() const = 0;

  virtual uint32_t read(uint32_t offset) = 0;
  virtual void write(uint32_t offset, uint32_t value) = 0;

  // Maps memory for the card; returns false with the reason in *why.
  virtual bool map(void *memory, uint64_t bytes, uint64_t *address, std::string *why) = 0;
  virtual bool unmap(uint64_t address) = 0;

  // Returns the card's address of host memory; 0 if the memory is not mapped as a whole.
  virtual uint64_t address_of(const void *memory, uint64_t bytes) const = 0;

  // Runs a simulated card for at most this many cycles; returns how many it ran, 0 if it has nothing to do. A card on the
  // bus runs by itself: returns 0.
  virtual uint64_t run(uint64_t cycles) = 0;

  // Returns all cycles of a simulated card; 0 for one on the bus.
  virtual uint64_t cycles() const { return 0; }
  virtual bool fault(uint32_t kind, uint64_t after, uint64_t seed) { (void)kind, (void)after, (void)seed; return false; }
};

}  // namespace estream

#endif
