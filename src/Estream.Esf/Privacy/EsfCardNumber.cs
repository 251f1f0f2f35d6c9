namespace Estream.Esf;

/// <summary>Payment card numbers as text: 13 to 19 digits, the last of which is the Luhn check digit (ISO/IEC 7812). Thread-safe.</summary>
public static class EsfCardNumber
{
    /// <summary>The minimum number of digits of a card number.</summary>
    public const int MinDigits = 13;

    /// <summary>The maximum number of digits of a card number.</summary>
    public const int MaxDigits = 19;

    /// <summary>The number of leading digits that a token shares with its card number.</summary>
    public const int FirstShown = 6;

    /// <summary>The number of trailing digits that a token shares with its card number.</summary>
    public const int LastShown = 4;

    /// <summary>Whether text is a card number: it has a valid number of digits and a correct check digit.</summary>
    public static bool IsCard(ReadOnlySpan<byte> text) => HasShape(text) && Luhn(text) == 0;

    /// <summary>Whether text can be a token: it has a valid number of digits and a wrong check digit, so it is not a card number.</summary>
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
