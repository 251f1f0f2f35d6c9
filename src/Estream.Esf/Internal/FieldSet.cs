using System.Numerics;
using System.Runtime.CompilerServices;

namespace Estream.Esf.Internal;

/// <summary>A set of field ordinals, held in place: <see cref="Schema.EsfLimits.MaxFields"/> bits.</summary>
internal struct FieldSet
{
    private Words _words;

    public readonly bool Contains(int ordinal) => (_words[ordinal >> 6] & (1UL << ordinal)) != 0;

    public void Add(int ordinal) => _words[ordinal >> 6] |= 1UL << ordinal;

    /// <summary>The lowest ordinal of this set that two others lack, or -1.</summary>
    /// <param name="one">One of them.</param>
    /// <param name="other">The other.</param>
    /// <param name="count">How many fields there are.</param>
    public readonly int FirstInNeither(in FieldSet one, in FieldSet other, int count)
    {
        // Few records have more fields than a word has bits.
        for (int i = 0; i * 64 < count; i++)
        {
            ulong missing = _words[i] & ~(one._words[i] | other._words[i]);
            if (missing != 0)
            {
                return (i * 64) + BitOperations.TrailingZeroCount(missing);
            }
        }

        return -1;
    }

    /// <summary>The lowest ordinal of this set that the other lacks, or -1.</summary>
    public readonly int FirstNotIn(in FieldSet other)
    {
        for (int i = 0; i < Words.Count; i++)
        {
            ulong missing = _words[i] & ~other._words[i];
            if (missing != 0)
            {
                return (i * 64) + BitOperations.TrailingZeroCount(missing);
            }
        }

        return -1;
    }

    [InlineArray(Count)]
    private struct Words
    {
        public const int Count = Schema.EsfLimits.MaxFields / 64;
        private ulong _first;
    }
}
