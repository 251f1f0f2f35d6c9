namespace Estream.Esf.Schema;

/// <summary>How much of a field's value a reader sees.</summary>
public enum PrivacyLevel
{
    /// <summary>The value is stored unencrypted.</summary>
    Public,
    /// <summary>Only holders of an audience key can read the value.</summary>
    Encrypted,
    /// <summary>The value is a card number, stored as a token with the same first six and last four digits. Allowed as default level
    /// only.</summary>
    Tokenized,
}

/// <summary>The level of one audience.</summary>
public sealed class AudienceGrant
{
    /// <summary>Grants a level to an audience.</summary>
    public AudienceGrant(string audience, PrivacyLevel level)
    {
        Audience = audience;
        Level = level;
    }

    /// <summary>The name of the audience.</summary>
    public string Audience { get; }

    /// <summary>The level of the audience.</summary>
    public PrivacyLevel Level { get; }
}

/// <summary>
/// The rule that determines who may read a field. A field whose default level is encrypted is private: its values are stored sealed for the
/// audiences that have the level public. Immutable.
/// </summary>
public sealed class PrivacyRule
{
    /// <summary>The audience of a private field that names no audience: the operator of the log.</summary>
    public const string DefaultAudience = "default";

    private IReadOnlyList<string>? _readers;

    /// <summary>Creates a rule from the default level, the audiences with another level, and the sub-lex of the values.</summary>
    public PrivacyRule(PrivacyLevel defaultLevel, IReadOnlyList<AudienceGrant> audiences, string? subLex = null)
    {
        DefaultLevel = defaultLevel;
        Audiences = audiences;
        SubLex = subLex;
    }

    /// <summary>The rule of a field without <c>privacy</c>.</summary>
    public static PrivacyRule Public { get; } = new(PrivacyLevel.Public, []);

    /// <summary>The level of readers in none of the audiences.</summary>
    public PrivacyLevel DefaultLevel { get; }

    /// <summary>The levels of the named audiences.</summary>
    public IReadOnlyList<AudienceGrant> Audiences { get; }

    /// <summary>The sub-lex in which private values are stored, separately from their message; null if they are stored in the
    /// message.</summary>
    public string? SubLex { get; }

    /// <summary>Whether values are stored sealed.</summary>
    public bool IsPrivate => DefaultLevel == PrivacyLevel.Encrypted;

    /// <summary>Whether a token is stored instead of the value.</summary>
    public bool IsTokenized => DefaultLevel == PrivacyLevel.Tokenized;

    /// <summary>
    /// The audiences whose keys open a private value, without duplicates and sorted by bytes; <see cref="DefaultAudience"/> if no audience
    /// has the level public. Empty for a field that is not private.
    /// </summary>
    public IReadOnlyList<string> Readers => _readers ??= ReadersOf();

    private string[] ReadersOf()
    {
        if (!IsPrivate)
        {
            return [];
        }

        string[] named =
        [
            .. Audiences.Where(grant => grant.Level == PrivacyLevel.Public).Select(grant => grant.Audience)
                .Distinct(StringComparer.Ordinal).OrderBy(name => name, StringComparer.Ordinal),
        ];
        return named.Length == 0 ? [DefaultAudience] : named;
    }
}

/// <summary>The names of the privacy levels in the schema language.</summary>
internal static class PrivacyNames
{
    public static readonly string[] All = ["public", "encrypted", "tokenized"];

    public static string NameOf(PrivacyLevel level) => All[(int)level];

    public static bool TryGet(string name, out PrivacyLevel level)
    {
        int index = Array.IndexOf(All, name);
        level = index < 0 ? default : (PrivacyLevel)index;
        return index >= 0;
    }
}
