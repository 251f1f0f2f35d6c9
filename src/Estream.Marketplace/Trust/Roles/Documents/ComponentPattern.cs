namespace Estream.Marketplace.Trust.Roles;

/// <summary>
/// A pattern that selects components: one by name (<c>@acme/meter</c>), all in a scope (<c>@acme/*</c>), or all (<c>*</c>). No other form
/// is accepted, so a pattern cannot be misread. Immutable.
/// </summary>
public sealed record ComponentPattern
{
    private const int MaxLength = 128;

    private ComponentPattern(string text) => Text = text;

    /// <summary>The text of the pattern.</summary>
    public string Text { get; }

    /// <summary>Parses a pattern.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text is not a pattern.</exception>
    public static ComponentPattern Parse(string text) =>
        IsPattern(text)
            ? new ComponentPattern(text)
            : throw new FormatException($"'{text}' is not a valid component pattern. Use '@scope/name', '@scope/*' or '*'.");

    /// <summary>Returns whether the pattern matches a component.</summary>
    /// <param name="component">The name of the component.</param>
    public bool Matches(string component)
    {
        ArgumentNullException.ThrowIfNull(component);
        return Text == "*" || Text == component
            || (Text.EndsWith("/*", StringComparison.Ordinal) && component.StartsWith(Text[..^1], StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    internal static bool IsPattern(string text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength)
        {
            return false;
        }

        string[] parts = text[0] == '@' ? text[1..].Split('/') : [text];
        return text == "*"
            || (parts.Length == (text[0] == '@' ? 2 : 1) && IsPart(parts[0])
                && (IsPart(parts[^1]) || (parts.Length == 2 && parts[1] == "*")));
    }

    private static bool IsPart(string part) =>
        part.Length > 0 && part.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');
}
