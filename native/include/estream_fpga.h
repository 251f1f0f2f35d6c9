/*
 * The one interface between Estream and its cards: a simulated one (Verilated RTL, "sim:") and a real one ("vfio:").
 *
 * Rules of the interface
 *  - Every struct that crosses it begins with its size and a version. A caller sets both; a library that knows a shorter
 *    struct fills that much, and refuses what it does not know. Reserved fields are 0.
 *  - Numbers are little-endian and of fixed width. Handles are opaque.
 *  - Submissions and completions lie in two rings in memory of the caller, who writes and reads them directly: a message
 *    costs no call, a batch costs one, the doorbell.
 *  - A device and its queue are used by one thread at a time. Two devices are independent.
 *  - Every report (capabilities, counters) says by its field `backend` what gave it, so that cycles of a simulation are
 *    never taken for those of hardware.
 *
 * How a request lives
 *  - The caller writes a submission at slot (tail & (entries - 1)), counts the tail up, and rings esf_doorbell(tail).
 *  - The card writes one completion per request, in any order, each at the next slot of the completion ring. The phase bit
 *    of a completion is 1 in the first round of the ring, 0 in the second, and so on; the eight bytes that have it (8 to
 *    15) are stored last.
 *  - The caller has never more than `entries` requests under way, so that there is always room for a completion.
 *  - A completion that says TIMEOUT leaves open whether the card did it. Memory it was given stays the card's until esf_reset has returned.
 *  - After ESF_DEVICE_GONE every call returns ESF_DEVICE_GONE; what was under way gets no completion any more.
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

/* Major in the upper half: another one is another interface. Minor below: it has only grown. */
#define ESF_ABI_MAJOR 1u
#define ESF_ABI_MINOR 0u
#define ESF_ABI_VERSION ((ESF_ABI_MAJOR << 16) | ESF_ABI_MINOR)

/* What a call returns. What became of a submission its completion says: ESTREAM_CARD_STATUS_* of estream_card.h. */
typedef enum esf_status {
    ESF_OK = 0,
    ESF_AGAIN = 1,        /* not now: the card has not done as much as was asked for */
    ESF_TIMEOUT = 2,      /* the deadline of the host passed */
    ESF_DMA_ERROR = 3,    /* memory that cannot be given to the card */
    ESF_DEVICE_GONE = 4,  /* the card does not answer any more */
    ESF_BAD_REQUEST = 5,  /* a caller's mistake */
    ESF_UNAVAILABLE = 6,  /* there is no such card here; esf_last_error says why */
    ESF_ABI_MISMATCH = 7  /* a struct of another size or version */
} esf_status;

/* Who answers. */
typedef enum esf_backend {
    ESF_BACKEND_SIM = 1,      /* Verilated RTL: results and cycles are those of the circuit, times are not */
    ESF_BACKEND_PCIE = 2,     /* a card */
    ESF_BACKEND_LOOPBACK = 3  /* no card: a few lines of C++ behind the registers of one, for tests and to measure the host */
} esf_backend;

typedef struct esf_device esf_device;
typedef struct esf_queue esf_queue;

typedef struct esf_open_params {
    uint32_t size, version;   /* version 1 */
    const char *uri;          /* "sim:", "loopback:", "vfio:0000:3b:00.0" */
    uint64_t seed;            /* of a simulation: what is random in it */
} esf_open_params;

typedef struct esf_caps {
    uint32_t size, version;   /* version 1 */
    uint32_t backend;         /* esf_backend */
    uint32_t capabilities;    /* ESTREAM_CARD_CAPABILITY_* */
    uint32_t clock_khz;       /* what the card was built for; of a simulation it says nothing of time */
    uint32_t ring_max;        /* most entries of a ring, a power of two */
    uint32_t lanes;           /* queues and maps the card tells apart */
    uint32_t map_slots, map_stash;
    uint32_t hot_keys;        /* places of the memory for hot keys */
    uint32_t card_abi;        /* major and minor of estream_card.h that the card speaks */
    char uri[64];             /* as it was opened */
} esf_caps;

