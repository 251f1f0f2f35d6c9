using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Dictionary;

namespace Estream.Wire.Fix.Translation;

/// <summary>
/// Adds values of an ESF message to a FIX message by their tags. Absent values are left out. The first value that FIX cannot express, or
/// that the dictionary does not define for the message, determines <see cref="Status"/>.
/// </summary>
internal ref struct FieldSender
{
    private readonly FixMessageBuilder _message;
    private readonly FixFieldSet? _allowed;
    private int _tag;
    private string? _why;

    /// <param name="message">Receives the fields.</param>
    /// <param name="allowed">The fields of the message, or of the entry, in the version; null if unknown.</param>
    public FieldSender(FixMessageBuilder message, FixFieldSet? allowed)
    {
        _message = message;
        _allowed = allowed;
    }

    /// <summary>Ok, or the refusal of the first value.</summary>
    public readonly TranslateStatus Status => _why is null ? TranslateStatus.Ok : Refusal.Of(_tag, _why);

    /// <summary>Adds a text that must not be empty.</summary>
    public void Required(int tag, scoped ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            Refuse(tag, "is required, and its value is empty");
        }

        Text(tag, text);
    }

    /// <summary>Adds a text; an empty one is left out.</summary>
    public void Text(int tag, scoped ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty && Allows(tag) && !Outgoing.TryText(_message, tag, text))
        {
            Refuse(tag, "has a value that contains the byte 1 (SOH), which ends a field");
        }
    }

    public void Amount(int tag, ulong? amount, int decimals)
    {
        if (amount is { } value && Allows(tag) && !Outgoing.TryAmount(_message, tag, value, decimals))
        {
            Refuse(tag, "has a value above 9223372036854775807 in units of its last decimal");
        }
    }

    public void Signed(int tag, long? value, int decimals)
    {
        if (value is { } known && Allows(tag))
        {
            _message.AddFixed(tag, known, decimals);
        }
    }

    public void Number(int tag, uint? number)
    {
        Signed(tag, number, 0);
    }

    public void Flag(int tag, bool? flag)
    {
        Text(tag, flag is not { } known ? default : known ? "Y"u8 : "N"u8);
    }

    public void Time(int tag, long? utcNanos)
    {
        if (utcNanos is { } time && Allows(tag) && !Outgoing.TryTime(_message, tag, time))
        {
            Refuse(tag, "has a time outside the years 1970 to 2261");
        }
    }

    /// <summary>Adds a date and a time of day.</summary>
    public void DateAndTime(int dateTag, int timeTag, long? utcNanos)
    {
        if (utcNanos is not { } known)
        {
            return;
        }

        Span<byte> time = stackalloc byte[ExactTime.MaxLength];
        int length = ExactTime.Write(time, known);
        if (length == 0)
        {
            Refuse(dateTag, "has a time outside the years 1970 to 2261");
            return;
        }

        Text(dateTag, time[..ExactTime.DayLength]);
        Text(timeTag, time[(ExactTime.DayLength + 1)..length]);
    }

    /// <summary>Adds PossResend to the header if it is set.</summary>
    public readonly void PossibleResend(bool isPossible)
    {
        if (isPossible)
        {
            _message.AddHeader(FixTags.PossResend, "Y"u8);
        }
    }

    public void Refuse(int tag, string why)
    {
        if (_why is null)
        {
            _tag = tag;
            _why = why;
        }
    }

    private bool Allows(int tag)
    {
        if (_allowed is null || _allowed.TryGet(tag, out _))
        {
            return true;
        }

        Refuse(tag, "is not defined for messages of this type in this version of FIX");
        return false;
    }
}
