// RocksDB in files below the data directory, without its write-ahead log, with a block cache that holds everything. After
// the fill the memtable is flushed and compacted, so that gets read from sorted files; puts go to the memtable. Its own
// threads are not counted.
#include "map_contender.h"

#include <cstring>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

namespace peers {

namespace {

void Check(const rocksdb::Status& status) {
    if (!status.ok()) {
        Fail("RocksDB: " + status.ToString());
    }
}

rocksdb::Slice Bytes(const uint64_t& number) {
    return rocksdb::Slice(reinterpret_cast<const char*>(&number), sizeof number);
}

uint64_t Number(const rocksdb::Slice& bytes) {
    uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
}

class RocksStore {
public:
    explicit RocksStore(const Arguments& arguments) {
        rocksdb::BlockBasedTableOptions table;
        table.block_cache = rocksdb::NewLRUCache(kCacheBytes);
        table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
        rocksdb::Options options;
        options.create_if_missing = true;
        options.compression = rocksdb::kNoCompression;
        options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
        rocksdb::DB* database = nullptr;
        Check(rocksdb::DB::Open(options, arguments.Text("data"), &database));
        database_.reset(database);
        write_.disableWAL = true;
    }

    void Fill(uint64_t entries) {
        for (uint64_t i = 0; i < entries; i++) {
            Put(KeyOf(i), i);
        }
        Check(database_->Flush(rocksdb::FlushOptions()));
        Check(database_->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr));
    }

    bool Get(uint64_t key, uint64_t& value) {
        found_.Reset();
        if (!database_->Get(read_, database_->DefaultColumnFamily(), Bytes(key), &found_).ok()) {
            return false;
        }
        value = Number(found_);
        return true;
    }

    void Put(uint64_t key, uint64_t value) { Check(database_->Put(write_, Bytes(key), Bytes(value))); }

    uint64_t Sum() {
        std::unique_ptr<rocksdb::Iterator> entry(database_->NewIterator(read_));
        uint64_t sum = 0;
        for (entry->SeekToFirst(); entry->Valid(); entry->Next()) {
            sum += Number(entry->value());
        }
        return sum;
    }

private:
    static constexpr size_t kCacheBytes = size_t{256} << 20;

    std::unique_ptr<rocksdb::DB> database_;
    rocksdb::ReadOptions read_;
    rocksdb::WriteOptions write_;
    rocksdb::PinnableSlice found_;
};

const Registration registrations[] = {
    {"rocksdb-get", MakeContender<MapGet<RocksStore>>},
    {"rocksdb-put", MakeContender<MapPut<RocksStore>>},
};

}  // namespace

}  // namespace peers
