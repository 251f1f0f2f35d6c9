// The engines of the card as its own RTL, translated by Verilator: native/rtl/estream_card. The ports are described in that
// block's README. The host's memory is connected to them; with a seed other than 0 everything outside stalls at random.
#ifndef ESTREAM_SIM_RTL_ENGINE_H
#define ESTREAM_SIM_RTL_ENGINE_H

#include <deque>
#include <memory>

#include "../host/dma_map.h"
#include "engine.h"

class VerilatedContext;
class Vestream_card;

namespace estream {

class RtlEngine final : public Engine {
 public:
  RtlEngine(DmaMap *dma, uint64_t seed);
  ~RtlEngine() override;

  Cycle step(const estream_card_submission *offered, estream_card_completion *completion) override;
  uint32_t read(uint32_t offset) override { return access(offset, false, 0); }
  void write(uint32_t offset, uint32_t value) override;
  void reset() override;

 private:
  struct Read {
    uint64_t address;
    uint32_t bytes;
    uint32_t done;
  };

  void tick();
  void drive_read_data();
  void take_read();
  void do_write();
  uint32_t access(uint32_t offset, bool is_write, uint32_t value);
  void forget();
  bool stalls();

  DmaMap *dma_;
  std::unique_ptr<VerilatedContext> context_;
  std::unique_ptr<Vestream_card> card_;
  std::deque<Read> reads_;
  std::deque<estream_card_completion> done_;
  uint64_t random_;
  bool is_held_ = false;   // a submission is offered to the card
  bool was_taken_ = false; // and was taken while a register was accessed
  bool is_accessed_ = false;  // a register access completed in the last cycle,
  uint32_t register_ = 0;     // with this
  bool is_driving_ = false;   // a beat of read data is offered to the card
};

}  // namespace estream

#endif
