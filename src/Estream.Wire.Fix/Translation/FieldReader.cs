using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Translation;

/// <summary>
/// Reads the fields of a message, or of an entry of a group, by their tags. A getter returns false if the field is absent or invalid. The
/// first invalid field determines <see cref="Status"/>, so a translation checks once, after it has read all fields.
/// </summary>
internal ref struct FieldReader
{
    /// <summary>The number of decimals of prices and amounts of money in ESF.</summary>
    public const int PriceDecimals = 8;

    /// <summary>The maximum length of a code in bytes.</summary>
    public const int MaxCode = 8;

    private const long NanosPerDay = 86_400_000_000_000;

    private readonly ReadOnlySpan<byte> _message;
    private readonly FixFieldIndex _index;
    private readonly FieldPlan _plan;
    private readonly ReadOnlySpan<int> _found;
    private int _tag;
    private string? _why;

    /// <param name="message">The bytes of the message.</param>
    /// <param name="index">The fields of the message.</param>
    /// <param name="plan">Has a slot for every tag that is read.</param>
    /// <param name="found">The field for every slot of the plan.</param>
    public FieldReader(ReadOnlySpan<byte> message, FixFieldIndex index, FieldPlan plan, ReadOnlySpan<int> found)
    {
        _message = message;
        _index = index;
        _plan = plan;
        _found = found;
    }

    /// <summary>Ok, or the refusal of the first invalid field.</summary>
    public readonly TranslateStatus Status => _why is null ? TranslateStatus.Ok : Refusal.Of(_tag, _why);

    public readonly bool Has(int tag)
    {
        return _found[_plan.PlaceOf(tag)] >= 0;
    }

    /// <summary>Refuses the message if one of these fields is absent.</summary>
    public void Require(scoped ReadOnlySpan<int> tags)
    {
        foreach (int tag in tags)
        {
            if (!Has(tag))
            {
                Refuse(tag, "is missing");
            }
        }
    }

    /// <summary>Refuses the message because of a field, unless an earlier field was refused.</summary>
    public void Refuse(int tag, string why)
    {
        if (_why is null)
        {
            _tag = tag;
            _why = why;
        }
    }

    /// <summary>Gets a text of 1 to <paramref name="maxBytes"/> bytes.</summary>
    public bool Text(int tag, int maxBytes, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!Has(tag))
        {
            return false;
        }

        FieldValue value = At(tag);
        text = _message.Slice(value.Start, value.Length);
        bool isText = !text.IsEmpty && text.Length <= maxBytes && FixText.IsUtf8(_message, value.Start, value.Length);
        return Check(isText, tag, "is empty, is not UTF-8, or is longer than its field in the schema");
    }

    /// <summary>Gets a code and its enum value, which is -1 if the code is not a standard one.</summary>
    public bool Code(int tag, ReadOnlySpan<byte> codes, out ReadOnlySpan<byte> code, out int value)
    {
        bool isCode = Text(tag, MaxCode, out code);
        value = isCode ? FixCodes.ValueOf(code, codes) : -1;
        return isCode;
    }

    /// <summary>Gets an exact number that is not negative.</summary>
    public bool Amount(int tag, int decimals, out ulong amount)
    {
        bool isThere = Signed(tag, decimals, out long value);
        amount = isThere ? (ulong)value : 0;
        return isThere && Check(value >= 0, tag, "is negative");
    }

    /// <summary>Gets an exact number.</summary>
    public bool Signed(int tag, int decimals, out long value)
    {
        value = 0;
        if (!Has(tag))
        {
            return false;
        }

        FieldValue text = At(tag);
        bool isNumber = FixText.TryFixed(_message, text.Start, text.Length, decimals, out value);
        return Check(isNumber, tag, "is not a number, or has too many decimals");
    }

    /// <summary>Gets a number, rounded to its last decimal.</summary>
    public bool Rounded(int tag, int decimals, out long value)
    {
        value = 0;
        if (!Has(tag))
        {
            return false;
        }

        ReadOnlySpan<byte> text = Value(tag);
        int point = text.IndexOf((byte)'.');
        int end = point + 1 + decimals;
        if (point < 0 || text.Length <= end)
        {
            return Signed(tag, decimals, out value);
        }

        bool isNumber = text[end..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && FixText.TryFixed(text[..end], decimals, out value)
            && value is > long.MinValue and < long.MaxValue;
        value += !isNumber || text[end] < (byte)'5' ? 0 : text[0] == (byte)'-' ? -1 : 1;
        return Check(isNumber, tag, "is not a number");
    }

    public bool Number(int tag, out uint number)
    {
        number = 0;
        if (!Amount(tag, 0, out ulong amount))
        {
            return false;
        }

        number = (uint)amount;
        return Check(amount <= uint.MaxValue, tag, "is not a 32-bit number");
    }

    public bool Flag(int tag, out bool flag)
    {
        ReadOnlySpan<byte> value = Has(tag) ? Value(tag) : default;
        flag = value.SequenceEqual("Y"u8);
        return Has(tag) && Check(flag || value.SequenceEqual("N"u8), tag, "is neither Y nor N");
    }

    public bool Time(int tag, out long utcNanos)
    {
        utcNanos = 0;
        return Has(tag) && Check(ExactTime.TryRead(Value(tag), _index.Days, out utcNanos), tag, "is not a time in nanoseconds");
    }

    /// <summary>Gets the time when the message was first sent: OrigSendingTime of a resent message, else SendingTime.</summary>
    public long SentAt()
    {
        int tag = Has(Tag.OrigSendingTime) ? Tag.OrigSendingTime : Tag.SendingTime;
        if (!Has(tag))
        {
            Refuse(tag, "is missing");
        }

        return Time(tag, out long sentAt) ? sentAt : 0;
    }

    /// <summary>Gets a time from a field with a date and a field with a time of day. Without a date, the time is the one within 12 hours of
    /// <paramref name="near"/>; without a time of day, it is the start of the day.</summary>
    public bool DateAndTime(int dateTag, int timeTag, long near, out long utcNanos)
    {
        utcNanos = 0;
        long day = near - (near % NanosPerDay);
        long ofDay = 0;
        bool isTime = (!Has(dateTag) || Check(FixText.TryDay(Value(dateTag), out day), dateTag, "is not a date"))
            & (!Has(timeTag) || Check(ExactTime.TryReadTimeOfDay(Value(timeTag), out ofDay), timeTag, "is not a time in nanoseconds"));
        if (!isTime || (!Has(dateTag) && !Has(timeTag)))
        {
            return false;
        }

        utcNanos = day + ofDay;
        long ahead = Has(dateTag) ? 0 : utcNanos - near;
        utcNanos -= ahead > NanosPerDay / 2 ? NanosPerDay : ahead <= -NanosPerDay / 2 ? -NanosPerDay : 0;
        return true;
    }

    private readonly ReadOnlySpan<byte> Value(int tag)
    {
        FieldValue value = At(tag);
        return _message.Slice(value.Start, value.Length);
    }

    private readonly FieldValue At(int tag)
    {
        return new FieldValue(_index.Values[_found[_plan.PlaceOf(tag)]]);
    }

    private bool Check(bool isValid, int tag, string why)
    {
        if (!isValid)
        {
            Refuse(tag, why);
        }

        return isValid;
    }
}
