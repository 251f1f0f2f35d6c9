using Estream.Esf;

namespace Estream.Wire;

/// <summary>What came of translating one message. Costs nothing to make; the words are put together by <see cref="Describe"/>.</summary>
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

    /// <summary>What happened.</summary>
    public TranslateCode Code { get; }

    /// <summary>True when there is a message.</summary>
    public bool IsOk => Code == TranslateCode.Ok;

    /// <summary>True when a longer destination may help.</summary>
    public bool IsDestinationTooSmall => Code == TranslateCode.DestinationTooSmall;

    /// <summary>A longer destination may help.</summary>
    public static TranslateStatus DestinationTooSmall =>
        new(TranslateCode.DestinationTooSmall, default, "the destination is too short for a message of this schema");

    /// <summary>Nothing says what to do with such a message.</summary>
    public static TranslateStatus NotMapped(string detail)
    {
        return new TranslateStatus(TranslateCode.NotMapped, default, detail);
    }

    /// <summary>The content does not fit, for a reason the schema does not know.</summary>
    public static TranslateStatus Unfit(string detail)
    {
        return new TranslateStatus(TranslateCode.Unfit, default, detail);
    }

    /// <summary>The adapter does not translate in this direction.</summary>
    public static TranslateStatus Unsupported(string detail)
    {
        return new TranslateStatus(TranslateCode.Unsupported, default, detail);
    }

    /// <summary>What the schema says.</summary>
    public static TranslateStatus Of(EsfStatus status)
    {
        if (status.IsOk)
        {
            return Ok;
        }

        return new TranslateStatus(status.IsDestinationTooSmall ? TranslateCode.DestinationTooSmall : TranslateCode.Unfit, status, null);
    }

    /// <summary>The reason in words. Allocates.</summary>
    /// <param name="payload">The payload that was refused, so that unknown members can be named; may be empty.</param>
    public string Describe(ReadOnlySpan<byte> payload)
    {
        return _detail ?? _esf.Describe(payload);
    }
}

/// <summary>The outcomes of a translation.</summary>
public enum TranslateCode
{
    /// <summary>There is a message.</summary>
    Ok,

    /// <summary>The destination is too short.</summary>
    DestinationTooSmall,

    /// <summary>No mapping covers the topic or the schema.</summary>
    NotMapped,

    /// <summary>The content does not fit the schema.</summary>
    Unfit,

    /// <summary>The adapter does not translate in this direction.</summary>
    Unsupported,
}
