using System.Text.Unicode;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Translation;

/// <summary>The fields of a message by their slots in a plan. A view, valid as long as the message.</summary>
internal readonly ref struct PlacedFields
{
    /// <summary>The number of decimals of prices and fees in ESF.</summary>
    public const int PriceDecimals = 8;

    private readonly ReadOnlySpan<byte> _message;
    private readonly FixFieldIndex _index;
    private readonly ReadOnlySpan<int> _fields;

    public PlacedFields(ReadOnlySpan<byte> message, FixFieldIndex index, ReadOnlySpan<int> fields)
    {
        _message = message;
        _index = index;
        _fields = fields;
    }

    /// <summary>The value of a field; empty if the field is absent.</summary>
    public ReadOnlySpan<byte> this[int place]
    {
        get
        {
            int field = _fields[place];
            return field < 0 ? default : _message.Slice(_index.StartOf(field), _index.LengthOf(field));
        }
    }

    public bool Has(int place)
    {
        return _fields[place] >= 0;
    }

    /// <summary>Gets a text; false if the field is absent, empty, too long, or not valid UTF-8.</summary>
    public bool TryText(int place, int maxBytes, out ReadOnlySpan<byte> text)
    {
        text = this[place];
        return !text.IsEmpty && text.Length <= maxBytes && Utf8.IsValid(text);
    }

    /// <summary>Gets an exact nonnegative number.</summary>
    public bool TryAmount(int place, int decimals, out ulong amount)
    {
        bool isExact = FixText.TryFixed(this[place], decimals, out long value) && value >= 0;
        amount = isExact ? (ulong)value : 0;
        return isExact;
    }

    public bool TryTime(int place, out long utcNanos)
    {
        return ExactTime.TryRead(this[place], _index.Days, out utcNanos);
    }

    /// <summary>Gets a one-character value; 0 if the field is absent or longer.</summary>
    public byte Code(int place)
    {
        ReadOnlySpan<byte> value = this[place];
        return value.Length == 1 ? value[0] : (byte)0;
    }

    /// <summary>Whether PossResend says that the message may have been sent before.</summary>
    public bool IsPossResend(int place)
    {
        return Has(place) && Code(place) != (byte)'N';
    }
}
