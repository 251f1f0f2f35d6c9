using System.Numerics;
using System.Runtime.CompilerServices;
using Estream.Scenarios.Workloads;
using FASTER.core;

namespace Estream.Scenarios.Peers.Stores;

/// <summary>
/// FasterKV in memory alone: no device, and a log at least twice as large as the entries, so that every entry stays in its mutable part and
/// is overwritten in place. The hash table has one bucket of 64 bytes for every two keys, as its documentation says. One session uses an
/// unsafe context, which holds the epoch from call to call. There are no record locks: one instruction reads or writes a value of 8 bytes.
/// </summary>
internal readonly struct FasterStore : IMapStore
{
    private const int BucketBytes = 64;
    private const int KeysPerBucket = 2;
    private const long SmallestLog = 1L << 26;
    private const long PageBytes = 1L << 22;

    private readonly FasterKVSettings<ulong, ulong> _settings;
    private readonly FasterKV<ulong, ulong> _store;
    private readonly ClientSession<ulong, ulong, FasterSwap, ulong, Empty, FasterFunctions> _session;
    private readonly UnsafeContext<ulong, ulong, FasterSwap, ulong, Empty, FasterFunctions> _context;

    public FasterStore(MapWorkload workload)
    {
        // A record is header, key and value: 24 bytes.
        long recordBytes = (long)workload.Entries * 3 * sizeof(ulong);
        _settings = new FasterKVSettings<ulong, ulong>
        {
            IndexSize = (long)BitOperations.RoundUpToPowerOf2(workload.Entries / KeysPerBucket) * BucketBytes,
            LogDevice = new NullDevice(),
            PageSize = PageBytes,
            MemorySize = Math.Max(SmallestLog, (long)BitOperations.RoundUpToPowerOf2((ulong)recordBytes * 2)),
            ConcurrencyControlMode = ConcurrencyControlMode.None,
            EqualityComparer = new KeyComparer(),
        };
        _store = new FasterKV<ulong, ulong>(_settings);
        _session = _store.For<FasterSwap, ulong, Empty>(default(FasterFunctions)).NewSession<FasterFunctions>();
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
        return _context.Read(ref key, ref value).Found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(ulong key, ulong value) => _context.Upsert(ref key, ref value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool CompareExchange(ulong key, ulong expected, ulong replacement)
    {
        FasterSwap swap = new() { Expected = expected, Replacement = replacement };
        ulong found = 0;
        return _context.RMW(ref key, ref swap, ref found).Found && found == expected;
    }

    /// <summary>Sums the records of the log: a record that was not overwritten in place would be counted twice.</summary>
    public ulong Sum()
    {
        // The iterator acquires the epoch itself.
        _context.EndUnsafe();
        ulong sum = 0;
        using (IFasterScanIterator<ulong, ulong> entries = _store.Log.Scan(_store.Log.BeginAddress, _store.Log.TailAddress))
        {
            while (entries.GetNext(out _, out _, out ulong value))
            {
                sum += value;
            }
        }

        _context.BeginUnsafe();
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

    /// <summary>The hash that FASTER uses for numbers; without it the store would use the default comparer.</summary>
    private sealed class KeyComparer : IFasterEqualityComparer<ulong>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public long GetHashCode64(ref ulong k) => Utility.GetHashCode((long)k);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Equals(ref ulong k1, ref ulong k2) => k1 == k2;
    }
}
