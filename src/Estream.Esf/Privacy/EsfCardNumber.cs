namespace Estream.Esf;

/// <summary>Numbers of payment cards as text: 13 to 19 digits of which the last is the check digit of Luhn (ISO/IEC 7812).
/// Thread-safe.</summary>
public static class EsfCardNumber
{
    /// <summary>The fewest digits of a card.</summary>
    public const int MinDigits = 13;

    /// <summary>The most digits of a card.</summary>
    public const int MaxDigits = 19;

    /// <summary>How many digits from the left a token shows.</summary>
    public const int FirstShown = 6;

    /// <summary>How many digits from the right a token shows.</summary>
    public const int LastShown = 4;

    /// <summary>Whether text is the number of a card: as many digits as one has, and the check digit is right.</summary>
    public static bool IsCard(ReadOnlySpan<byte> text) => HasShape(text) && Luhn(text) == 0;

    /// <summary>Whether text can be a token: as many digits as a card, and no card, because the check digit is wrong.</summary>
    public static bool IsTokenShaped(ReadOnlySpan<byte> text) => HasShape(text) && Luhn(text) != 0;

    private static bool HasShape(ReadOnlySpan<byte> text) =>
        text.Length is >= MinDigits and <= MaxDigits && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static int Luhn(ReadOnlySpan<byte> digits)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = digits[^(i + 1)] - '0';
            int twice = 2 * digit;
            sum += i % 2 == 0 ? digit : twice > 9 ? twice - 9 : twice;
        }

        return sum % 10;
    }
}
