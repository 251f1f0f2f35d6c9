using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using RocksDbSharp;

namespace Estream.Scenarios.Peers.Stores;

/// <summary>
/// RocksDB through its .NET binding, configured as in the C++ row: no write-ahead log, no compression, Bloom filters of ten bits per key, a
/// block cache that holds everything; flushed and compacted after the fill. Gets copy into a buffer of the caller: nothing is allocated.
/// </summary>
internal readonly struct RocksStore : IMapStore
{
    private const ulong CacheBytes = 256UL << 20;
    private const int BloomBitsPerKey = 10;

    private readonly RocksDb _database;
    private readonly WriteOptions _write = new WriteOptions().DisableWal(1);
    private readonly byte[] _key = new byte[sizeof(ulong)];
    private readonly byte[] _value = new byte[sizeof(ulong)];

    public RocksStore(ContenderContext context, MapWorkload workload)
    {
        BlockBasedTableOptions table = new BlockBasedTableOptions()
            .SetBlockCache(Cache.CreateLru(CacheBytes))
            .SetFilterPolicy(BloomFilterPolicy.Create(BloomBitsPerKey, use_block_based_builder: false));
        DbOptions options = new DbOptions().SetCreateIfMissing().SetCompression(Compression.No).SetBlockBasedTableFactory(table);
        _database = RocksDb.Open(options, context.Directory);
        for (ulong i = 0; i < workload.Entries; i++)
        {
            Put(KeySequence.KeyOf(i), i);
        }

        _database.Flush(new FlushOptions());
        _database.CompactRange((byte[]?)null, null);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(ulong key, out ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_key, key);
        bool found = _database.GetFixedSizeValue(_key, _value);
        value = found ? BinaryPrimitives.ReadUInt64LittleEndian(_value) : 0;
        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(ulong key, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_key, key);
        BinaryPrimitives.WriteUInt64LittleEndian(_value, value);
        _database.Put(_key.AsSpan(), _value.AsSpan(), cf: null, _write);
    }

    /// <summary>Throws; RocksDB does not have this operation.</summary>
    public bool CompareExchange(ulong key, ulong expected, ulong replacement) => throw new NotSupportedException();

    public ulong Sum()
    {
        ulong sum = 0;
        using Iterator entries = _database.NewIterator();
        for (entries.SeekToFirst(); entries.Valid(); entries.Next())
        {
            sum += BinaryPrimitives.ReadUInt64LittleEndian(entries.GetValueSpan());
        }

        return sum;
    }

    public void Dispose() => _database.Dispose();
}
