using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary><see cref="Dictionary{TKey,TValue}"/>; heap only, one thread only.</summary>
internal readonly struct DictionaryStore : IMapStore
{
    private readonly Dictionary<ulong, ulong> _map = [];

    public DictionaryStore(MapWorkload workload)
    {
        for (ulong i = 0; i < workload.Entries; i++)
        {
            _map[KeySequence.KeyOf(i)] = i;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(ulong key, out ulong value) => _map.TryGetValue(key, out value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(ulong key, ulong value) => _map[key] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool CompareExchange(ulong key, ulong expected, ulong replacement)
    {
        ref ulong value = ref CollectionsMarshal.GetValueRefOrNullRef(_map, key);
        return Interlocked.CompareExchange(ref value, replacement, expected) == expected;
    }

    public ulong Sum()
    {
        ulong sum = 0;
        foreach (ulong value in _map.Values)
        {
            sum += value;
        }

        return sum;
    }

    public void Dispose()
    {
    }
}

/// <summary><see cref="ConcurrentDictionary{TKey,TValue}"/>; heap only.</summary>
internal readonly struct ConcurrentDictionaryStore : IMapStore
{
    private readonly ConcurrentDictionary<ulong, ulong> _map = [];

    public ConcurrentDictionaryStore(MapWorkload workload)
    {
        for (ulong i = 0; i < workload.Entries; i++)
        {
            _map[KeySequence.KeyOf(i)] = i;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(ulong key, out ulong value) => _map.TryGetValue(key, out value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(ulong key, ulong value) => _map[key] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool CompareExchange(ulong key, ulong expected, ulong replacement) => _map.TryUpdate(key, replacement, expected);

    public ulong Sum()
    {
        ulong sum = 0;
        foreach (KeyValuePair<ulong, ulong> entry in _map)
        {
            sum += entry.Value;
        }

        return sum;
    }

    public void Dispose()
    {
    }
}
