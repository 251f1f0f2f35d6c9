/*
 * The one interface between Estream and its cards: a simulated one (Verilated RTL, "sim:") and a real one ("vfio:").
 *
 * Rules of the interface
 *  - Every struct that crosses the interface begins with its size and a version. The caller sets both. A library that knows
 *    a shorter struct fills only that part, and refuses unknown versions. Reserved fields are 0.
 *  - Numbers are little-endian and of fixed width. Handles are opaque.
 *  - Submissions and completions are in two rings in the caller's memory, which the caller writes and reads directly: a
 *    message needs no call, and a batch needs one, the doorbell.
 *  - A device and its queue are used by one thread at a time. Two devices are independent.
 *  - The field `backend` of every report (capabilities, counters) names its source, so that cycles of a simulation are
 *    never confused with those of hardware.
 *
 * Life cycle of a request
 *  - The caller writes a submission at slot (tail & (entries - 1)), increments the tail, and calls esf_doorbell(tail).
 *  - The card writes one completion per request, in any order, each at the next slot of the completion ring. The phase bit
 *    of a completion is 1 in the first round of the ring, 0 in the second, and so on; the eight bytes that contain it (8
 *    to 15) are stored last.
 *  - The caller never has more than `entries` requests under way, so that there is always a free slot for a completion.
 *  - After a TIMEOUT completion the card may or may not have executed the request. Until esf_reset has returned, the card
 *    may use the memory of that request.
 *  - After ESF_DEVICE_GONE every call returns ESF_DEVICE_GONE; requests under way get no completion.
 */
#ifndef ESTREAM_FPGA_H
#define ESTREAM_FPGA_H

#include <stdint.h>

#include "estream_card.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ESF_API __attribute__((visibility("default")))
#else
#define ESF_API
#endif

/* Major version in the upper half: a different one is incompatible. Minor version below: a higher one only adds to the interface. */
#define ESF_ABI_MAJOR 1u
#define ESF_ABI_MINOR 0u
#define ESF_ABI_VERSION ((ESF_ABI_MAJOR << 16) | ESF_ABI_MINOR)

/* The result of a call. The result of a submission is in its completion: ESTREAM_CARD_STATUS_* of estream_card.h. */
typedef enum esf_status {
    ESF_OK = 0,
    ESF_AGAIN = 1,        /* not yet: the card has not completed as much as requested */
    ESF_TIMEOUT = 2,      /* the deadline of the host passed */
    ESF_DMA_ERROR = 3,    /* memory that cannot be given to the card */
    ESF_DEVICE_GONE = 4,  /* the card no longer answers */
    ESF_BAD_REQUEST = 5,  /* an error of the caller */
    ESF_UNAVAILABLE = 6,  /* this machine has no such card; esf_last_error states why */
    ESF_ABI_MISMATCH = 7  /* a struct of a different size or version */
} esf_status;

/* The kind of device. */
typedef enum esf_backend {
    ESF_BACKEND_SIM = 1,      /* Verilated RTL: results and cycles are those of the circuit, times are not */
    ESF_BACKEND_PCIE = 2,     /* a card */
    ESF_BACKEND_LOOPBACK = 3  /* no card: a small C++ model of its registers, for tests and to measure the host */
} esf_backend;

typedef struct esf_device esf_device;
typedef struct esf_queue esf_queue;

typedef struct esf_open_params {
    uint32_t size, version;   /* version 1 */
    const char *uri;          /* "sim:", "loopback:", "vfio:0000:3b:00.0" */
    uint64_t seed;            /* of a simulation: seeds its randomness */
} esf_open_params;

typedef struct esf_caps {
    uint32_t size, version;   /* version 1 */
    uint32_t backend;         /* esf_backend */
    uint32_t capabilities;    /* ESTREAM_CARD_CAPABILITY_* */
    uint32_t clock_khz;       /* the clock the card was built for; a simulation does not run in real time */
    uint32_t ring_max;        /* the maximum number of entries of a ring, a power of two */
    uint32_t lanes;           /* the number of queues and maps the card distinguishes */
    uint32_t map_slots, map_stash;
    uint32_t hot_keys;        /* entries of the hot-key memory */
    uint32_t card_abi;        /* the version of estream_card.h that the card implements */
    char uri[64];             /* as passed to esf_open */
} esf_caps;

