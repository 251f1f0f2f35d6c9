using System.Runtime.CompilerServices;
using Estream.Map;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// The common part of the <c>estream</c> rows of the maps: a <see cref="StateMap{TKey,TValue}"/> in files, grown from its default
/// size by the inserts, that a second process has open.
/// </summary>
internal readonly struct ProductMap : IMapStore
{
    private const int Inserted = 1 << 16;

    private readonly IDisposable _holder;

    public ProductMap(ContenderContext context, MapWorkload workload, MapOptions? options = null)
    {
        Map = StateMap.Open<ulong, ulong>(context.Directory, options);
        _holder = Holder.Start(HeldStorage.Map, context.Directory);
        Fill(Map, workload.Entries);
    }

    public StateMap<ulong, ulong> Map { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(ulong key, out ulong value) => Map.TryGet(key, out value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(ulong key, ulong value) => Map.Put(key, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool CompareExchange(ulong key, ulong expected, ulong replacement) => Map.CompareExchange(key, expected, replacement);

    public ulong Sum()
    {
        ulong sum = 0;
        foreach (KeyValuePair<ulong, ulong> entry in Map)
        {
            sum += entry.Value;
        }

        return sum;
    }

    public void Dispose()
    {
        _holder.Dispose();
        Map.Dispose();
    }

    private static void Fill(StateMap<ulong, ulong> map, ulong entries)
    {
        ulong[] keys = new ulong[Inserted];
        ulong[] values = new ulong[Inserted];
        for (ulong first = 0; first < entries; first += Inserted)
        {
            int count = (int)Math.Min(Inserted, entries - first);
            for (int i = 0; i < count; i++)
            {
                values[i] = first + (ulong)i;
                keys[i] = KeySequence.KeyOf(values[i]);
            }

            map.PutMany(keys.AsSpan(0, count), values.AsSpan(0, count));
        }
    }
}
