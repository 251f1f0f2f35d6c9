using System.Runtime.CompilerServices;
using Estream.Esf.Expressions;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The aggregate functions of a window.</summary>
internal enum Fold
{
    Sum,
    Min,
    Max,
    Mean,
}

/// <summary>An aggregate of a window: a function and the expression it applies to.</summary>
internal sealed record Aggregate(Fold Fold, EsfExpression Value)
{
    public bool IsInteger => Value.Kind == EsfValueKind.Integer;
}

/// <summary>The state of a window: the number of events, and a number for each aggregate.</summary>
internal struct WindowState
{
    public const int MostAggregates = 16;

    private long _count;
    private Numbers _numbers;

    public readonly long Count => _count;

    /// <summary>Returns the value of an aggregate as a whole number.</summary>
    public readonly Int128 Whole(int aggregate) => _numbers[aggregate].Whole;

    /// <summary>Returns the value of an aggregate as a float.</summary>
    public readonly double Number(int aggregate) => _numbers[aggregate].Float;

    /// <summary>Adds an event, which must have a value for each aggregate.</summary>
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

    /// <summary>Merges the state of a later window that has events.</summary>
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

    // A sum that overflows 128 bits saturates: it fits in no field anyway.
    private static Int128 Sum(Int128 one, Int128 other)
    {
        Int128 sum = unchecked(one + other);
        return one >= 0 == other >= 0 && sum >= 0 != one >= 0 ? (one >= 0 ? Int128.MaxValue : Int128.MinValue) : sum;
    }

    /// <summary>A 128-bit whole number or a float, depending on the aggregate.</summary>
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
