#include <cstddef>
#include <cstring>
#include <exception>

#include "driver.h"
#include "shell_registers.h"

using estream::Bar;
using estream::fail;

namespace {

thread_local std::string last_error;

constexpr uint32_t kVersion = 1;

template <typename Struct>
bool is_known(const Struct *given) {
  return given != nullptr && given->size == sizeof(Struct) && given->version == kVersion;
}

int32_t unknown_struct() {
  return fail(ESF_ABI_MISMATCH, "A struct has a size or version that this library does not support: host and library are from different Estream versions. Use the same version.");
}

int32_t is_there(esf_device *device) {
  if (device == nullptr) {
    return fail(ESF_BAD_REQUEST, "The device is null.");
  }
  return device->is_gone ? fail(ESF_DEVICE_GONE, "The card '" + device->uri + "' is gone. Close it, and open it again when it is back.") : ESF_OK;
}

// No C++ exception leaves the library.
template <typename Call>
int32_t guarded(Call call) noexcept {
  try {
    return call();
  } catch (const std::exception &error) {
    return fail(ESF_UNAVAILABLE, error.what());
  }
}

}  // namespace

namespace estream {

int32_t fail(esf_status status, const std::string &why) {
  last_error = why;
  return status;
}

}  // namespace estream

uint32_t esf_abi_version(void) { return ESF_ABI_VERSION; }

const char *esf_last_error(void) { return last_error.c_str(); }

int32_t esf_open(const esf_open_params *params, esf_device **device) {
  return guarded([&]() -> int32_t {
    if (!is_known(params) || params->uri == nullptr || device == nullptr) {
      return unknown_struct();
    }
    auto opened = std::make_unique<esf_device>();
    std::string why;
    opened->uri = params->uri;
    opened->bar = estream::open_bar(opened->uri, params->seed, &why);
    if (opened->bar == nullptr) {
      return fail(ESF_UNAVAILABLE, "The card '" + opened->uri + "' cannot be opened: " + why + ".");
    }
    int32_t status = estream::check_card(*opened);
    status = status == ESF_OK ? estream::reset(*opened) : status;
    opened->resets = 0;
    *device = status == ESF_OK ? opened.release() : nullptr;
    return status;
  });
}

int32_t esf_close(esf_device *device) {
  return guarded([&]() -> int32_t {
    if (device != nullptr && device->queue != nullptr && !device->is_gone) {
      device->bar->write(estream::shell::kEnable, 0);
    }
    delete device;
    return ESF_OK;
  });
}

int32_t esf_get_caps(esf_device *device, esf_caps *caps) {
  return guarded([&]() -> int32_t {
    int32_t status = is_there(device);
    if (status != ESF_OK || !is_known(caps)) {
      return status != ESF_OK ? status : unknown_struct();
    }
    Bar &bar = *device->bar;
    caps->backend = bar.backend();
    caps->capabilities = bar.read(ESTREAM_CARD_REG_CAPABILITIES);
    caps->clock_khz = bar.read(ESTREAM_CARD_REG_CLOCK_KHZ);
    caps->ring_max = bar.read(estream::shell::kRingMax);
    caps->lanes = bar.read(ESTREAM_CARD_REG_LANES);
    caps->map_slots = bar.read(ESTREAM_CARD_REG_MAP_SLOTS);
    caps->map_stash = bar.read(ESTREAM_CARD_REG_MAP_STASH);
    caps->hot_keys = bar.read(ESTREAM_CARD_REG_HOT_KEYS);
    caps->card_abi = bar.read(ESTREAM_CARD_REG_ABI);
    size_t length = device->uri.copy(caps->uri, sizeof(caps->uri) - 1);
    caps->uri[length] = '\0';
    return estream::check_card(*device);
  });
}

