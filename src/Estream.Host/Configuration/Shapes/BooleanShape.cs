namespace Estream.Host.Configuration;

/// <summary>True or false.</summary>
internal sealed class BooleanShape : ScalarShape
{
    public static BooleanShape Instance { get; } = new();

    public override string Expectation => "true or false";

    protected override bool Accepts(string text) => bool.TryParse(text, out _);
}
