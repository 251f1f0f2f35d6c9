using System.Buffers.Binary;
using Estream.Map;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `map-get-batch`: sixteen keys per call.</summary>
internal sealed class MapGetManyContender(ProductMap map, MapWorkload workload) : MapRound<ProductMap>(map, workload)
{
    private readonly ulong[] _batch = new ulong[MapWorkload.Together];
    private readonly ulong[] _values = new ulong[MapWorkload.Together];
    private readonly bool[] _found = new bool[MapWorkload.Together];
    private ulong _sum;

    protected override void BeforeRound() => _sum = 0;

    protected override void Batch(int count)
    {
        StateMap<ulong, ulong> map = Store.Map;
        KeySequence keys = Keys;
        ulong[] batch = _batch;
        ulong[] values = _values;
        ulong sum = 0;
        for (int done = 0; done < count; done += MapWorkload.Together)
        {
            for (int i = 0; i < batch.Length; i++)
            {
                batch[i] = keys.Next();
            }

            map.GetMany(batch, values, _found);
            foreach (ulong value in values)
            {
                // A key that is not found has value 0, which would show in the sum.
                sum += value;
            }
        }

        Keys = keys;
        _sum += sum;
    }

    protected override ulong CheckOfRound() => _sum;
}

/// <summary>The <c>estream</c> row of `map-put-batch`: sixteen pairs per call.</summary>
internal sealed class MapPutManyContender(ProductMap map, MapWorkload workload) : MapRound<ProductMap>(map, workload)
{
    private readonly ulong[] _batch = new ulong[MapWorkload.Together];
    private readonly ulong[] _values = new ulong[MapWorkload.Together];
    private ulong _value;

    protected override void Batch(int count)
    {
        StateMap<ulong, ulong> map = Store.Map;
        KeySequence keys = Keys;
        ulong[] batch = _batch;
        ulong[] values = _values;
        ulong value = _value;
        for (int done = 0; done < count; done += MapWorkload.Together)
        {
            for (int i = 0; i < batch.Length && i < values.Length; i++)
            {
                batch[i] = keys.Next();
                values[i] = value++;
            }

            map.PutMany(batch, values);
        }

        Keys = keys;
        _value = value;
    }

    protected override ulong CheckOfRound() => Store.Sum();
}

/// <summary>The <c>estream</c> row of `bytemap-put-batch`: sixteen pairs per call. Keys and values are changed in place.</summary>
internal sealed class ByteMapPutManyContender(ProductByteMap map, MapWorkload workload) : MapRound<ProductByteMap>(map, workload)
{
    private readonly byte[] _keys = [.. Enumerable.Repeat(ByteEntry.NewKey(), MapWorkload.Together).SelectMany(key => key)];
    private readonly int[] _keyLengths = [.. Enumerable.Repeat(ByteEntry.NewKey().Length, MapWorkload.Together)];
    private readonly byte[] _values = new byte[MapWorkload.Together * ByteEntry.ValueBytes];
    private readonly int[] _valueLengths = [.. Enumerable.Repeat(ByteEntry.ValueBytes, MapWorkload.Together)];
    private ulong _value;

    protected override void Batch(int count)
    {
        ByteMap map = Store.Map;
        KeySequence keys = Keys;
        ulong value = _value;
        int keyBytes = _keyLengths[0];
        for (int done = 0; done < count; done += MapWorkload.Together)
        {
            for (int i = 0; i < MapWorkload.Together; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(_keys.AsSpan(((i + 1) * keyBytes) - sizeof(ulong)), keys.Next());
                BinaryPrimitives.WriteUInt64LittleEndian(_values.AsSpan(i * ByteEntry.ValueBytes), value++);
            }

            map.PutMany(_keys, _keyLengths, _values, _valueLengths);
        }

        Keys = keys;
        _value = value;
    }

    protected override ulong CheckOfRound() => Store.Sum();
}

/// <summary>The <c>estream</c> row of `map-cas-batch`: sixteen replacements per call.</summary>
internal sealed class MapCompareExchangeManyContender(ProductMap map, MapWorkload workload) : MapRound<ProductMap>(map, workload)
{
    private readonly ulong[] _batch = new ulong[MapWorkload.Together];
    private readonly ulong[] _expected = new ulong[MapWorkload.Together];
    private readonly ulong[] _replacements = new ulong[MapWorkload.Together];
    private readonly bool[] _replaced = new bool[MapWorkload.Together];
    private TurnSequence _turns = new(workload.Entries);
    private ulong _sum;

    protected override void BeforeRound() => _sum = 0;

    protected override void Batch(int count)
    {
        StateMap<ulong, ulong> map = Store.Map;
        TurnSequence turns = _turns;
        ulong[] batch = _batch;
        ulong[] expected = _expected;
        ulong[] replacements = _replacements;
        ulong sum = 0;
        for (int done = 0; done < count; done += MapWorkload.Together)
        {
            for (int i = 0; i < batch.Length && i < expected.Length && i < replacements.Length; i++)
            {
                batch[i] = turns.Next();
                expected[i] = turns.Value;
                replacements[i] = turns.Value + 1;
            }

            sum += (ulong)map.CompareExchangeMany(batch, expected, replacements, _replaced);
        }

        _turns = turns;
        _sum += sum;
    }

    protected override ulong CheckOfRound() => _sum;
}
