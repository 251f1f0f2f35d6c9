using System.Diagnostics.CodeAnalysis;
using Estream.Esf.Schema;

namespace Estream.Marketplace;

/// <summary>
/// The name of a component: <c>@scope/name</c>, or <c>name</c> for components of the project itself. The scope and the name consist of
/// lower-case ASCII letters, digits and single inner hyphens, so no two names look alike and every name is a valid directory name on every
/// system. Immutable; ordered by its text.
/// </summary>
public sealed class ComponentName : IEquatable<ComponentName>, IComparable<ComponentName>
{
    /// <summary>The maximum length of a scope, in characters without its <c>@</c>.</summary>
    public const int MaxScopeLength = 39;

    /// <summary>The maximum length of a name, in characters without its scope.</summary>
    public const int MaxNameLength = 64;

    // Windows device names, which cannot be directory names.
    private static readonly string[] s_devices =
    [
        "con", "prn", "aux", "nul",
        "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
        "lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
    ];

    private readonly string _text;

    private ComponentName(string? scope, string name, string text)
    {
        Scope = scope;
        Name = name;
        _text = text;
    }

    /// <summary>The scope without its <c>@</c>; null for a component of the project itself.</summary>
    public string? Scope { get; }

    /// <summary>The name within the scope.</summary>
    public string Name { get; }

    /// <summary>Parses a name. Returns false and the fault if the text is not a valid name; never throws.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ComponentName? name, [NotNullWhen(false)] out ParseFault? fault)
    {
        name = null;
        if (string.IsNullOrEmpty(text))
        {
            fault = new ParseFault(0, "the component name is missing; use name or @scope/name");
            return false;
        }

        int slash = -1;
        if (text[0] == '@')
        {
            slash = text.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0)
            {
                fault = new ParseFault(text.Length, "the scope must be followed by / and a name; use @scope/name");
                return false;
            }

            fault = FaultOf(text.AsSpan(1, slash - 1), 1, "scope", MaxScopeLength);
            if (fault is not null)
            {
                return false;
            }
        }

        fault = FaultOf(text.AsSpan(slash + 1), slash + 1, "name", MaxNameLength);
        if (fault is not null)
        {
            return false;
        }

        name = new ComponentName(slash < 0 ? null : text[1..slash], text[(slash + 1)..], text);
        return true;
    }

    /// <summary>Parses a name that is known to be valid.</summary>
    /// <exception cref="FormatException">The text is not a valid name.</exception>
    public static ComponentName Parse(string text) =>
        TryParse(text, out ComponentName? name, out ParseFault? fault)
            ? name
            : throw new FormatException($"'{text}' is not a valid component name: {fault}");

    /// <inheritdoc/>
    public bool Equals(ComponentName? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ComponentName);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(_text, StringComparison.Ordinal);

    /// <summary>Compares the texts ordinally; names with a scope come first.</summary>
    public int CompareTo(ComponentName? other) => string.CompareOrdinal(_text, other?._text);

    /// <summary>Returns the text of the name: <c>@scope/name</c> or <c>name</c>.</summary>
    public override string ToString() => _text;

    /// <summary>Returns whether the names are equal.</summary>
    public static bool operator ==(ComponentName? left, ComponentName? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Returns whether the names differ.</summary>
    public static bool operator !=(ComponentName? left, ComponentName? right) => !(left == right);

    /// <summary>Returns whether the left name comes first.</summary>
    public static bool operator <(ComponentName? left, ComponentName? right) => Compare(left, right) < 0;

    /// <summary>Returns whether the left name comes first or the names are equal.</summary>
    public static bool operator <=(ComponentName? left, ComponentName? right) => Compare(left, right) <= 0;

    /// <summary>Returns whether the right name comes first.</summary>
    public static bool operator >(ComponentName? left, ComponentName? right) => Compare(left, right) > 0;

    /// <summary>Returns whether the right name comes first or the names are equal.</summary>
    public static bool operator >=(ComponentName? left, ComponentName? right) => Compare(left, right) >= 0;

    private static int Compare(ComponentName? left, ComponentName? right) => string.CompareOrdinal(left?._text, right?._text);

    private static ParseFault? FaultOf(ReadOnlySpan<char> part, int offset, string kind, int maxLength)
    {
        if (part.IsEmpty)
        {
            return new ParseFault(offset, $"the {kind} is empty");
        }

        if (part.Length > maxLength)
        {
            return new ParseFault(offset + maxLength, $"a {kind} has at most {maxLength} characters");
        }

        for (int i = 0; i < part.Length; i++)
        {
            char c = part[i];
            bool isHyphen = c == '-';
            if (!isHyphen && c is not (>= 'a' and <= 'z') and not (>= '0' and <= '9'))
            {
                return new ParseFault(offset + i, $"a {kind} may only contain a-z, 0-9 and -");
            }

            if (isHyphen && (i == 0 || i == part.Length - 1 || part[i - 1] == '-'))
            {
                return new ParseFault(offset + i, $"a hyphen in a {kind} must be single and between letters or digits");
            }
        }

        foreach (string device in s_devices)
        {
            if (part.SequenceEqual(device))
            {
                return new ParseFault(offset, $"'{device}' is a device name on Windows and cannot be a {kind}; choose another");
            }
        }

        return null;
    }
}
