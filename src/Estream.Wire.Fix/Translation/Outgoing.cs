using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Translation;

/// <summary>Writes ESF values as FIX fields, for all translations, and creates the statuses for values that FIX cannot express.</summary>
internal static class Outgoing
{
    /// <summary>Adds an ESF number.</summary>
    /// <returns>False if the number exceeds <see cref="long.MaxValue"/>.</returns>
    public static bool TryAmount(FixMessageBuilder message, int tag, ulong amount, int decimals)
    {
        if (amount > long.MaxValue)
        {
            return false;
        }

        message.AddFixed(tag, (long)amount, decimals);
        return true;
    }

    /// <summary>Adds an ESF text.</summary>
    /// <returns>False if the text is empty or contains SOH, which would start another field.</returns>
    public static bool TryText(FixMessageBuilder message, int tag, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.Contains(FixText.Soh))
        {
            return false;
        }

        message.Add(tag, text);
        return true;
    }

    /// <summary>Adds a time with nanosecond precision.</summary>
    /// <returns>False if the time is not in the years 1970 to 2261.</returns>
    public static bool TryTime(FixMessageBuilder message, int tag, long utcNanos)
    {
        Span<byte> text = stackalloc byte[ExactTime.MaxLength];
        int length = ExactTime.Write(text, utcNanos);
        if (length > 0)
        {
            message.Add(tag, text[..length]);
        }

        return length > 0;
    }

    /// <summary>Adds a one-character value.</summary>
    public static void Code(FixMessageBuilder message, int tag, byte code)
    {
        message.Add(tag, new ReadOnlySpan<byte>(in code));
    }

    public static TranslateStatus TooLarge(string field)
    {
        return Refusal.Of(field, "is above 9223372036854775807 in units of its last decimal, the maximum for FIX");
    }

    public static TranslateStatus NoText(string field)
    {
        return Refusal.Of(field, "is empty, or contains the byte 1 (SOH), which ends a field");
    }

    public static TranslateStatus NoTime(string field)
    {
        return Refusal.Of(field, "is not in the years 1970 to 2261");
    }
}
