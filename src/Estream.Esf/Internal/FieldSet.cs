using System.Numerics;
using System.Runtime.CompilerServices;

namespace Estream.Esf.Internal;

/// <summary>A set of field ordinals, held in place: <see cref="Schema.EsfLimits.MaxFields"/> bits.</summary>
internal struct FieldSet
{
    private Words _words;

    public readonly bool Contains(int ordinal) => (_words[ordinal >> 6] & (1UL << ordinal)) != 0;

    public void Add(int ordinal) => _words[ordinal >> 6] |= 1UL << ordinal;

    public void AddAll(in FieldSet other)
    {
        for (int i = 0; i < Words.Count; i++)
        {
            _words[i] |= other._words[i];
        }
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
