namespace Estream.Wire.Hl7.Codec;

/// <summary>A parsed message: a view of its bytes, valid as long as the bytes and until the next use of its <see cref="Hl7Parser"/>.
/// Reading
/// allocates nothing and does not throw for absent segments.</summary>
public readonly ref struct Hl7Message
{
    private readonly ReadOnlySpan<Hl7Entry> _segments;
    private readonly ReadOnlySpan<int> _fields;

    internal Hl7Message(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<Hl7Entry> segments, ReadOnlySpan<int> fields, Hl7Delimiters delimiters)
    {
        Bytes = bytes;
        _segments = segments;
        _fields = fields;
        Delimiters = delimiters;
    }

    /// <summary>The message from its MSH segment on.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The delimiters.</summary>
    public Hl7Delimiters Delimiters { get; }

    /// <summary>The number of segments.</summary>
    public int SegmentCount => _segments.Length;

    /// <summary>The MSH segment.</summary>
    public Hl7Segment Header => this[0];

    /// <summary>Returns a segment by its index.</summary>
    /// <param name="index">From 0, the MSH segment, to <see cref="SegmentCount"/> - 1.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such segment.</exception>
    public Hl7Segment this[int index]
    {
        get
        {
            Hl7Entry entry = _segments[index];
            return new Hl7Segment(Bytes, _fields.Slice(entry.FirstField, entry.FieldCount + 1), Delimiters);
        }
    }

    /// <summary>The name of a segment. Costs less than the segment.</summary>
    internal ReadOnlySpan<byte> NameOf(int index) => Bytes.Slice(_fields[_segments[index].FirstField], Hl7Segment.NameLength);

    /// <summary>Finds the first segment of a name at or after an index. Costs one comparison per segment.</summary>
    /// <param name="name">The name, as in <c>"PID"u8</c>.</param>
    /// <param name="from">The index to begin at.</param>
    /// <returns>The index of the segment; -1 if there is none.</returns>
    public int IndexOf(ReadOnlySpan<byte> name, int from = 0)
    {
        for (int i = from; i < _segments.Length; i++)
        {
            if (Bytes[_fields[_segments[i].FirstField]..].StartsWith(name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Finds the last segment of a name before an index.</summary>
    /// <param name="name">The name, as in <c>"OBR"u8</c>.</param>
    /// <param name="before">The index that ends the search.</param>
    /// <returns>The index of the segment; -1 if there is none.</returns>
    public int LastIndexOf(ReadOnlySpan<byte> name, int before)
    {
        for (int i = Math.Min(before, _segments.Length) - 1; i >= 0; i--)
        {
            if (Bytes[_fields[_segments[i].FirstField]..].StartsWith(name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Returns the first segment of a name; a segment without fields if there is none.</summary>
    /// <param name="name">The name, as in <c>"PID"u8</c>.</param>
    public Hl7Segment First(ReadOnlySpan<byte> name)
    {
        int index = IndexOf(name);
        return index < 0 ? new Hl7Segment([], [], Delimiters) : this[index];
    }
}
