// A simulated card: the registers of its shell for the driver, and its memory with address translation.
#ifndef ESTREAM_SIM_CARD_BAR_H
#define ESTREAM_SIM_CARD_BAR_H

#include <memory>

#include "../host/bar.h"
#include "shell.h"

namespace estream {

class CardBar final : public Bar {
 public:
  // `make` gets the memory that the card may use, and returns the engines.
  template <typename Make>
  CardBar(esf_backend backend, Make make) : backend_(backend), shell_(make(&dma_), &dma_) {}

  esf_backend backend() const override { return backend_; }
  uint32_t read(uint32_t offset) override { return shell_.read(offset); }
  void write(uint32_t offset, uint32_t value) override { shell_.write(offset, value); }
  bool unmap(uint64_t address) override { return dma_.unmap(address) != 0; }
  uint64_t address_of(const void *memory, uint64_t bytes) const override { return dma_.address_of(memory, bytes); }
  uint64_t run(uint64_t cycles) override { return shell_.run(cycles); }
  uint64_t cycles() const override { return shell_.cycles(); }
  bool fault(uint32_t kind, uint64_t after, uint64_t seed) override { return shell_.add_fault(kind, after, seed); }

  bool map(void *memory, uint64_t bytes, uint64_t *address, std::string *why) override {
    if (!dma_.map(memory, bytes, address)) {
      *why = "the memory is empty or not page-aligned, or the card accepts no more ranges";
      return false;
    }
    return true;
  }

 private:
  esf_backend backend_;
  DmaMap dma_;
  Shell shell_;
};

}  // namespace estream

#endif
