namespace Estream.Wire.Iso20022.Schema;

/// <summary>A pattern that says of every place of a text which characters may stand there, as nearly all do: only the last run of the same
/// characters may have different lengths. Immutable.</summary>
internal sealed class TextStencil
{
    // Each class of characters has a bit.
    private const int MaxClasses = 8;

    private const int MaxLength = 64;

    private const int AllBytes = 256;

    // By bytes, the classes that they are of; and by places, the class that has to stand there.
    private readonly byte[] _classes;
    private readonly byte[] _places;

    // The shortest text with the group at the end, and that without it; below 0 where the pattern has none.
    private readonly int _least;
    private readonly int _withoutGroup;

    private TextStencil(byte[] classes, byte[] places, int least, int withoutGroup)
    {
        _classes = classes;
        _places = places;
        _least = least;
        _withoutGroup = withoutGroup;
    }

    /// <summary>Makes one of the runs of a pattern; null where it cannot be.</summary>
    /// <param name="runs">The runs: their characters, and how many of them there are.</param>
    /// <param name="optionalFrom">From here on the runs are of the group that may be missing; their number where there is none.</param>
    public static TextStencil? Of((HashSet<byte> Bytes, int Min, int Max)[] runs, int optionalFrom)
    {
        List<HashSet<byte>> known = [];
        List<byte> places = [];
        byte[] classes = new byte[AllBytes];
        int withoutGroup = -1;
        for (int index = 0; index < runs.Length; index++)
        {
            (HashSet<byte> bytes, int min, int max) = runs[index];
            int number = known.FindIndex(bytes.SetEquals);
            if (number < 0)
            {
                number = known.Count;
                known.Add(bytes);
            }

            bool isFixed = min == max || index == runs.Length - 1;
            if (!isFixed || number == MaxClasses || max > MaxLength - places.Count)
            {
                return null;
            }

            withoutGroup = index == optionalFrom ? places.Count : withoutGroup;
            places.AddRange(Enumerable.Repeat((byte)(1 << number), max));
            foreach (byte value in bytes)
            {
                classes[value] |= (byte)(1 << number);
            }
        }

        return runs.Length == 0 ? null : new TextStencil(classes, [.. places], places.Count - (runs[^1].Max - runs[^1].Min), withoutGroup);
    }

    /// <summary>Whether all of a text is of the pattern.</summary>
    public bool IsMatch(ReadOnlySpan<byte> text)
    {
        if (text.Length != _withoutGroup && (text.Length < _least || text.Length > _places.Length))
        {
            return false;
        }

        // Most texts are right, so nothing is gained by stopping early.
        ReadOnlySpan<byte> classes = _classes.AsSpan(0, AllBytes);
        ReadOnlySpan<byte> places = _places.AsSpan(0, text.Length);
        int wrong = 0;
        for (int index = 0; index < text.Length; index++)
        {
            wrong |= places[index] & ~classes[text[index]];
        }

        return wrong == 0;
    }
}
