// The driver: the calls of estream_fpga.h over the registers of a card, whatever the card is.
#ifndef ESTREAM_HOST_DRIVER_H
#define ESTREAM_HOST_DRIVER_H

#include <memory>
#include <string>

#include "bar.h"

// The opaque types of the header.
struct esf_queue {
  esf_device *device;
  uint32_t entries;
  uint32_t deadline_cycles;
  uint64_t addresses[2];  // of the rings, as the card sees them
  estream_card_completion *completions;
};

struct esf_device {
  std::unique_ptr<estream::Bar> bar;
  std::string uri;
  std::unique_ptr<esf_queue> queue;
  uint64_t resets = 0;
  bool is_gone = false;
};

namespace estream {

// Stores the error text for esf_last_error of this thread, and returns the status.
int32_t fail(esf_status status, const std::string &why);

// Opens the bar of a device; returns null with the reason in *why.
std::unique_ptr<Bar> open_bar(const std::string &uri, uint64_t seed, std::string *why);

int32_t check_card(esf_device &device);
int32_t start_rings(esf_device &device);
int32_t reset(esf_device &device);
int32_t wait(esf_queue &queue, uint32_t completions, uint64_t timeout_ns);
uint64_t read64(Bar &bar, uint32_t low);

}  // namespace estream

#endif
