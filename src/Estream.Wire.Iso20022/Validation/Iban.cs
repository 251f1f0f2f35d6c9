namespace Estream.Wire.Iso20022.Validation;

/// <summary>The check digits of an international bank account number, ISO 13616.</summary>
internal static class Iban
{
    private const int CountryAndCheckDigits = 4;

    /// <summary>Whether the check digits are right: country and check digits put last, and letters read as 10 to 35, the number leaves 1
    /// when it is divided by 97.</summary>
    /// <param name="iban">A number that looks like one: letters and digits, at least five.</param>
    public static bool HasRightCheckDigits(ReadOnlySpan<byte> iban) =>
        Remainder(iban[..CountryAndCheckDigits], Remainder(iban[CountryAndCheckDigits..], 0)) == 1;

    private static int Remainder(ReadOnlySpan<byte> text, int before)
    {
        int remainder = before;
        foreach (byte sign in text)
        {
            remainder = char.IsAsciiDigit((char)sign)
                ? ((remainder * 10) + (sign - '0')) % 97
                : ((remainder * 100) + ((sign & 0x1F) + 9)) % 97;
        }

        return remainder;
    }
}
