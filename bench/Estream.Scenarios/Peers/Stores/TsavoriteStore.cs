using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using Tsavorite.core;
using Allocator = Tsavorite.core.SpanByteAllocator<
    Tsavorite.core.StoreFunctions<Estream.Scenarios.Peers.Stores.TsavoriteKeyComparer, Tsavorite.core.DefaultRecordTriggers>>;
using Functions = Tsavorite.core.StoreFunctions<
    Estream.Scenarios.Peers.Stores.TsavoriteKeyComparer, Tsavorite.core.DefaultRecordTriggers>;

namespace Estream.Scenarios.Peers.Stores;

/// <summary>
/// Tsavorite, the store of Garnet, in memory alone and sized as <see cref="FasterStore"/>: no device, a bucket for every two keys, one
/// session with an unsafe context. Tsavorite takes keys and values as spans of bytes.
/// </summary>
internal readonly struct TsavoriteStore : IMapStore
{
    private const int BucketBytes = 64;
    private const int KeysPerBucket = 2;
    private const int RecordBytes = 64;
    private const long SmallestLog = 1L << 26;
    private const long PageBytes = 1L << 22;

    private readonly ulong _entries;
    private readonly KVSettings _settings;
    private readonly TsavoriteKV<Functions, Allocator> _store;
    private readonly ClientSession<TsavoriteKey, TsavoriteSwap, ulong, Empty, TsavoriteFunctions, Functions, Allocator> _session;
    private readonly UnsafeContext<TsavoriteKey, TsavoriteSwap, ulong, Empty, TsavoriteFunctions, Functions, Allocator> _context;
    private readonly byte[] _key = new byte[sizeof(ulong)];
    private readonly byte[] _value = new byte[sizeof(ulong)];

    public TsavoriteStore(MapWorkload workload)
    {
        _entries = workload.Entries;
        _settings = new KVSettings
        {
            IndexSize = (long)BitOperations.RoundUpToPowerOf2(workload.Entries / KeysPerBucket) * BucketBytes,
            LogDevice = new NullDevice(),
            PageSize = PageBytes,
            LogMemorySize = Math.Max(SmallestLog, (long)BitOperations.RoundUpToPowerOf2(workload.Entries * RecordBytes * 2)),
        };
        _store = new TsavoriteKV<Functions, Allocator>(
            _settings,
            StoreFunctions.Create(default(TsavoriteKeyComparer), DefaultRecordTriggers.Instance),
            (allocator, functions) => new Allocator(allocator, functions));
        _session = _store.NewSession<TsavoriteKey, TsavoriteSwap, ulong, Empty, TsavoriteFunctions>(new TsavoriteFunctions());
        _context = _session.UnsafeContext;
        _context.BeginUnsafe();
        for (ulong i = 0; i < workload.Entries; i++)
        {
            Put(KeySequence.KeyOf(i), i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(ulong key, out ulong value)
    {
        value = 0;
        return _context.Read(KeyOf(key), ref value).Found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(ulong key, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_value, value);
        _context.Upsert(KeyOf(key), _value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool CompareExchange(ulong key, ulong expected, ulong replacement)
    {
        TsavoriteSwap swap = new() { Expected = expected, Replacement = replacement };
        ulong found = 0;
        return _context.RMW(KeyOf(key), ref swap, ref found).Found && found == expected;
    }

    /// <summary>Sums the entries by reading their keys, because the log also has replaced records.</summary>
    public ulong Sum()
    {
        ulong sum = 0;
        for (ulong i = 0; i < _entries; i++)
        {
            sum += TryGet(KeySequence.KeyOf(i), out ulong value) ? value : throw new InvalidOperationException($"Entry {i} is gone.");
        }

        return sum;
    }

    public void Dispose()
    {
        _context.EndUnsafe();
        _session.Dispose();
        _store.Dispose();
        _settings.LogDevice.Dispose();
        _settings.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TsavoriteKey KeyOf(ulong key)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_key, key);
        return new TsavoriteKey(_key);
    }
}
