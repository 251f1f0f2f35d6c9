using System.Runtime.CompilerServices;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Translation;

/// <summary>The fields of a message by their slots in a plan. A view, valid as long as the message.</summary>
internal readonly ref struct PlacedFields
{
    /// <summary>The number of decimals of prices and fees in ESF.</summary>
    public const int PriceDecimals = 8;

    private readonly ReadOnlySpan<byte> _message;
    private readonly ReadOnlySpan<ulong> _values;
    private readonly ReadOnlySpan<int> _fields;
    private readonly DateCache _days;

    public PlacedFields(ReadOnlySpan<byte> message, FixFieldIndex index, ReadOnlySpan<int> fields)
    {
        _message = message;
        _values = index.Values;
        _fields = fields;
        _days = index.Days;
    }

    /// <summary>The value of a field; empty if the field is absent.</summary>
    public ReadOnlySpan<byte> this[int place]
    {
        get
        {
            int length = LengthOf(place, out int start);
            return _message.Slice(start, length);
        }
    }

    public bool Has(int place)
    {
        return _fields[place] >= 0;
    }

    /// <summary>Gets a text; false if the field is absent, empty, too long, or not valid UTF-8.</summary>
    public bool TryText(int place, int maxBytes, out ReadOnlySpan<byte> text)
    {
        int length = LengthOf(place, out int start);
        text = _message.Slice(start, length);
        return (uint)(length - 1) < (uint)maxBytes && FixText.IsUtf8(_message, start, length);
    }

    /// <summary>Converts an id to 32 bytes; false if the field is absent, empty, or does not fit.</summary>
    public bool TryId(int place, Span<byte> id)
    {
        int length = LengthOf(place, out int start);
        return FixIdText.TryRead(_message, start, length, id);
    }

    /// <summary>Gets an exact nonnegative number.</summary>
    public bool TryAmount(int place, int decimals, out ulong amount)
    {
        int length = LengthOf(place, out int start);
        bool isExact = FixText.TryFixed(_message, start, length, decimals, out long value) && value >= 0;
        amount = isExact ? (ulong)value : 0;
        return isExact;
    }

    public bool TryTime(int place, out long utcNanos)
    {
        return ExactTime.TryRead(this[place], _days, out utcNanos);
    }

    /// <summary>Gets a one-character value; 0 if the field is absent or longer.</summary>
    public byte Code(int place)
    {
        return LengthOf(place, out int start) == 1 ? _message[start] : (byte)0;
    }

    /// <summary>Whether PossResend says that the message may have been sent before.</summary>
    public bool IsPossResend(int place)
    {
        return Has(place) && Code(place) != (byte)'N';
    }

    /// <summary>The length of a field's value; 0 if the field is absent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int LengthOf(int place, out int start)
    {
        int field = _fields[place];
        if ((uint)field >= (uint)_values.Length)
        {
            start = 0;
            return 0;
        }

        FieldValue value = new(_values[field]);
        start = value.Start;
        return value.Length;
    }
}
