using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Translation;

/// <summary>What all messages on their way out share: values of ESF as FIX writes them, or the word that FIX cannot say them.</summary>
internal static class Outgoing
{
    /// <summary>Adds a number of ESF.</summary>
    /// <returns>False for one that is larger than FIX numbers are here.</returns>
    public static bool TryAmount(FixMessageBuilder message, int tag, ulong amount, int decimals)
    {
        if (amount > long.MaxValue)
        {
            return false;
        }

        message.AddFixed(tag, (long)amount, decimals);
        return true;
    }

    /// <summary>Adds text of ESF.</summary>
    /// <returns>False for text that is empty or would be the start of another field.</returns>
    public static bool TryText(FixMessageBuilder message, int tag, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.Contains(FixText.Soh))
        {
            return false;
        }

        message.Add(tag, text);
        return true;
    }

    /// <summary>Adds a time to the nanosecond.</summary>
    /// <returns>False for one that is not of the years 1970 to 2261.</returns>
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

    /// <summary>Adds a value of one character.</summary>
    public static void Code(FixMessageBuilder message, int tag, byte code)
    {
        message.Add(tag, new ReadOnlySpan<byte>(in code));
    }

    public static TranslateStatus TooLarge(string field)
    {
        return Refusal.Of(field, "is larger than a number of FIX is here");
    }

    public static TranslateStatus NoText(string field)
    {
        return Refusal.Of(field, "is empty, or holds the byte 1, which ends a field");
    }

    public static TranslateStatus NoTime(string field)
    {
        return Refusal.Of(field, "is not of the years 1970 to 2261");
    }
}
