namespace Estream.Esf.Expressions.Syntax;

/// <summary>The units of byte sizes: powers of 1000 (SI) and powers of 1024 (IEC 80000-13).</summary>
internal static class ByteSize
{
    private static readonly string[] s_units = ["kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>All units, for error messages.</summary>
    public static string Units => string.Join(", ", s_units);

    /// <summary>Gets the number of bytes in a unit; false if the unit is unknown.</summary>
    public static bool TryGetBytes(ReadOnlySpan<char> unit, out long bytes)
    {
        int number = s_units.AsSpan().IndexOf(unit.ToString());
        bytes = 1;
        for (int i = 0; i <= number % 4; i++)
        {
            bytes *= number < 4 ? 1000 : 1024;
        }

        return number >= 0;
    }
}