typedef struct esf_counters {
    uint32_t size, version;   /* version 1 */
    uint32_t backend;         /* esf_backend */
    uint32_t reserved;
    uint64_t cycles;          /* of a simulation, since it was opened; 0 of a card */
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
    void *submissions;        /* entries * 64 bytes, aligned to 64, inside memory that esf_dma_map took */
    void *completions;        /* entries * 32 bytes, aligned to 64, the same; zeroed by this call */
} esf_queue_params;

/* What goes wrong in a simulated card. Each happens once, when so many more completions have come. */
typedef enum esf_fault {
    ESF_FAULT_VANISH = 1,     /* registers read all ones, nothing comes any more */
    ESF_FAULT_DROP = 2,       /* a completion is lost */
    ESF_FAULT_DMA_ERROR = 3,  /* a completion says dma_error though the work may be done */
    ESF_FAULT_ECC = 4,        /* a completion says ecc */
    ESF_FAULT_STUCK = 5,      /* nothing is taken or answered any more until esf_reset */
    ESF_FAULT_FLIP = 6,       /* a bit of a checksum, value or hash is turned over */
    ESF_FAULT_STALE = 7,      /* a completion comes with the phase of the last round, as if it had not come */
    ESF_FAULT_RESET = 8,      /* the card resets itself: what was under way is forgotten */
    ESF_FAULT_DUPLICATE = 9   /* a completion comes twice */
} esf_fault;

ESF_API uint32_t esf_abi_version(void);

/* Why the last call of this thread did not return ESF_OK: a sentence that says what to do. Valid until its next call. */
ESF_API const char *esf_last_error(void);

ESF_API int32_t esf_open(const esf_open_params *params, esf_device **device);
ESF_API int32_t esf_close(esf_device *device);
ESF_API int32_t esf_get_caps(esf_device *device, esf_caps *caps);
ESF_API int32_t esf_get_counters(esf_device *device, esf_counters *counters);

/* Gives memory to the card: page-aligned, and not freed before esf_dma_unmap or esf_close. */
ESF_API int32_t esf_dma_map(esf_device *device, void *memory, uint64_t bytes, uint64_t *address);
ESF_API int32_t esf_dma_unmap(esf_device *device, uint64_t address);

/* The rings of a device; it has one pair. */
ESF_API int32_t esf_queue_create(esf_device *device, const esf_queue_params *params, esf_queue **queue);
ESF_API int32_t esf_queue_destroy(esf_queue *queue);

/* Tells the card that submissions up to `tail` (counted without end, modulo 2^32) are written. */
ESF_API int32_t esf_doorbell(esf_queue *queue, uint32_t tail);

/* Gives the card time: a simulated one goes on by at most so many cycles, and stops earlier when nothing is under way. */
ESF_API int32_t esf_poll(esf_queue *queue, uint32_t cycles);

/* Waits until `completions` (counted as the tail is) have come, at most so long by the clock of the host. */
ESF_API int32_t esf_wait(esf_queue *queue, uint32_t completions, uint64_t timeout_ns);

typedef enum esf_load_kind {
    ESF_LOAD_TIME = 1,        /* nanoseconds */
    ESF_LOAD_SEQUENCE = 2,    /* the next number of a lane */
    ESF_LOAD_VERSION = 3      /* the last version of a lane */
} esf_load_kind;

/* Loads what the card counts on from. For when nothing is under way. */
ESF_API int32_t esf_load(esf_device *device, uint32_t kind, uint32_t lane, uint64_t value);

/* Puts the card back to its beginning: nothing is under way, the map is empty, numbers begin at 0, rings are at slot 0 and
 * the completion ring is zeroed. When it returns the card touches no memory it was given before. */
ESF_API int32_t esf_reset(esf_device *device);

/* Simulated cards alone; ESF_BAD_REQUEST elsewhere. */
ESF_API int32_t esf_sim_fault(esf_device *device, uint32_t kind, uint64_t after_completions, uint64_t seed);

#ifdef __cplusplus
}
static_assert(sizeof(estream_card_submission) == 64 && sizeof(estream_card_completion) == 32, "the rings are arrays of these");
#endif

#endif
