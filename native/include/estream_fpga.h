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
 *  - The caller writes an esf_sqe at slot (tail & (entries - 1)), counts the tail up, and rings esf_doorbell(tail).
 *  - The card writes one esf_cqe per request, in any order, each at the next slot of the completion ring. The phase bit of
 *    a completion is 1 in the first round of the ring, 0 in the second, and so on; the word that has it is stored last.
 *  - The caller has never more than `entries` requests under way, so that there is always room for a completion.
 *  - ESF_TIMEOUT leaves open whether the card did it. Memory it was given stays the card's until esf_reset has returned.
 *  - After ESF_DEVICE_GONE every call returns ESF_DEVICE_GONE; what was under way gets no completion any more.
 */
#ifndef ESTREAM_FPGA_H
#define ESTREAM_FPGA_H

#include <stdint.h>

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

/* What a call returns and what a completion says. */
typedef enum esf_status {
    ESF_OK = 0,
    ESF_AGAIN = 1,        /* no room now: take completions, then try again */
    ESF_TIMEOUT = 2,      /* the deadline passed; whether it was done is open */
    ESF_DMA_ERROR = 3,    /* an address the card may not use, or a transfer that broke off */
    ESF_ECC = 4,          /* memory of the card is damaged: nothing it holds is to be relied on */
    ESF_DEVICE_GONE = 5,  /* the card does not answer any more */
    ESF_BAD_KEY = 6,      /* the key is one the engine does not take */
    ESF_MISS = 7,         /* the key is not there */
    ESF_FULL = 8,         /* the map has no place for another key */
    ESF_CONFLICT = 9,     /* compare-and-set: another value is there */
    ESF_BAD_REQUEST = 10, /* an operation or a length the card does not have, or a caller's mistake */
    ESF_UNAVAILABLE = 11, /* there is no such card here; esf_last_error says why */
    ESF_ABI_MISMATCH = 12 /* a struct of another size or version */
} esf_status;

/* Who answers. */
typedef enum esf_backend {
    ESF_BACKEND_SIM = 1,      /* Verilated RTL: results and cycles are those of the circuit, times are not */
    ESF_BACKEND_PCIE = 2,     /* a card */
    ESF_BACKEND_LOOPBACK = 3  /* no card: a few lines of C++ behind the registers of one, for tests and to measure the host */
} esf_backend;

/* What a submission asks for. 0x20 to 0x2f are kept for signatures, 0x30 to 0x3f for compiled circuits. */
typedef enum esf_op {
    ESF_OP_NOP = 0x00,
    ESF_OP_APPEND = 0x01,     /* number, stamp and checksum a message */
    ESF_OP_LEAF_HASH = 0x02,  /* SHA3-256 of a zero byte and a message: a leaf of the witness */
    ESF_OP_MAP_GET = 0x10,
    ESF_OP_MAP_PUT = 0x11,
    ESF_OP_MAP_CAS = 0x12,
    ESF_OP_MAP_DELETE = 0x13
} esf_op;

/* A submission: one cache line. */
typedef struct esf_sqe {
    uint8_t op;               /*  0 esf_op */
    uint8_t flags;            /*  1 0 */
    uint16_t lane;            /*  2 0: which of several engines of a kind */
    uint32_t length;          /*  4 bytes at `address` */
    uint64_t user_data;       /*  8 comes back in the completion */
    uint64_t address;         /* 16 of the message, as esf_dma_map gave it */
    uint64_t result_address;  /* 24 where the 32 bytes of a leaf hash go */
    uint64_t key;             /* 32 of the map */
    uint64_t value;           /* 40 of put, and the new one of compare-and-set */
    uint64_t expected;        /* 48 of compare-and-set */
    uint32_t deadline_cycles; /* 56 cycles of the card from when it fetched this; 0 for none */
    uint32_t reserved;        /* 60 0 */
} esf_sqe;

#define ESF_CQE_PHASE 0x01u   /* of `flags` */
#define ESF_CQE_HOT 0x02u     /* answered by the memory for hot keys */
#define ESF_CQE_EXISTED 0x04u /* put: the key was there before */

