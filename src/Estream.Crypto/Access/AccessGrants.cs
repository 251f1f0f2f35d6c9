using System.Diagnostics.CodeAnalysis;

namespace Estream.Crypto;

/// <summary>
/// The marketplace rights of a token. A grant adds a right that no role below administrator has: <c>registrar:@acme</c> submits releases of
/// a namespace, <c>governance</c> moderates submissions. Immutable and thread-safe.
/// </summary>
public sealed class AccessGrants : IEquatable<AccessGrants>
{
    /// <summary>The maximum number of grants of a token.</summary>
    public const int MaxCount = 64;

    /// <summary>The longest time until a token with grants expires.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(90);

    private const int MaxNamespaceLength = 64;
    private const string Governance = "governance";
    private const string Registrar = "registrar:";

    private readonly string[] _grants;

    private AccessGrants(string[] grants)
    {
        _grants = grants;
    }

    /// <summary>No grants.</summary>
    public static AccessGrants None { get; } = new([]);

    /// <summary>Whether the token has none.</summary>
    public bool IsEmpty => _grants.Length == 0;

    /// <summary>Whether the token may moderate submissions.</summary>
    public bool IsModerator => _grants.Contains(Governance, StringComparer.Ordinal);

    /// <summary>Whether the token may submit releases of a namespace.</summary>
    /// <param name="space">The namespace: <c>@acme</c>, or <c>estream</c> for components without a scope.</param>
    public bool MayRegister(string space) => _grants.Contains(Registrar + space, StringComparer.Ordinal);

    /// <summary>Creates grants.</summary>
    /// <param name="grants">The grants, such as <c>registrar:@acme</c> and <c>governance</c>.</param>
    /// <exception cref="FormatException">A grant is not valid, or there are too many; the message says why.</exception>
    public static AccessGrants Create(IEnumerable<string> grants)
    {
        ArgumentNullException.ThrowIfNull(grants);
        string[] distinct = [.. grants.Distinct(StringComparer.Ordinal)];
        if (distinct.Length > MaxCount)
        {
            throw new FormatException($"A token has at most {MaxCount} grants.");
        }

        return Array.Find(distinct, text => !IsGrant(text)) is { } wrong
            ? throw new FormatException($"'{wrong}' is not a valid grant. Write registrar:@SCOPE or governance, such as registrar:@acme.")
            : new AccessGrants(distinct);
    }

    /// <summary>Reads the text of <see cref="ToString"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="grants">The grants.</param>
    /// <returns>False if the text is not valid.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out AccessGrants? grants)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        grants = parts.Length <= MaxCount && parts.All(IsGrant) ? new AccessGrants([.. parts.Distinct(StringComparer.Ordinal)]) : null;
        return grants is not null;
    }

    /// <inheritdoc/>
    public bool Equals(AccessGrants? other) => other is not null && _grants.AsSpan().SequenceEqual(other._grants);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AccessGrants);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToString());

    /// <summary>Returns the grants as in the token file, separated by spaces; empty for none.</summary>
    public override string ToString() => string.Join(' ', _grants);

    private static bool IsGrant(string text) => text == Governance
        || (text.StartsWith(Registrar, StringComparison.Ordinal) && IsNamespace(text.AsSpan(Registrar.Length)));

    private static bool IsNamespace(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> scope = text.StartsWith("@") ? text[1..] : text.SequenceEqual("estream") ? text : [];
        bool isNamed = scope.Length is > 0 and < MaxNamespaceLength && char.IsAsciiLetterLower(scope[0]);
        foreach (char letter in scope)
        {
            isNamed &= char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-';
        }

        return isNamed;
    }
}
