namespace Estream.Wire.Hl7.Codec;

/// <summary>A segment: a view. Fields have the numbers of the standard, so that field 3 of PID is PID-3. Absent fields are
/// empty.</summary>
public readonly ref struct Hl7Segment
{
    /// <summary>The length of the name of a segment.</summary>
    public const int NameLength = 3;

    private readonly ReadOnlySpan<byte> _message;
    private readonly ReadOnlySpan<int> _starts;
    private readonly Hl7Delimiters _delimiters;

    // 1 in MSH, FHS and BHS, whose field 1 is the field separator itself, so that the second part of the segment is field 2.
    private readonly int _shift;

    internal Hl7Segment(ReadOnlySpan<byte> message, ReadOnlySpan<int> starts, Hl7Delimiters delimiters)
    {
        _message = message;
        _starts = starts;
        _delimiters = delimiters;
        _shift = ShiftOf(Name);
    }

    /// <summary>Whether the message has the segment.</summary>
    public bool Exists => !_starts.IsEmpty;

    /// <summary>The name; empty for a segment that does not exist.</summary>
    public ReadOnlySpan<byte> Name => Exists ? _message.Slice(_starts[0], NameLength) : default;

    /// <summary>The segment with its name, without its terminator.</summary>
    public ReadOnlySpan<byte> Bytes => Exists ? _message[_starts[0]..(_starts[^1] - 1)] : default;

    /// <summary>The number of the last field.</summary>
    public int FieldCount => Exists ? _starts.Length - 2 + _shift : 0;

    /// <summary>Returns a field, with all its repetitions.</summary>
    /// <param name="number">The number of the field, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public Hl7Field this[int number]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
            int index = number - _shift;
            if (index == 0)
            {
                return new Hl7Field(_message.Slice(_starts[1] - 1, 1), _delimiters);
            }

            return (uint)index + 1 < (uint)_starts.Length
                ? new Hl7Field(_message[_starts[index]..(_starts[index + 1] - 1)], _delimiters)
                : new Hl7Field([], _delimiters);
        }
    }

    private static int ShiftOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("MSH"u8) || name.SequenceEqual("FHS"u8) || name.SequenceEqual("BHS"u8) ? 1 : 0;
}
