#include "driver.h"

#include <chrono>
#include <cstring>

#include "shell_registers.h"

namespace estream {

namespace {

using Clock = std::chrono::steady_clock;

// The cycles of a simulated card between two checks of the host's clock.
constexpr uint64_t kCyclesAtOnce = 4096;

// A simulated card that has run for this many cycles without a completion will give none: a timeout in its own time.
constexpr uint64_t kMostIdleCycles = 1u << 22;

constexpr uint64_t kResetCycles = 1u << 20;
constexpr auto kResetTime = std::chrono::seconds(1);

bool has_come(const esf_queue &queue, uint32_t completions) {
  uint32_t last = completions - 1;
  const estream_card_completion *slot = &queue.completions[last & (queue.entries - 1)];
  uint64_t word = __atomic_load_n(reinterpret_cast<const uint64_t *>(slot) + 1, __ATOMIC_ACQUIRE);
  uint64_t phase = (last & queue.entries) == 0 ? 1 : 0;
  return ((word >> 8) & ESTREAM_CARD_COMPLETION_PHASE) == phase;
}

int32_t gone(esf_device &device) {
  device.is_gone = true;
  return fail(ESF_DEVICE_GONE, "The card '" + device.uri + "' no longer answers: its registers read all ones. Close it, and open it again when it is back.");
}

}  // namespace

uint64_t read64(Bar &bar, uint32_t low) {
  // Reading the low half latches the high half until that is read.
  uint64_t value = bar.read(low);
  return value | (static_cast<uint64_t>(bar.read(low + 4)) << 32);
}

int32_t check_card(esf_device &device) {
  uint32_t id = device.bar->read(ESTREAM_CARD_REG_ID);
  if (device.is_gone || id == Bar::kGone) {
    return gone(device);
  }
  if (id != ESTREAM_CARD_MAGIC) {
    return fail(ESF_UNAVAILABLE, "The device '" + device.uri + "' is not an Estream card. Program it with Estream's bitstream.");
  }
  uint32_t abi = device.bar->read(ESTREAM_CARD_REG_ABI);
  if (abi >> 16 != ESTREAM_CARD_ABI_MAJOR) {
    return fail(ESF_ABI_MISMATCH, "The card '" + device.uri + "' implements version " + std::to_string(abi >> 16) + " of the interface, and this library " +
                                      std::to_string(ESTREAM_CARD_ABI_MAJOR) + ". Program the bitstream of this library version.");
  }
  return ESF_OK;
}

int32_t start_rings(esf_device &device) {
  if (device.queue == nullptr) {
    return ESF_OK;
  }
  esf_queue &queue = *device.queue;
  Bar &bar = *device.bar;
  std::memset(static_cast<void *>(queue.completions), 0, queue.entries * sizeof(estream_card_completion));
  bar.write(shell::kEnable, 0);
  bar.write(shell::kSubmissionsLow, static_cast<uint32_t>(queue.addresses[0]));
  bar.write(shell::kSubmissionsHigh, static_cast<uint32_t>(queue.addresses[0] >> 32));
  bar.write(shell::kCompletionsLow, static_cast<uint32_t>(queue.addresses[1]));
  bar.write(shell::kCompletionsHigh, static_cast<uint32_t>(queue.addresses[1] >> 32));
  bar.write(shell::kEntries, queue.entries);
  bar.write(shell::kDeadlineCycles, queue.deadline_cycles);
  bar.write(shell::kEnable, 1);
  uint32_t enabled = bar.read(shell::kEnable);
  if (enabled == Bar::kGone) {
    return gone(device);
  }
  return enabled == 1 ? ESF_OK : fail(ESF_BAD_REQUEST, "The card rejected the rings. Use fewer entries, at most the card's ring_max.");
}

int32_t reset(esf_device &device) {
  Bar &bar = *device.bar;
  bar.write(ESTREAM_CARD_REG_CONTROL, ESTREAM_CARD_CONTROL_RESET | ESTREAM_CARD_CONTROL_CLEAR_COUNTERS);
  device.resets++;
  Clock::time_point end = Clock::now() + kResetTime;
  for (uint64_t cycles = 0; (bar.read(ESTREAM_CARD_REG_STATUS) & ESTREAM_CARD_STATUS_WORD_READY) == 0; cycles++) {
    if (device.is_gone || bar.read(ESTREAM_CARD_REG_ID) == Bar::kGone) {
      return gone(device);
    }
    if (cycles > kResetCycles || Clock::now() > end) {
      return gone(device);
    }
  }
  return bar.read(ESTREAM_CARD_REG_ID) == Bar::kGone ? gone(device) : start_rings(device);
}

int32_t wait(esf_queue &queue, uint32_t completions, uint64_t timeout_ns) {
  esf_device &device = *queue.device;
  uint64_t idle_cycles = 0;
  Clock::time_point begin = Clock::now();
  while (!has_come(queue, completions)) {
    uint64_t went = device.bar->run(kCyclesAtOnce);
    idle_cycles += went;
    bool is_simulated = device.bar->backend() != ESF_BACKEND_PCIE;
    bool has_ended = is_simulated && !has_come(queue, completions) && (went == 0 || idle_cycles > kMostIdleCycles);
    auto waited = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
    if (has_ended || static_cast<uint64_t>(waited) > timeout_ns) {
      if (device.bar->read(ESTREAM_CARD_REG_ID) == Bar::kGone) {
        return gone(device);
      }
      if (has_come(queue, completions)) {
        return ESF_OK;
      }
      return fail(ESF_TIMEOUT, "The card '" + device.uri + "' did not complete the submissions before the timeout. They may or may not have been executed. Reset the card.");
    }
  }
  return ESF_OK;
}

}  // namespace estream
