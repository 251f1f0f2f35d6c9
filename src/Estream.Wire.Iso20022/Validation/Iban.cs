namespace Estream.Wire.Iso20022.Validation;

/// <summary>Verifies the check digits of an international bank account number, ISO 13616.</summary>
internal static class Iban
{
    private const int CountryAndCheckDigits = 4;

    /// <summary>Whether the check digits are correct: with country and check digits moved to the end, and letters read as 10 to 35, the
    /// number modulo 97 is 1.</summary>
    /// <param name="iban">A number in IBAN syntax: letters and digits, at least five.</param>
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
