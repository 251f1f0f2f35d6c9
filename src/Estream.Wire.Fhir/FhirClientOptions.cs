using Estream.Esf;

namespace Estream.Wire.Fhir;

/// <summary>The options of a FHIR client. Immutable.</summary>
public sealed record FhirClientOptions
{
    /// <summary>The URL of the server.</summary>
    public required Uri Url { get; init; }

    /// <summary>The TLS options. Default: the authorities of the machine.</summary>
    public WireTlsOptions? Tls { get; init; }

    /// <summary>The bearer token. Default: none.</summary>
    public WireSecret? Token { get; init; }

    /// <summary>The time for a response in seconds. Default: 30.</summary>
    public int TimeoutSeconds { get; init; } = 30;

    /// <summary>The maximum wait between attempts in seconds. Default: 30.</summary>
    public int MaxReconnectSeconds { get; init; } = 30;

    /// <summary>The maximum length of a response in bytes. Default: 32 MiB.</summary>
    public int MaxBodyBytes { get; init; } = 32 << 20;

    /// <summary>The time between polls in seconds. Default: 60.</summary>
    public int PollSeconds { get; init; } = 60;

    /// <summary>The searches that are polled, such as <c>Observation?category=laboratory</c>. Default: none.</summary>
    public IReadOnlyList<string> Searches { get; init; } = [];

    /// <summary>The schemas of polled resources: FhirCommit and those of esf-health. Default: none.</summary>
    public IReadOnlyList<FhirMapping> Mappings { get; init; } = [];

    /// <summary>The key of pseudonyms; required with mappings of esf-health.</summary>
    public WireSecret? PseudonymKey { get; init; }

    /// <summary>The schema of messages to send, FhirCommit; null for a client that only polls.</summary>
    public EsfSchema? Egress { get; init; }

    /// <summary>The folder with a private key of an audience of FhirCommit; null for a client that only polls.</summary>
    public string? KeyFolder { get; init; }
}
