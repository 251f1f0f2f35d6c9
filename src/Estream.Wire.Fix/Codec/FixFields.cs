using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix;

/// <summary>The fields of a message or of one group entry. A view, valid as long as the message.</summary>
/// <remarks>If a field occurs twice, the getters return the first occurrence. The getters never throw because of the bytes that a peer
/// sent.</remarks>
public readonly ref struct FixFields
{
    private readonly ReadOnlySpan<byte> _message;
    private readonly FixFieldIndex _index;
    private readonly int _first;
    private readonly int _end;

    internal FixFields(ReadOnlySpan<byte> message, FixFieldIndex index, int first, int end)
    {
        _message = message;
        _index = index;
        _first = first;
        _end = end;
    }

    /// <summary>The number of fields, including the fields of nested groups.</summary>
    public int Count => _end - _first;

    /// <summary>Gets a field by its index, from 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no field at this index.</exception>
    public FixField this[int place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)place, (uint)Count, nameof(place));
            return new FixField(_index.TagOf(_first + place), Value(_first + place));
        }
    }

    /// <summary>Gets the value of a field.</summary>
    /// <returns>False if the field is absent.</returns>
    public bool TryGet(int tag, out ReadOnlySpan<byte> value)
    {
        int field = Find(tag);
        value = field < 0 ? default : Value(field);
        return field >= 0;
    }

    /// <summary>Gets the value of a field as a whole number.</summary>
    /// <returns>False if the field is absent or is not a whole number of at most 18 digits.</returns>
    public bool TryGetNumber(int tag, out long value)
    {
        value = 0;
        return TryGet(tag, out ReadOnlySpan<byte> text) && FixText.TryNumber(text, out value);
    }

    /// <summary>Gets the exact value of a field in fixed point, multiplied by ten to the power of <paramref name="decimals"/>.</summary>
    /// <param name="tag">The tag of the field.</param>
    /// <param name="decimals">Decimal places, 0 to 18.</param>
    /// <param name="value">The number; 0 if the result is false.</param>
    /// <returns>False if the field is absent, is not a number, has more nonzero decimal places, or does not fit in 64 bits.</returns>
    public bool TryGetFixed(int tag, int decimals, out long value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)decimals, (uint)FixText.MaxDecimals, nameof(decimals));
        value = 0;
        return TryGet(tag, out ReadOnlySpan<byte> text) && FixText.TryFixed(text, decimals, out value);
    }

    /// <summary>Gets the value of a UTCTimestamp field in nanoseconds since 1970-01-01 UTC.</summary>
    /// <returns>False if the field is absent or is not a time in the years 1970 to 2261.</returns>
    public bool TryGetTime(int tag, out long utcNanos)
    {
        utcNanos = 0;
        return TryGet(tag, out ReadOnlySpan<byte> text) && FixText.TryTime(text, out utcNanos);
    }

    /// <summary>Whether a field is present with this value: <c>Is(97, "Y"u8)</c>.</summary>
    public bool Is(int tag, ReadOnlySpan<byte> value)
    {
        return TryGet(tag, out ReadOnlySpan<byte> actual) && actual.SequenceEqual(value);
    }

    /// <summary>The entries of a group, by the tag of its count field. Empty if the group is absent or the dictionary does not define
    /// it.</summary>
    public FixGroup Group(int countTag)
    {
        int field = Find(countTag);
        int end = field < 0 ? 0 : _index.GroupEnd(field);
        return end == 0 ? default : new FixGroup(_message, _index, field + 1, end);
    }

    private int Find(int tag)
    {
        // A default value has no index.
        int found = _index is null ? -1 : _index.Tags[_first.._end].IndexOf(tag);
        return found < 0 ? -1 : _first + found;
    }

    private ReadOnlySpan<byte> Value(int field)
    {
        return _message.Slice(_index.StartOf(field), _index.LengthOf(field));
    }
}

/// <summary>One field of a message. A view, valid as long as the message.</summary>
public readonly ref struct FixField
{
    internal FixField(int tag, ReadOnlySpan<byte> value)
    {
        Tag = tag;
        Value = value;
    }

    /// <summary>The tag.</summary>
    public int Tag { get; }

    /// <summary>The value as received.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
