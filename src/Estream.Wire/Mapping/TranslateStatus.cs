using Estream.Esf;

namespace Estream.Wire;

/// <summary>The outcome of translating a message. Creation costs nothing; <see cref="Describe"/> builds the text.</summary>
public readonly struct TranslateStatus
{
    private readonly string? _detail;
    private readonly EsfStatus _esf;

    private TranslateStatus(TranslateCode code, EsfStatus esf, string? detail)
    {
        Code = code;
        _esf = esf;
        _detail = detail;
    }

    /// <summary>The message was translated.</summary>
    public static TranslateStatus Ok => default;

    /// <summary>The outcome.</summary>
    public TranslateCode Code { get; }

    /// <summary>Whether the message was translated.</summary>
    public bool IsOk => Code == TranslateCode.Ok;

    /// <summary>Whether the destination is too short.</summary>
    public bool IsDestinationTooSmall => Code == TranslateCode.DestinationTooSmall;

    /// <summary>The destination is too short.</summary>
    public static TranslateStatus DestinationTooSmall =>
        new(TranslateCode.DestinationTooSmall, default, "the destination is too short for a message of this schema");

    /// <summary>No mapping matches the message.</summary>
    public static TranslateStatus NotMapped(string detail)
    {
        return new TranslateStatus(TranslateCode.NotMapped, default, detail);
    }

    /// <summary>The content is invalid for a reason other than the schema.</summary>
    public static TranslateStatus Unfit(string detail)
    {
        return new TranslateStatus(TranslateCode.Unfit, default, detail);
    }

    /// <summary>The adapter does not translate in this direction.</summary>
    public static TranslateStatus Unsupported(string detail)
    {
        return new TranslateStatus(TranslateCode.Unsupported, default, detail);
    }

    /// <summary>The status of the encoder.</summary>
    public static TranslateStatus Of(EsfStatus status)
    {
        if (status.IsOk)
        {
            return Ok;
        }

        return new TranslateStatus(status.IsDestinationTooSmall ? TranslateCode.DestinationTooSmall : TranslateCode.Unfit, status, null);
    }

    /// <summary>The reason without the offset in the message, so that counts by reason have few different ones. Allocates.</summary>
    internal string Group
    {
        get
        {
            string text = Describe([]);
            int offset = text.LastIndexOf(" (at byte ", StringComparison.Ordinal);
            return offset < 0 ? text : text[..offset];
        }
    }

    /// <summary>The reason as text. Allocates.</summary>
    /// <param name="payload">The refused payload, to name unknown members; may be empty.</param>
    public string Describe(ReadOnlySpan<byte> payload)
    {
        return _detail ?? _esf.Describe(payload);
    }
}

/// <summary>The outcomes of a translation.</summary>
public enum TranslateCode
{
    /// <summary>The message was translated.</summary>
    Ok,

    /// <summary>The destination is too short.</summary>
    DestinationTooSmall,

    /// <summary>No mapping matches the topic or the schema.</summary>
    NotMapped,

    /// <summary>The content violates the schema.</summary>
    Unfit,

    /// <summary>The adapter does not translate in this direction.</summary>
    Unsupported,
}
