namespace Estream.Wire.Iso20022.Validation;

/// <summary>How many digits behind the point the currencies of ISO 4217 have.</summary>
internal static class CurrencyDigits
{
    /// <summary>Metals, which are traded by weight and have no minor unit.</summary>
    public static ReadOnlySpan<byte> Commodities => "XAGXAUXPDXPT"u8;

    // Three letters each.
    private static ReadOnlySpan<byte> None => "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF"u8;

    private static ReadOnlySpan<byte> Three => "BHDIQDJODKWDLYDOMRTND"u8;

    private static ReadOnlySpan<byte> Four => "CLFUYW"u8;

    // Funds, units of account, and codes for tests and for none.
    private static ReadOnlySpan<byte> Open => "XBAXBBXBCXBDXDRXSUXTSXUAXXX"u8;

    /// <summary>The most digits of an amount in a currency; of one that has no minor unit, and of one that is none, as many as there
    /// are.</summary>
    public static int Of(ReadOnlySpan<byte> currency)
    {
        return IsIn(None, currency) ? 0
            : IsIn(Three, currency) ? 3
            : IsIn(Four, currency) ? 4
            : currency.Length != 3 || IsIn(Open, currency) || IsIn(Commodities, currency) ? int.MaxValue
            : 2;
    }

    /// <summary>Whether a code is in a list of codes of three letters.</summary>
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