/* A completion: half a cache line. The last eight bytes are stored last. */
typedef struct esf_cqe {
    uint64_t user_data;       /*  0 of the submission */
    uint64_t value;           /*  8 append: the number; map: the value that is there */
    uint64_t stamp;           /* 16 append: the cycle in which it was numbered */
    uint32_t checksum;        /* 24 append: CRC-32C of the message */
    uint16_t cycles;          /* 28 from when the engine took it to when it answered; 65535 for that and more */
    uint8_t status;           /* 30 esf_status */
    uint8_t flags;            /* 31 ESF_CQE_* */
} esf_cqe;

typedef struct esf_device esf_device;
typedef struct esf_queue esf_queue;

typedef struct esf_open_params {
    uint32_t size, version;   /* version 1 */
    const char *uri;          /* "sim:", "loopback:", "vfio:0000:3b:00.0" */
    uint64_t seed;            /* of a simulation: what is random in it */
} esf_open_params;

#define ESF_FEATURE_APPEND 0x01u
#define ESF_FEATURE_MAP 0x02u
#define ESF_FEATURE_LEAF_HASH 0x04u
#define ESF_FEATURE_SIGN 0x08u
#define ESF_FEATURE_CIRCUIT 0x10u
#define ESF_FEATURE_FAULTS 0x80000000u /* esf_sim_fault works */

typedef struct esf_caps {
    uint32_t size, version;   /* version 1 */
    uint32_t backend;         /* esf_backend */
    uint32_t features;        /* ESF_FEATURE_* */
    uint32_t clock_khz;       /* 0 of a simulation: it has no clock but its cycles */
    uint32_t ring_max;        /* most entries of a ring, a power of two */
    uint32_t message_max;     /* most bytes of a message */
    uint32_t map_slots;       /* places of the map */
    uint32_t hot_slots;       /* places of the memory for hot keys */
    uint32_t card_id;         /* what the card says it is, and which version */
    uint32_t card_version;
    uint32_t reserved;
    char uri[64];             /* as it was opened */
} esf_caps;

typedef struct esf_counters {
    uint32_t size, version;   /* version 1 */
    uint32_t backend;         /* esf_backend */
    uint32_t reserved;
    uint64_t cycles;          /* since the card was opened or reset */
    uint64_t submissions, completions, failures;
    uint64_t appends, append_bytes, leaves;
    uint64_t gets, puts, exchanges, deletes;
    uint64_t hot_hits, hot_misses;
    uint64_t displacements;   /* keys the map moved to make room */
    uint64_t map_entries;
    uint64_t stalls;          /* cycles in which a submission had to wait for its engine */
    uint64_t resets;
} esf_counters;

typedef struct esf_queue_params {
    uint32_t size, version;   /* version 1 */
    uint32_t entries;         /* of both rings: a power of two, 2 to ring_max */
    uint32_t reserved;
    void *submissions;        /* entries * 64 bytes, aligned to 64, inside memory that esf_dma_map took */
    void *completions;        /* entries * 32 bytes, aligned to 64, the same; zeroed by this call */
} esf_queue_params;

/* What goes wrong in a simulated card. Each happens once, when so many more completions have come. */
typedef enum esf_fault {
    ESF_FAULT_VANISH = 1,     /* registers read all ones, nothing comes any more */
    ESF_FAULT_DROP = 2,       /* a completion is lost */
    ESF_FAULT_DMA_ERROR = 3,  /* a completion says ESF_DMA_ERROR though the work may be done */
    ESF_FAULT_ECC = 4,        /* a completion says ESF_ECC */
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

/* Puts the card back to its beginning: nothing is under way, the map is empty, numbers begin at 0, rings are at slot 0 and
 * the completion ring is zeroed. When it returns the card touches no memory it was given before. */
ESF_API int32_t esf_reset(esf_device *device);

/* Simulated cards alone; ESF_BAD_REQUEST elsewhere. */
ESF_API int32_t esf_sim_fault(esf_device *device, uint32_t kind, uint64_t after_completions, uint64_t seed);

#ifdef __cplusplus
}
static_assert(sizeof(esf_sqe) == 64 && sizeof(esf_cqe) == 32, "the rings are arrays of these");
#endif

#endif
