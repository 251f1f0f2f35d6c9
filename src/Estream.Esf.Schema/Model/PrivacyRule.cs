namespace Estream.Esf.Schema;

/// <summary>How much of a field's value a reader gets.</summary>
public enum PrivacyLevel
{
    /// <summary>The value is stored in clear.</summary>
    Public,
    /// <summary>The value is for holders of an audience key only.</summary>
    Encrypted,
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
/// Who may read a field. This version of the library keeps the rule in the model and in the schema id, and does not
/// yet encrypt: a field marked encrypted is still written in clear.
/// </summary>
public sealed class PrivacyRule
{
    /// <summary>A rule by the level of everybody and the exceptions to it.</summary>
    public PrivacyRule(PrivacyLevel defaultLevel, IReadOnlyList<AudienceGrant> audiences)
    {
        DefaultLevel = defaultLevel;
        Audiences = audiences;
    }

    /// <summary>The rule of a field that says nothing about privacy.</summary>
    public static PrivacyRule Public { get; } = new(PrivacyLevel.Public, []);

    /// <summary>What somebody sees who is in no audience.</summary>
    public PrivacyLevel DefaultLevel { get; }

    /// <summary>What the named audiences see.</summary>
    public IReadOnlyList<AudienceGrant> Audiences { get; }
}