typedef struct esf_counters {
    uint32_t size, version;   /* version 1 */
    uint32_t backend;         /* esf_backend */
    uint32_t reserved;
    uint64_t cycles;          /* of a simulation, since it was opened; 0 for a card */
    uint64_t submissions, completions, stall_cycles, refused, dma_errors;
    uint64_t append_messages, append_bytes;
    uint64_t map_gets, map_changes, map_displacements, map_full, map_damaged;
    uint64_t map_entries, map_stashed, map_worst_cycles;
    uint64_t hot_hits, hot_misses;
    uint64_t leaf_hashes, leaf_permutations;
    uint64_t timeouts;        /* submissions whose deadline passed */
    uint64_t resets;
} esf_counters;

typedef struct esf_queue_params {
    uint32_t size, version;   /* version 1 */
    uint32_t entries;         /* of both rings: a power of two, 2 to ring_max */
    uint32_t deadline_cycles; /* from when the card fetches a submission to its completion; 0 for no deadline */
    void *submissions;        /* entries * 64 bytes, aligned to 64, inside memory mapped by esf_dma_map */
    void *completions;        /* entries * 32 bytes, aligned to 64, the same; zeroed by this call */
} esf_queue_params;

/* Faults of a simulated card. Each happens once, after the given number of further completions. */
typedef enum esf_fault {
    ESF_FAULT_VANISH = 1,     /* registers read all ones, and no more completions arrive */
    ESF_FAULT_DROP = 2,       /* a completion is lost */
    ESF_FAULT_DMA_ERROR = 3,  /* a completion reports dma_error although the work may be done */
    ESF_FAULT_ECC = 4,        /* a completion reports ecc */
    ESF_FAULT_STUCK = 5,      /* no submission is taken or answered until esf_reset */
    ESF_FAULT_FLIP = 6,       /* a bit of a checksum, value or hash is flipped */
    ESF_FAULT_STALE = 7,      /* a completion has the phase of the previous round, as if it had not arrived */
    ESF_FAULT_RESET = 8,      /* the card resets itself: requests under way are lost */
    ESF_FAULT_DUPLICATE = 9   /* a completion arrives twice */
} esf_fault;

ESF_API uint32_t esf_abi_version(void);

/* The error text of this thread's last call that did not return ESF_OK; states what to do. Valid until the thread's next call. */
ESF_API const char *esf_last_error(void);

ESF_API int32_t esf_open(const esf_open_params *params, esf_device **device);
ESF_API int32_t esf_close(esf_device *device);
ESF_API int32_t esf_get_caps(esf_device *device, esf_caps *caps);
ESF_API int32_t esf_get_counters(esf_device *device, esf_counters *counters);

/* Maps memory for the card. The memory must be page-aligned, and must not be freed before esf_dma_unmap or esf_close. */
ESF_API int32_t esf_dma_map(esf_device *device, void *memory, uint64_t bytes, uint64_t *address);
ESF_API int32_t esf_dma_unmap(esf_device *device, uint64_t address);

/* Creates the rings of a device; a device has one pair. */
ESF_API int32_t esf_queue_create(esf_device *device, const esf_queue_params *params, esf_queue **queue);
ESF_API int32_t esf_queue_destroy(esf_queue *queue);

/* Notifies the card that submissions up to `tail` (a running count, modulo 2^32) are written. */
ESF_API int32_t esf_doorbell(esf_queue *queue, uint32_t tail);

/* Runs a simulated card for at most this many cycles; it stops earlier when nothing is under way. */
ESF_API int32_t esf_poll(esf_queue *queue, uint32_t cycles);

/* Waits until `completions` (a running count, like the tail) have arrived; the timeout uses the host's clock. */
ESF_API int32_t esf_wait(esf_queue *queue, uint32_t completions, uint64_t timeout_ns);

typedef enum esf_load_kind {
    ESF_LOAD_TIME = 1,        /* nanoseconds */
    ESF_LOAD_SEQUENCE = 2,    /* the next number of a lane */
    ESF_LOAD_VERSION = 3      /* the last version of a lane */
} esf_load_kind;

/* Sets a counter of the card. Call this only while nothing is under way. */
ESF_API int32_t esf_load(esf_device *device, uint32_t kind, uint32_t lane, uint64_t value);

/* Resets the card: nothing is under way, the map is empty, numbers start at 0, the rings are at slot 0 and the completion
 * ring is zeroed. After this call returns, the card no longer uses memory that was mapped before it. */
ESF_API int32_t esf_reset(esf_device *device);

/* For simulated cards only; ESF_BAD_REQUEST for others. */
ESF_API int32_t esf_sim_fault(esf_device *device, uint32_t kind, uint64_t after_completions, uint64_t seed);

#ifdef __cplusplus
}
static_assert(sizeof(estream_card_submission) == 64 && sizeof(estream_card_completion) == 32, "the rings are arrays of these");
#endif

#endif
