namespace Estream.Wire.Fix.Translation;

/// <summary>The codes of FIX for the enums of fix-orders.esf.yaml: the code of an enum value is at the index of the value.</summary>
internal static class FixCodes
{
    public static ReadOnlySpan<byte> Sides => "12"u8;

    public static ReadOnlySpan<byte> OrderTypes => "123456789ABCDEFGHIJKLMPQRS"u8;

    public static ReadOnlySpan<byte> TimesInForce => "0123456789ABC"u8;

    public static ReadOnlySpan<byte> OrderStatuses => "0123456789ABCDE"u8;

    public static ReadOnlySpan<byte> ExecTypes => "0123456789ABCDEFGHIJKLMN"u8;

    public static ReadOnlySpan<byte> UpdateActions => "012345"u8;

    public static ReadOnlySpan<byte> EntryKinds => "0123456789ABCDEFGHJKLMNOPQ"u8;

    /// <summary>Returns the enum value of a code; -1 if the code is not a standard one.</summary>
    public static int ValueOf(ReadOnlySpan<byte> code, ReadOnlySpan<byte> codes)
    {
        return code.Length == 1 ? codes.IndexOf(code[0]) : -1;
    }
}
