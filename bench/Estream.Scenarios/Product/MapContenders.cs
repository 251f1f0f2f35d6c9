using Estream.Map;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>
/// What the <c>estream</c> rows of the maps share: a <see cref="StateMap{TKey,TValue}"/> in files, grown from its default
/// size by the inserts, that a second process has open.
/// </summary>
internal abstract class MapContender : Batches
{
    private readonly IDisposable _holder;

    protected MapContender(ContenderContext context, MapWorkload workload)
        : base(workload.Operations, MapWorkload.BatchOperations)
    {
        Keys = new KeySequence(workload.Entries);
        Map = StateMap.Open<ulong, ulong>(context.Directory);
        _holder = Holder.Start(HeldStorage.Map, context.Directory);
        for (ulong i = 0; i < workload.Entries; i++)
        {
            Map.Put(KeySequence.KeyOf(i), i);
        }
    }

    protected StateMap<ulong, ulong> Map { get; }

    protected KeySequence Keys { get; set; }

    public override void Dispose()
    {
        _holder.Dispose();
        Map.Dispose();
    }
}

/// <summary>The <c>estream</c> row of `map-get`.</summary>
internal sealed class MapGetContender(ContenderContext context, MapWorkload workload) : MapContender(context, workload)
{
    private ulong _sum;

    protected override void BeforeRound() => _sum = 0;

    protected override void Batch(int count)
    {
        StateMap<ulong, ulong> map = Map;
        KeySequence keys = Keys;
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            if (map.TryGet(keys.Next(), out ulong value))
            {
                sum += value;
            }
        }

        Keys = keys;
        _sum += sum;
    }

    protected override ulong CheckOfRound() => _sum;
}

/// <summary>The <c>estream</c> row of `map-put`.</summary>
internal sealed class MapPutContender(ContenderContext context, MapWorkload workload) : MapContender(context, workload)
{
    private ulong _value;

    protected override void Batch(int count)
    {
        StateMap<ulong, ulong> map = Map;
        KeySequence keys = Keys;
        ulong value = _value;
        for (int i = 0; i < count; i++)
        {
            map.Put(keys.Next(), value++);
        }

        Keys = keys;
        _value = value;
    }

    protected override ulong CheckOfRound()
    {
        ulong sum = 0;
        foreach (KeyValuePair<ulong, ulong> entry in Map)
        {
            sum += entry.Value;
        }

        return sum;
    }
}
