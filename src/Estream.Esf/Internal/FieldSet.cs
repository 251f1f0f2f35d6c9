using System.Numerics;
using System.Runtime.CompilerServices;

namespace Estream.Esf.Internal;

/// <summary>A set of field ordinals, stored inline: <see cref="Schema.EsfLimits.MaxFields"/> bits.</summary>
internal struct FieldSet
{
    private Words _words;

    public readonly bool Contains(int ordinal) => (_words[ordinal >> 6] & (1UL << ordinal)) != 0;

    public void Add(int ordinal) => _words[ordinal >> 6] |= 1UL << ordinal;

    /// <summary>Returns the lowest ordinal of this set that is in neither of two other sets, or -1.</summary>
    /// <param name="one">The first of the other sets.</param>
    /// <param name="other">The second of the other sets.</param>
    /// <param name="count">The number of fields.</param>
    public readonly int FirstInNeither(in FieldSet one, in FieldSet other, int count)
    {
        // Most records have at most 64 fields, so this loop usually reads one word.
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

    /// <summary>Returns the lowest ordinal of this set that the other set does not contain, or -1.</summary>
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
