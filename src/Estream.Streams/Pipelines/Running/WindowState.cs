using System.Runtime.CompilerServices;
using Estream.Esf.Expressions;

namespace Estream.Streams.Pipelines.Running;

/// <summary>What is made of the events of a window.</summary>
internal enum Fold
{
    Sum,
    Min,
    Max,
    Mean,
}

/// <summary>An aggregate of a window: how, and of what.</summary>
internal sealed record Aggregate(Fold Fold, EsfExpression Value)
{
    public bool IsInteger => Value.Kind == EsfValueKind.Integer;
}

/// <summary>The state of a window: how many events there were, and a number for each aggregate.</summary>
internal struct WindowState
{
    public const int MostAggregates = 16;

    private long _count;
    private Numbers _numbers;

    public readonly long Count => _count;

    /// <summary>The number of an aggregate, whole.</summary>
    public readonly Int128 Whole(int aggregate) => _numbers[aggregate].Whole;

    /// <summary>The number of an aggregate.</summary>
    public readonly double Number(int aggregate) => _numbers[aggregate].Float;

    /// <summary>Adds an event, which has a value for each aggregate.</summary>
    public void Add(Aggregate[] aggregates, ReadOnlySpan<byte> message)
    {
        for (int i = 0; i < aggregates.Length; i++)
        {
            Cell one = default;
            if (aggregates[i].IsInteger)
            {
                _ = aggregates[i].Value.TryGetInteger(message, out Int128 whole);
                one.Whole = whole;
            }
            else
            {
                _ = aggregates[i].Value.TryGetNumber(message, out double number);
                one.Float = number;
            }

            Combine(i, aggregates[i], in one, _count == 0);
        }

        _count++;
    }

    /// <summary>Adds a later window, which has events.</summary>
    public void Merge(Aggregate[] aggregates, in WindowState later)
    {
        for (int i = 0; i < aggregates.Length; i++)
        {
            Cell one = later._numbers[i];
            Combine(i, aggregates[i], in one, _count == 0);
        }

        _count += later._count;
    }

    private void Combine(int place, Aggregate aggregate, in Cell one, bool isFirst)
    {
        ref Cell all = ref _numbers[place];
        if (isFirst)
        {
            all = one;
        }
        else if (aggregate.IsInteger)
        {
            all.Whole = aggregate.Fold switch
            {
                Fold.Min => Int128.Min(all.Whole, one.Whole),
                Fold.Max => Int128.Max(all.Whole, one.Whole),
                _ => Sum(all.Whole, one.Whole),
            };
        }
        else
        {
            all.Float = aggregate.Fold switch
            {
                Fold.Min => Math.Min(all.Float, one.Float),
                Fold.Max => Math.Max(all.Float, one.Float),
                _ => all.Float + one.Float,
            };
        }
    }

    // A sum that does not fit in 128 bits stays at their end: it fits in no field either.
    private static Int128 Sum(Int128 one, Int128 other)
    {
        Int128 sum = unchecked(one + other);
        return one >= 0 == other >= 0 && sum >= 0 != one >= 0 ? (one >= 0 ? Int128.MaxValue : Int128.MinValue) : sum;
    }

    /// <summary>A whole number of 128 bits, or a float: which one, the aggregate says.</summary>
    private struct Cell
    {
        private ulong _low;
        private ulong _high;

        public Int128 Whole
        {
            readonly get => new(_high, _low);
            set => (_high, _low) = ((ulong)(value >> 64), (ulong)value);
        }

        public double Float
        {
            readonly get => BitConverter.UInt64BitsToDouble(_low);
            set => _low = BitConverter.DoubleToUInt64Bits(value);
        }
    }

    [InlineArray(MostAggregates)]
    private struct Numbers
    {
        private Cell _first;
    }
}
