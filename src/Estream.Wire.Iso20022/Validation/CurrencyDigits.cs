namespace Estream.Wire.Iso20022.Validation;

/// <summary>The number of fraction digits of ISO 4217 currencies.</summary>
internal static class CurrencyDigits
{
    /// <summary>Metals, which are traded by weight and have no minor unit.</summary>
    public static ReadOnlySpan<byte> Commodities => "XAGXAUXPDXPT"u8;

    // Concatenated codes of three letters.
    private static ReadOnlySpan<byte> None => "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF"u8;

    private static ReadOnlySpan<byte> Three => "BHDIQDJODKWDLYDOMRTND"u8;

    private static ReadOnlySpan<byte> Four => "CLFUYW"u8;

    // Funds, units of account, the test code and the code for no currency.
    private static ReadOnlySpan<byte> Open => "XBAXBBXBCXBDXDRXSUXTSXUAXXX"u8;

    /// <summary>Returns the maximum number of fraction digits of an amount in a currency; <see cref="int.MaxValue"/> for codes without a
    /// minor unit and for texts that are not a code.</summary>
    public static int Of(ReadOnlySpan<byte> currency)
    {
        return IsIn(None, currency) ? 0
            : IsIn(Three, currency) ? 3
            : IsIn(Four, currency) ? 4
            : currency.Length != 3 || IsIn(Open, currency) || IsIn(Commodities, currency) ? int.MaxValue
            : 2;
    }

    /// <summary>Whether a code is in a list of concatenated three-letter codes.</summary>
    public static bool IsIn(ReadOnlySpan<byte> codes, ReadOnlySpan<byte> code)
    {
        for (int at = 0; at < codes.Length; at += 3)
        {
            if (code.SequenceEqual(codes.Slice(at, 3)))
            {
                return true;
            }
        }

        return false;
    }
}
