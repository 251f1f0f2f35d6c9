using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>Random gets of present keys from <see cref="Dictionary{TKey,TValue}"/>; heap only, one thread only.</summary>
internal sealed class DictionaryGet : Batches
{
    private readonly Dictionary<ulong, ulong> _map = [];
    private KeySequence _keys;
    private ulong _sum;

    public DictionaryGet(MapWorkload workload)
        : base(workload.Operations, MapWorkload.BatchOperations)
    {
        _keys = new KeySequence(workload.Entries);
        for (ulong i = 0; i < workload.Entries; i++)
        {
            _map[KeySequence.KeyOf(i)] = i;
        }
    }

    public override void Dispose()
    {
    }

    protected override void BeforeRound() => _sum = 0;

    protected override void Batch(int count)
    {
        KeySequence keys = _keys;
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            if (_map.TryGetValue(keys.Next(), out ulong value))
            {
                sum += value;
            }
        }

        _keys = keys;
        _sum += sum;
    }

    protected override ulong CheckOfRound() => _sum;
}

/// <summary>Random overwrites of present keys of <see cref="Dictionary{TKey,TValue}"/>.</summary>
internal sealed class DictionaryPut : Batches
{
    private readonly Dictionary<ulong, ulong> _map = [];
    private KeySequence _keys;
    private ulong _value;

    public DictionaryPut(MapWorkload workload)
        : base(workload.Operations, MapWorkload.BatchOperations)
    {
        _keys = new KeySequence(workload.Entries);
        for (ulong i = 0; i < workload.Entries; i++)
        {
            _map[KeySequence.KeyOf(i)] = i;
        }
    }

    public override void Dispose()
    {
    }

    protected override void Batch(int count)
    {
        KeySequence keys = _keys;
        ulong value = _value;
        for (int i = 0; i < count; i++)
        {
            _map[keys.Next()] = value++;
        }

        _keys = keys;
        _value = value;
    }

    protected override ulong CheckOfRound()
    {
        ulong sum = 0;
        foreach (ulong value in _map.Values)
        {
            sum += value;
        }

        return sum;
    }
}
