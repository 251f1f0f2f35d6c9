using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix;

/// <summary>The fields of a message, or of one entry of a group: a view, valid for as long as the message.</summary>
/// <remarks>Where a field stands twice, the getters give the first. None of them throws on what a peer has sent.</remarks>
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

    /// <summary>How many fields there are, those of groups inside included.</summary>
    public int Count => _end - _first;

    /// <summary>A field by its place, from 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public FixField this[int place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)place, (uint)Count, nameof(place));
            return new FixField(_index.TagOf(_first + place), Value(_first + place));
        }
    }

    /// <summary>The value of a field.</summary>
    /// <returns>False where there is none.</returns>
    public bool TryGet(int tag, out ReadOnlySpan<byte> value)
    {
        int field = Find(tag);
        value = field < 0 ? default : Value(field);
        return field >= 0;
    }

    /// <summary>The value of a field as a whole number.</summary>
    /// <returns>False where there is none, or it is no number of up to 18 digits.</returns>
    public bool TryGetNumber(int tag, out long value)
    {
        value = 0;
        return TryGet(tag, out ReadOnlySpan<byte> text) && FixText.TryNumber(text, out value);
    }

    /// <summary>The value of a field in fixed point: times ten to the power of <paramref name="decimals"/>, exactly.</summary>
    /// <param name="tag">The field.</param>
    /// <param name="decimals">Places behind the point, 0 to 18.</param>
    /// <param name="value">The number; 0 on false.</param>
    /// <returns>False where there is none, it is no number, has more places that are not zero, or does not fit.</returns>
    public bool TryGetFixed(int tag, int decimals, out long value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)decimals, (uint)FixText.MaxDecimals, nameof(decimals));
        value = 0;
        return TryGet(tag, out ReadOnlySpan<byte> text) && FixText.TryFixed(text, decimals, out value);
    }

    /// <summary>The value of a field of type UTCTimestamp in nanoseconds since 1970-01-01 UTC.</summary>
    /// <returns>False where there is none, or it is no time of the years 1970 to 2261.</returns>
    public bool TryGetTime(int tag, out long utcNanos)
    {
        utcNanos = 0;
        return TryGet(tag, out ReadOnlySpan<byte> text) && FixText.TryTime(text, out utcNanos);
    }

    /// <summary>Whether a field is there with this value: <c>Is(97, "Y"u8)</c>.</summary>
    public bool Is(int tag, ReadOnlySpan<byte> value)
    {
        return TryGet(tag, out ReadOnlySpan<byte> actual) && actual.SequenceEqual(value);
    }

    /// <summary>The entries of a group, by the tag that counts them. None where the group is missing or its dictionary does not know
    /// it.</summary>
    public FixGroup Group(int countTag)
    {
        int field = Find(countTag);
        int end = field < 0 ? 0 : _index.GroupEnd(field);
        return end == 0 ? default : new FixGroup(_message, _index, field + 1, end);
    }

    private int Find(int tag)
    {
        // A default view has no index.
        int found = _index is null ? -1 : _index.Tags[_first.._end].IndexOf(tag);
        return found < 0 ? -1 : _first + found;
    }

    private ReadOnlySpan<byte> Value(int field)
    {
        return _message.Slice(_index.StartOf(field), _index.LengthOf(field));
    }
}

/// <summary>One field of a message: a view, valid for as long as the message.</summary>
public readonly ref struct FixField
{
    internal FixField(int tag, ReadOnlySpan<byte> value)
    {
        Tag = tag;
        Value = value;
    }

    /// <summary>Its number.</summary>
    public int Tag { get; }

    /// <summary>Its value as it came.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
