// What the driver needs of a card: registers, memory given to it, and for a simulated one time. A card on the bus, a
// simulated one and the loopback differ in this alone.
#ifndef ESTREAM_HOST_BAR_H
#define ESTREAM_HOST_BAR_H

#include <cstdint>
#include <string>

#include "estream_fpga.h"

namespace estream {

class Bar {
 public:
  // What every register reads of a card that is not there any more.
  static constexpr uint32_t kGone = 0xffffffffu;

  virtual ~Bar() = default;
  virtual esf_backend backend() const = 0;

  virtual uint32_t read(uint32_t offset) = 0;
  virtual void write(uint32_t offset, uint32_t value) = 0;

  // Memory for the card; false with a reason in *why.
  virtual bool map(void *memory, uint64_t bytes, uint64_t *address, std::string *why) = 0;
  virtual bool unmap(uint64_t address) = 0;

  // The card's address of memory of the host; 0 where it was not given as a whole.
  virtual uint64_t address_of(const void *memory, uint64_t bytes) const = 0;

  // Lets a simulated card go on by at most so many cycles; how many it went on, 0 when it has nothing to do. A card on the
  // bus goes on by itself: 0.
  virtual uint64_t run(uint64_t cycles) = 0;

  // All cycles of a simulated card; 0 of one on the bus.
  virtual uint64_t cycles() const { return 0; }
  virtual bool fault(uint32_t kind, uint64_t after, uint64_t seed) { (void)kind, (void)after, (void)seed; return false; }
};

}  // namespace estream

#endif
