namespace Estream.Scenarios.Harness;

/// <summary>A measured number, with as many digits as it deserves.</summary>
internal static class Figure
{
    public static string Of(double value)
    {
        return value >= 10_000 ? value.ToString("N0") : value >= 100 ? value.ToString("0.0") : value.ToString("0.00");
    }
}
