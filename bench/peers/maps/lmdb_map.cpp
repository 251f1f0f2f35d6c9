// LMDB in a file below the data directory: native-endian 8-byte integer keys, a writable map, nothing flushed. Gets share
// one read transaction, puts are committed a thousand at a time, as in applications tuned for speed.
#include "map_contender.h"

#include <algorithm>
#include <lmdb.h>
#include <vector>

namespace peers {

namespace {

void Check(int code, const char* what) {
    if (code != MDB_SUCCESS) {
        Fail(std::string("LMDB: ") + what + ": " + mdb_strerror(code));
    }
}

class LmdbStore {
public:
    explicit LmdbStore(const Arguments& arguments) {
        Check(mdb_env_create(&environment_), "create");
        Check(mdb_env_set_mapsize(environment_, arguments.Number("entries") * kBytesPerEntry + kSpareBytes), "set the size");
        Check(mdb_env_open(environment_, arguments.Text("data").c_str(), MDB_WRITEMAP | MDB_NOSYNC, 0600), "open");
    }

    ~LmdbStore() {
        mdb_txn_abort(transaction_);
        mdb_env_close(environment_);
    }

    void Fill(uint64_t entries) {
        std::vector<std::pair<uint64_t, uint64_t>> sorted(entries);
        for (uint64_t i = 0; i < entries; i++) {
            sorted[i] = {KeyOf(i), i};
        }
        std::sort(sorted.begin(), sorted.end());
        Begin(0);
        Check(mdb_dbi_open(transaction_, nullptr, MDB_INTEGERKEY, &database_), "open the database");
        for (auto& entry : sorted) {
            MDB_val key{sizeof entry.first, &entry.first};
            MDB_val value{sizeof entry.second, &entry.second};
            Check(mdb_put(transaction_, database_, &key, &value, MDB_APPEND), "append");
        }
        Check(mdb_txn_commit(transaction_), "commit");
        Begin(MDB_RDONLY);
    }

    bool Get(uint64_t key, uint64_t& value) {
        MDB_val name{sizeof key, &key};
        MDB_val found;
        if (mdb_get(transaction_, database_, &name, &found) != MDB_SUCCESS) {
            return false;
        }
        value = *static_cast<const uint64_t*>(found.mv_data);
        return true;
    }

    void Put(uint64_t key, uint64_t value) {
        if (pending_ == 0) {
            mdb_txn_abort(transaction_);
            Begin(0);
        }
        MDB_val name{sizeof key, &key};
        MDB_val content{sizeof value, &value};
        Check(mdb_put(transaction_, database_, &name, &content, 0), "put");
        if (++pending_ == kPutsPerCommit) {
            Commit();
        }
    }

    uint64_t Sum() {
        if (pending_ > 0) {
            Commit();
        }
        MDB_cursor* cursor = nullptr;
        Check(mdb_cursor_open(transaction_, database_, &cursor), "open a cursor");
        MDB_val key;
        MDB_val value;
        uint64_t sum = 0;
        while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
            sum += *static_cast<const uint64_t*>(value.mv_data);
        }
        mdb_cursor_close(cursor);
        return sum;
    }

private:
    static constexpr uint64_t kBytesPerEntry = 256;
    static constexpr uint64_t kSpareBytes = 256u << 20;
    static constexpr unsigned kPutsPerCommit = 1024;

    void Begin(unsigned flags) { Check(mdb_txn_begin(environment_, nullptr, flags, &transaction_), "begin"); }

    void Commit() {
        Check(mdb_txn_commit(transaction_), "commit");
        pending_ = 0;
        Begin(MDB_RDONLY);
    }

    MDB_env* environment_ = nullptr;
    MDB_txn* transaction_ = nullptr;
    MDB_dbi database_ = 0;
    unsigned pending_ = 0;
};

const Registration registrations[] = {
    {"lmdb-get", MakeContender<MapGet<LmdbStore>>},
    {"lmdb-put", MakeContender<MapPut<LmdbStore>>},
};

}  // namespace

}  // namespace peers