int32_t esf_get_counters(esf_device *device, esf_counters *counters) {
  return guarded([&]() -> int32_t {
    int32_t status = is_there(device);
    if (status != ESF_OK || !is_known(counters)) {
      return status != ESF_OK ? status : unknown_struct();
    }
    Bar &bar = *device->bar;
    counters->backend = bar.backend();
    counters->cycles = bar.cycles();
    struct Place {
      uint64_t *to;
      uint32_t from;
    };
    for (Place place : {
             Place{&counters->submissions, ESTREAM_CARD_REG_SUBMISSIONS_LO}, {&counters->completions, ESTREAM_CARD_REG_COMPLETIONS_LO},
             {&counters->stall_cycles, ESTREAM_CARD_REG_STALL_CYCLES_LO}, {&counters->refused, ESTREAM_CARD_REG_REFUSED_LO},
             {&counters->dma_errors, ESTREAM_CARD_REG_DMA_ERRORS_LO}, {&counters->append_messages, ESTREAM_CARD_REG_APPEND_MESSAGES_LO},
             {&counters->append_bytes, ESTREAM_CARD_REG_APPEND_BYTES_LO}, {&counters->map_gets, ESTREAM_CARD_REG_MAP_GETS_LO},
             {&counters->map_changes, ESTREAM_CARD_REG_MAP_CHANGES_LO}, {&counters->map_displacements, ESTREAM_CARD_REG_MAP_DISPLACEMENTS_LO},
             {&counters->map_full, ESTREAM_CARD_REG_MAP_FULL_LO}, {&counters->map_damaged, ESTREAM_CARD_REG_MAP_DAMAGED_LO},
             {&counters->hot_hits, ESTREAM_CARD_REG_HOT_HITS_LO}, {&counters->hot_misses, ESTREAM_CARD_REG_HOT_MISSES_LO},
             {&counters->leaf_hashes, ESTREAM_CARD_REG_LEAF_HASHES_LO}, {&counters->leaf_permutations, ESTREAM_CARD_REG_LEAF_PERMUTATIONS_LO}}) {
      *place.to = estream::read64(bar, place.from);
    }
    counters->map_entries = bar.read(ESTREAM_CARD_REG_MAP_ENTRIES);
    counters->map_stashed = bar.read(ESTREAM_CARD_REG_MAP_STASHED);
    counters->map_worst_cycles = bar.read(ESTREAM_CARD_REG_MAP_WORST_CYCLES);
    counters->timeouts = bar.read(estream::shell::kTimeouts);
    counters->resets = device->resets;
    return estream::check_card(*device);
  });
}

int32_t esf_dma_map(esf_device *device, void *memory, uint64_t bytes, uint64_t *address) {
  return guarded([&]() -> int32_t {
    int32_t status = is_there(device);
    if (status != ESF_OK) {
      return status;
    }
    std::string why;
    bool is_mapped = address != nullptr && device->bar->map(memory, bytes, address, &why);
    return is_mapped ? ESF_OK : fail(ESF_DMA_ERROR, "Memory of " + std::to_string(bytes) + " bytes cannot be mapped for the card '" + device->uri + "': " + why + ".");
  });
}

int32_t esf_dma_unmap(esf_device *device, uint64_t address) {
  return guarded([&]() -> int32_t {
    int32_t status = is_there(device);
    if (status != ESF_OK) {
      return status;
    }
    return device->bar->unmap(address) ? ESF_OK : fail(ESF_BAD_REQUEST, "No memory of the card is mapped at this address.");
  });
}

