namespace Estream.Wire.Iso20022.Schema;

/// <summary>A pattern that gives the allowed characters of every position of a text. Nearly all patterns have this form: only the last run
/// may vary in length. Immutable.</summary>
internal sealed class TextStencil
{
    // Each character class has a bit.
    private const int MaxClasses = 8;

    private const int MaxLength = 64;

    private const int AllBytes = 256;

    // For each byte value, the bits of its classes; for each position, the bit of its class.
    private readonly byte[] _classes;
    private readonly byte[] _places;

    // The minimum length with the optional group, and the length without it; negative if there is no such group.
    private readonly int _least;
    private readonly int _withoutGroup;

    private TextStencil(byte[] classes, byte[] places, int least, int withoutGroup)
    {
        _classes = classes;
        _places = places;
        _least = least;
        _withoutGroup = withoutGroup;
    }

    /// <summary>Creates a stencil from the runs of a pattern; null if the pattern has another form.</summary>
    /// <param name="runs">The runs: their characters and counts.</param>
    /// <param name="optionalFrom">The index of the first run of the optional group; the number of runs if there is none.</param>
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

    /// <summary>Whether the complete text matches.</summary>
    public bool IsMatch(ReadOnlySpan<byte> text)
    {
        if (text.Length != _withoutGroup && (text.Length < _least || text.Length > _places.Length))
        {
            return false;
        }

        // Most texts match, so an early exit would not pay off.
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
