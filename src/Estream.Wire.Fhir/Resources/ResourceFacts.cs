namespace Estream.Wire.Fhir.Resources;

/// <summary>The values of a resource that searches, scopes and consents ask for. Immutable.</summary>
internal sealed record ResourceFacts
{
    /// <summary>The resource type.</summary>
    public required string Type { get; init; }

    /// <summary>The values of search parameters.</summary>
    public required IReadOnlyList<FactToken> Tokens { get; init; }

    /// <summary>The patients that the resource is about: <c>Patient/23</c>, a URL, or <c>identifier:system|value</c>.</summary>
    public required IReadOnlyList<string> Patients { get; init; }

    /// <summary>The keys of patients that a patient, or the contained subject of another resource, is linked to.</summary>
    public IReadOnlyList<string> Links { get; init; } = [];

    /// <summary>The codes of <c>meta.security</c>.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>All codes anywhere in the resource, each once: of components, types, reasons and extensions.</summary>
    public IReadOnlyList<FactToken> Codes { get; init; } = [];

    /// <summary>The period of the search parameter <c>date</c>; null if the resource has none.</summary>
    public FactPeriod? Date { get; init; }

    /// <summary>The birth date of a patient; null if unknown.</summary>
    public FactPeriod? BirthDate { get; init; }

    /// <summary>The consent; null for other types.</summary>
    public Access.ConsentRecord? Consent { get; init; }

    /// <summary>The subscription; null for other types.</summary>
    public SubscriptionFacts? Subscription { get; init; }

    public IEnumerable<FactToken> Of(string parameter) => Tokens.Where(token => token.Parameter == parameter);
}

/// <summary>A value of a search parameter.</summary>
/// <param name="Parameter">The search parameter.</param>
/// <param name="System">The code system or identifier system; empty for none.</param>
/// <param name="Value">The code, identifier value, reference or text.</param>
internal readonly record struct FactToken(string Parameter, string System, string Value);

/// <summary>A half-open interval of ticks, UTC.</summary>
/// <param name="Start">The first tick.</param>
/// <param name="End">The tick after the last.</param>
internal readonly record struct FactPeriod(long Start, long End)
{
    /// <summary>The start of a period that states no start: before every date.</summary>
    public const long NoStart = -1;

    /// <summary>The end of a period that states no end: after every date, also after 9999-12-31.</summary>
    public const long NoEnd = long.MaxValue;

    public bool Contains(FactPeriod other) => Start <= other.Start && other.End <= End;

    public bool Overlaps(FactPeriod other) => Start < other.End && other.Start < End;
}

/// <summary>What a server needs of a Subscription.</summary>
/// <param name="Status">requested, active, error or off.</param>
/// <param name="Criteria">The search, as in <c>Observation?code=1234-5</c>.</param>
/// <param name="ChannelType">rest-hook, or a type that is not supported.</param>
/// <param name="Endpoint">The URL that gets the notifications.</param>
/// <param name="Payload">The MIME type of the payload; empty for notifications without the resource.</param>
internal sealed record SubscriptionFacts(string Status, string Criteria, string ChannelType, string Endpoint, string Payload);
