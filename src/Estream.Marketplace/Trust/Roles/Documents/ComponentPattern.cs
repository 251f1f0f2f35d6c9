namespace Estream.Marketplace.Trust.Roles;

/// <summary>
/// Which components a rule is about: one by its name (<c>@acme/meter</c>), those of a scope (<c>@acme/*</c>), or all (<c>*</c>). Nothing
/// else is a pattern, so that nobody misreads one. Immutable.
/// </summary>
public sealed record ComponentPattern
{
    private const int MaxLength = 128;

    private ComponentPattern(string text) => Text = text;

    /// <summary>As it is written.</summary>
    public string Text { get; }

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">As it is written.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static ComponentPattern Parse(string text) =>
        IsPattern(text)
            ? new ComponentPattern(text)
            : throw new FormatException($"'{text}' is no pattern of components: write '@scope/name', '@scope/*' or '*'.");

    /// <summary>Whether a component is one of those.</summary>
    /// <param name="component">Its name.</param>
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
