using Estream.Circuits;

namespace Estream.Host.Configuration;

/// <summary>The address of a stream.</summary>
internal sealed class LexShape : ScalarShape
{
    public static LexShape Instance { get; } = new();

    public override string Expectation => "an address such as lex://acme/boilers/telemetry";

    protected override bool Accepts(string text) => LexAddress.TryParse(text, out _, out _);

    protected override string Hint(string text) => LexAddress.TryParse(text, out _, out string? reason) ? "" : $" Here {reason}.";
}
