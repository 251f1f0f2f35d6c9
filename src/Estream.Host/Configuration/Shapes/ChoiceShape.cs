namespace Estream.Host.Configuration;

/// <summary>One of a closed set of words.</summary>
internal sealed class ChoiceShape(params string[] choices) : ScalarShape
{
    public override string Expectation => $"one of {string.Join(", ", choices)}";

    protected override bool Accepts(string text) => choices.Contains(text, StringComparer.Ordinal);

    protected override string Hint(string text) => Suggestion.For(text, choices);
}
