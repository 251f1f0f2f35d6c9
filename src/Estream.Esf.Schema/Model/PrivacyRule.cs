namespace Estream.Esf.Schema;

/// <summary>How much of a field's value a reader gets.</summary>
public enum PrivacyLevel
{
    /// <summary>The value is stored in clear.</summary>
    Public,
    /// <summary>The value is for holders of an audience key only.</summary>
    Encrypted,
    /// <summary>The value is the number of a card, and a token stands for it: the first six and the last four digits are the card's. A
    /// default level only.</summary>
    Tokenized,
}

/// <summary>The level that one audience has.</summary>
public sealed class AudienceGrant
{
    /// <summary>A grant of a level to an audience.</summary>
    public AudienceGrant(string audience, PrivacyLevel level)
    {
        Audience = audience;
        Level = level;
    }

    /// <summary>Name of the audience.</summary>
    public string Audience { get; }

    /// <summary>What that audience sees.</summary>
    public PrivacyLevel Level { get; }
}

/// <summary>
/// Who may read a field. A field whose default level is encrypted is private: messages are stored with its values sealed for the audiences
/// that have the level public. Immutable.
/// </summary>
public sealed class PrivacyRule
{
    /// <summary>The audience of a private field that names none: whoever runs the log.</summary>
    public const string DefaultAudience = "default";

    private IReadOnlyList<string>? _readers;

    /// <summary>A rule by the level of everybody, the exceptions to it, and the sub-lex of the values.</summary>
    public PrivacyRule(PrivacyLevel defaultLevel, IReadOnlyList<AudienceGrant> audiences, string? subLex = null)
    {
        DefaultLevel = defaultLevel;
        Audiences = audiences;
        SubLex = subLex;
    }

    /// <summary>The rule of a field that says nothing about privacy.</summary>
    public static PrivacyRule Public { get; } = new(PrivacyLevel.Public, []);

    /// <summary>What somebody sees who is in no audience.</summary>
    public PrivacyLevel DefaultLevel { get; }

    /// <summary>What the named audiences see.</summary>
    public IReadOnlyList<AudienceGrant> Audiences { get; }

    /// <summary>The sub-lex that a private value is kept in, apart from its message; null for the message itself.</summary>
    public string? SubLex { get; }

    /// <summary>Whether values are stored sealed.</summary>
    public bool IsPrivate => DefaultLevel == PrivacyLevel.Encrypted;

    /// <summary>Whether a token is stored in the place of the value.</summary>
    public bool IsTokenized => DefaultLevel == PrivacyLevel.Tokenized;

    /// <summary>
    /// The audiences whose keys open a private value, each once and sorted by their bytes; <see cref="DefaultAudience"/> where none has the
    /// level public. Empty for a field that is not private.
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

/// <summary>The words of the schema language for privacy levels.</summary>
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