int32_t esf_queue_create(esf_device *device, const esf_queue_params *params, esf_queue **queue) {
  return guarded([&]() -> int32_t {
    int32_t status = is_there(device);
    if (status != ESF_OK || !is_known(params) || queue == nullptr) {
      return status != ESF_OK ? status : unknown_struct();
    }
    uint32_t most = device->bar->read(estream::shell::kRingMax);
    bool is_power = params->entries >= 2 && params->entries <= most && (params->entries & (params->entries - 1)) == 0;
    if (!is_power || device->queue != nullptr) {
      return fail(ESF_BAD_REQUEST, device->queue != nullptr ? "The device already has its pair of rings." : "The number of ring entries must be a power of two, at most " + std::to_string(most) + ".");
    }
    auto made = std::make_unique<esf_queue>();
    made->device = device;
    made->entries = params->entries;
    made->deadline_cycles = params->deadline_cycles;
    made->completions = static_cast<estream_card_completion *>(params->completions);
    made->addresses[0] = device->bar->address_of(params->submissions, params->entries * sizeof(estream_card_submission));
    made->addresses[1] = device->bar->address_of(params->completions, params->entries * sizeof(estream_card_completion));
    if (made->addresses[0] == 0 || made->addresses[1] == 0 || made->addresses[0] % 64 != 0 || made->addresses[1] % 64 != 0) {
      return fail(ESF_DMA_ERROR, "The rings are not completely in memory that is mapped for the card, or do not start at a multiple of 64 bytes.");
    }
    device->queue = std::move(made);
    status = estream::start_rings(*device);
    *queue = status == ESF_OK ? device->queue.get() : nullptr;
    if (status != ESF_OK) {
      device->queue.reset();
    }
    return status;
  });
}

int32_t esf_queue_destroy(esf_queue *queue) {
  return guarded([&]() -> int32_t {
    if (queue != nullptr) {
      esf_device &device = *queue->device;
      if (!device.is_gone) {
        device.bar->write(estream::shell::kEnable, 0);
      }
      device.queue.reset();
    }
    return ESF_OK;
  });
}

int32_t esf_doorbell(esf_queue *queue, uint32_t tail) {
  if (queue->device->is_gone) {
    return is_there(queue->device);
  }
  queue->device->bar->write(estream::shell::kDoorbell, tail);
  return ESF_OK;
}

int32_t esf_poll(esf_queue *queue, uint32_t cycles) {
  return guarded([&]() -> int32_t {
    int32_t status = is_there(queue->device);
    if (status != ESF_OK) {
      return status;
    }
    return queue->device->bar->run(cycles) == 0 ? ESF_AGAIN : ESF_OK;
  });
}

int32_t esf_wait(esf_queue *queue, uint32_t completions, uint64_t timeout_ns) {
  return guarded([&]() -> int32_t {
    int32_t status = is_there(queue->device);
    return status != ESF_OK ? status : estream::wait(*queue, completions, timeout_ns);
  });
}

int32_t esf_load(esf_device *device, uint32_t kind, uint32_t lane, uint64_t value) {
  return guarded([&]() -> int32_t {
    int32_t status = is_there(device);
    if (status != ESF_OK) {
      return status;
    }
    Bar &bar = *device->bar;
    if (kind < ESF_LOAD_TIME || kind > ESF_LOAD_VERSION || lane >= bar.read(ESTREAM_CARD_REG_LANES)) {
      return fail(ESF_BAD_REQUEST, "The kind is unknown, or the card does not have this lane.");
    }
    bar.write(ESTREAM_CARD_REG_LANE_SELECT, lane);
    bar.write(ESTREAM_CARD_REG_LOAD_LO, static_cast<uint32_t>(value));
    bar.write(ESTREAM_CARD_REG_LOAD_HI, static_cast<uint32_t>(value >> 32));
    bar.write(ESTREAM_CARD_REG_CONTROL, ESTREAM_CARD_CONTROL_SET_TIME << (kind - ESF_LOAD_TIME));
    return estream::check_card(*device);
  });
}

int32_t esf_reset(esf_device *device) {
  return guarded([&]() -> int32_t {
    int32_t status = is_there(device);
    return status != ESF_OK ? status : estream::reset(*device);
  });
}

int32_t esf_sim_fault(esf_device *device, uint32_t kind, uint64_t after_completions, uint64_t seed) {
  return guarded([&]() -> int32_t {
    int32_t status = is_there(device);
    if (status != ESF_OK) {
      return status;
    }
    return device->bar->fault(kind, after_completions, seed) ? ESF_OK : fail(ESF_BAD_REQUEST, "This card does not support faults or this kind of fault, or already has too many.");
  });
}
