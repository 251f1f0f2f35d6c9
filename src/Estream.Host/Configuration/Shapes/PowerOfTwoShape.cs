using System.Globalization;

namespace Estream.Host.Configuration;

/// <summary>A size in bytes that has to be a power of two.</summary>
internal sealed class PowerOfTwoShape(long minimum, long maximum) : ScalarShape
{
    public override string Expectation =>
        string.Create(CultureInfo.InvariantCulture, $"a power of two from {minimum} to {maximum}, in bytes");

    protected override bool Accepts(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
        && value >= minimum && value <= maximum && long.IsPow2(value);
}
