// The map from its callers' view: the value and the version of a key. The model has no tables, so it does not know when the
// map is full; the bench judges that by the load.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

enum MapOperation : uint8_t { Get, Put, Cas, Delete };
enum MapStatus : uint8_t { Ok = 0, Created = 1, Replaced = 2, Conflict = 3, Absent = 4, Full = 5, Ecc = 0x21 };

/// Lane, length and bytes of a key, as one sortable array.
using MapKey = std::array<uint8_t, 18>;

struct MapValue {
    uint8_t bytes = 0;
    std::array<uint8_t, 16> data{};

    bool operator==(const MapValue& other) const { return bytes == other.bytes && data == other.data; }
};

struct MapRequest {
    MapOperation operation = Get;
    MapKey key{};
    MapValue value;
    uint64_t expected = 0;
};

struct MapResult {
    uint8_t status = Ok;
    uint64_t version = 0;
    MapValue value;
};

class MapModel {
public:
    explicit MapModel(int lanes) : versions_(lanes) {}

    /// Returns the expected answer of the map. If `full`, the map had no free slot and nothing changes.
    MapResult apply(const MapRequest& request, bool full = false)
    {
        auto found = entries_.find(request.key);
        bool there = found != entries_.end();
        uint64_t version = there ? found->second.version : 0;
        switch (request.operation) {
        case Get:
            return there ? MapResult{Ok, version, found->second.value} : MapResult{Absent, 0, {}};
        case Delete:
            if (!there) {
                return {Absent, 0, {}};
            }
            if (request.expected != 0 && request.expected != version) {
                return {Conflict, version, found->second.value};
            }
            entries_.erase(found);
            return {Ok, version, {}};
        case Cas:
            if (there && request.expected != version) {
                return {Conflict, version, found->second.value};
            }
            if (!there && request.expected != 0) {
                return {Absent, 0, {}};
            }
            break;
        default:
            break;
        }
        if (full) {
            return {Full, 0, {}};
        }
        uint64_t next = ++versions_[request.key[0]];
        entries_[request.key] = {next, request.value};
        return {(uint8_t)(there ? Replaced : Created), next, request.value};
    }

    bool contains(const MapKey& key) const { return entries_.count(key) != 0; }

    uint64_t version(const MapKey& key) const
    {
        auto found = entries_.find(key);
        return found == entries_.end() ? 0 : found->second.version;
    }

    size_t size() const { return entries_.size(); }

    void clear()
    {
        entries_.clear();
        versions_.assign(versions_.size(), 0);
    }

    void set_version(int lane, uint64_t version) { versions_[lane] = version; }

    struct Entry {
        uint64_t version;
        MapValue value;
    };
    const std::map<MapKey, Entry>& entries() const { return entries_; }

private:
    std::map<MapKey, Entry> entries_;
    std::vector<uint64_t> versions_;
};

/// Derives a key, its length and its lane from a number.
inline MapKey map_key(uint32_t number, int lanes)
{
    MapKey key{};
    key[0] = (uint8_t)(number % (uint32_t)lanes);
    key[1] = (uint8_t)(4 + number % 13);
    std::memcpy(&key[2], &number, 4);
    for (int i = 4; i < key[1]; ++i) {
        key[2 + i] = (uint8_t)(number * 37 + i);
    }
    return key;
}
