namespace Estream.Wire.Hl7.Codec;

/// <summary>A field or one of its repetitions: a view. Values are raw: escape sequences and character set are those of the message; see
/// <see cref="Hl7Text"/>. Absent parts are empty.</summary>
public readonly ref struct Hl7Field
{
    private readonly Hl7Delimiters _delimiters;

    internal Hl7Field(ReadOnlySpan<byte> bytes, Hl7Delimiters delimiters)
    {
        Bytes = bytes;
        _delimiters = delimiters;
    }

    /// <summary>The delimiters of the message.</summary>
    internal Hl7Delimiters Delimiters => _delimiters;

    /// <summary>The bytes of the field, with all its repetitions.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Whether the field has no bytes: the sender says nothing about the value.</summary>
    public bool IsEmpty => Bytes.IsEmpty;

    /// <summary>Whether the field is <c>""</c>: the sender deletes the value (HL7 v2, chapter 2, "Null values").</summary>
    public bool IsNull => Bytes.SequenceEqual("\"\""u8);

    /// <summary>The first repetition.</summary>
    public Hl7Field First => new(Part(Bytes, _delimiters.Repetition, 0), _delimiters);

    /// <summary>The repetitions, for <c>foreach</c>. None for an empty field.</summary>
    public Hl7Repetitions Repetitions => new(Bytes, _delimiters);

    /// <summary>Returns a component of the first repetition.</summary>
    /// <param name="number">The number of the component, from 1.</param>
    public ReadOnlySpan<byte> Component(int number)
    {
        if (number > 1)
        {
            return Part(First.Bytes, _delimiters.Component, number - 1);
        }

        int end = Bytes.IndexOfAny(_delimiters.Component, _delimiters.Repetition);
        return end < 0 ? Bytes : Bytes[..end];
    }

    /// <summary>Returns a sub-component of the first repetition.</summary>
    /// <param name="component">The number of the component, from 1.</param>
    /// <param name="number">The number of the sub-component, from 1.</param>
    public ReadOnlySpan<byte> SubComponent(int component, int number) =>
        Part(Component(component), _delimiters.SubComponent, number - 1);

    /// <summary>Returns a part by its index. A separator of zero is undefined, so that there is one part.</summary>
    internal static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> bytes, byte separator, int index)
    {
        if (separator == 0)
        {
            return index == 0 ? bytes : [];
        }

        while (true)
        {
            int end = bytes.IndexOf(separator);
            if (index == 0)
            {
                return end < 0 ? bytes : bytes[..end];
            }

            if (end < 0)
            {
                return [];
            }

            bytes = bytes[(end + 1)..];
            index--;
        }
    }
}

/// <summary>The repetitions of a field, for <c>foreach</c>.</summary>
public ref struct Hl7Repetitions
{
    private readonly Hl7Delimiters _delimiters;
    private ReadOnlySpan<byte> _rest;
    private bool _hasMore;

    internal Hl7Repetitions(ReadOnlySpan<byte> bytes, Hl7Delimiters delimiters)
    {
        _rest = bytes;
        _delimiters = delimiters;
        _hasMore = !bytes.IsEmpty;
    }

    /// <summary>The present repetition.</summary>
    public Hl7Field Current { readonly get; private set; }

    /// <summary>Returns this enumerator.</summary>
    public readonly Hl7Repetitions GetEnumerator() => this;

    /// <summary>Moves to the next repetition.</summary>
    /// <returns>False if there is none.</returns>
    public bool MoveNext()
    {
        if (!_hasMore)
        {
            return false;
        }

        int end = _rest.IndexOf(_delimiters.Repetition);
        _hasMore = end >= 0;
        Current = new Hl7Field(_hasMore ? _rest[..end] : _rest, _delimiters);
        _rest = _hasMore ? _rest[(end + 1)..] : [];
        return true;
    }
}
