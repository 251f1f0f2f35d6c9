namespace Estream.Scenarios.Workloads;

/// <summary>The common part of the rounds of all map scenarios.</summary>
internal abstract class MapRound<TStore>(TStore store, MapWorkload workload) : Batches(workload.Operations, MapWorkload.BatchOperations)
    where TStore : struct, IMapStore
{
    protected TStore Store { get; } = store;

    protected KeySequence Keys { get; set; } = new(workload.Entries);

    public override void Dispose() => Store.Dispose();
}

/// <summary>`map-get`: the next key does not depend on the value found, so the processor may overlap misses.</summary>
internal sealed class MapGet<TStore>(TStore store, MapWorkload workload) : MapRound<TStore>(store, workload)
    where TStore : struct, IMapStore
{
    private ulong _sum;

    protected override void BeforeRound() => _sum = 0;

    protected override void Batch(int count)
    {
        TStore store = Store;
        KeySequence keys = Keys;
        ulong sum = 0;
        for (; count > 0; count--)
        {
            if (store.TryGet(keys.Next(), out ulong value))
            {
                sum += value;
            }
        }

        Keys = keys;
        _sum += sum;
    }

    protected override ulong CheckOfRound() => _sum;
}

/// <summary>`map-get-dependent`: the next key depends on the value found, so every get must complete first.</summary>
internal sealed class MapGetDependent<TStore>(TStore store, MapWorkload workload) : MapRound<TStore>(store, workload)
    where TStore : struct, IMapStore
{
    private ulong _sum;
    private ulong _value;

    protected override void BeforeRound()
    {
        _sum = 0;
        _value = 0;
    }

    protected override void Batch(int count)
    {
        TStore store = Store;
        KeySequence keys = Keys;
        ulong value = _value;
        ulong sum = 0;
        for (; count > 0; count--)
        {
            if (store.TryGet(keys.NextAfter(value), out value))
            {
                sum += value;
            }
        }

        Keys = keys;
        _value = value;
        _sum += sum;
    }

    protected override ulong CheckOfRound() => _sum;
}

/// <summary>`map-put`: random overwrites of present keys.</summary>
internal sealed class MapPut<TStore>(TStore store, MapWorkload workload) : MapRound<TStore>(store, workload)
    where TStore : struct, IMapStore
{
    private ulong _value;

    protected override void Batch(int count)
    {
        TStore store = Store;
        KeySequence keys = Keys;
        ulong value = _value;
        for (; count > 0; count--)
        {
            store.Put(keys.Next(), value++);
        }

        Keys = keys;
        _value = value;
    }

    protected override ulong CheckOfRound() => Store.Sum();
}

/// <summary>`map-cas`: each value is replaced by its successor, if it is the expected one.</summary>
internal sealed class MapCompareExchange<TStore>(TStore store, MapWorkload workload) : MapRound<TStore>(store, workload)
    where TStore : struct, IMapStore
{
    private TurnSequence _turns = new(workload.Entries);
    private ulong _replaced;

    protected override void BeforeRound() => _replaced = 0;

    protected override void Batch(int count)
    {
        TStore store = Store;
        TurnSequence turns = _turns;
        ulong replaced = 0;
        for (; count > 0; count--)
        {
            ulong key = turns.Next();
            ulong expected = turns.Value;
            replaced += store.CompareExchange(key, expected, expected + 1) ? 1UL : 0;
        }

        _turns = turns;
        _replaced += replaced;
    }

    protected override ulong CheckOfRound() => _replaced;
}
