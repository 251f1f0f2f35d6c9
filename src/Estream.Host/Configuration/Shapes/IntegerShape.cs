using System.Globalization;

namespace Estream.Host.Configuration;

/// <summary>A whole number within an inclusive range.</summary>
internal sealed class IntegerShape(long minimum, long maximum, string unit = "") : ScalarShape
{
    /// <summary>A TCP port; 0 lets the system choose a free one, which the log then names.</summary>
    public static IntegerShape Port { get; } = new(0, 65535);

    public override string Expectation =>
        string.Create(CultureInfo.InvariantCulture, $"a whole number{(unit.Length == 0 ? "" : " of " + unit)} from {minimum} to {maximum}");

    protected override bool Accepts(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
        && value >= minimum && value <= maximum;
}
