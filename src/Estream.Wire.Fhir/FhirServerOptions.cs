using System.Net;
using Estream.Esf;

namespace Estream.Wire.Fhir;

/// <summary>The options of a FHIR server. Immutable.</summary>
public sealed record FhirServerOptions
{
    /// <summary>The address to listen on. Default: 127.0.0.1. Others need <see cref="Tls"/> and <see cref="TokensFile"/>, or <see
    /// cref="UnsafeAllowAnyPeer"/>.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 for any free port. Default: 8094.</summary>
    public int Port { get; init; } = 8094;

    /// <summary>The path of the server. Default: <c>/fhir</c>; <c>/</c> for the root.</summary>
    public string BasePath { get; init; } = "/fhir";

    /// <summary>The URL by which clients know the server, if a proxy is between. Default: address, port and path.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>Further URLs that name the server in references, such as a previous <see cref="PublicUrl"/>. Consents, scopes and searches
    /// treat a reference below one of them as a reference to this server. Default: none.</summary>
    public IReadOnlyList<string> OtherUrls { get; init; } = [];

    /// <summary>The TLS options. Default: plain HTTP.</summary>
    public WireServerTlsOptions? Tls { get; init; }

    /// <summary>The file of tokens with their scopes. Default: none; every local client may do everything.</summary>
    public string? TokensFile { get; init; }

    /// <summary>The queue of records of requests that read; they have the schema FhirAccess. Default: none; reads are not
    /// recorded.</summary>
    public string? AccessQueue { get; init; }

    /// <summary>Accepts clients beyond loopback without TLS or tokens. Default: false.</summary>
    public bool UnsafeAllowAnyPeer { get; init; }

    /// <summary>The queue of commits. Only this adapter may fill it, and it must retain everything.</summary>
    public required string Queue { get; init; }

    /// <summary>The folder with a private key of an audience of FhirCommit.</summary>
    public required string KeyFolder { get; init; }

    /// <summary>The schemas of esf-health that changes are translated to. Default: none.</summary>
    public IReadOnlyList<FhirMapping> Mappings { get; init; } = [];

    /// <summary>The key of pseudonyms; required with mappings.</summary>
    public WireSecret? PseudonymKey { get; init; }

    /// <summary>Whether access to data of a patient without a rule in any consent is permitted. Default: true.</summary>
    public bool ConsentDefault { get; init; } = true;

    /// <summary>Whether a client may choose the id of a new resource with PUT. Default: true.</summary>
    public bool AllowClientIds { get; init; } = true;

    /// <summary>The prefixes of URLs that subscriptions may notify. Default: none.</summary>
    public IReadOnlyList<string> SubscriptionEndpoints { get; init; } = [];

    /// <summary>The maximum number of connections. Default: 200.</summary>
    public int MaxConnections { get; init; } = 200;

    /// <summary>The maximum number of connections of one address. Default: a quarter of <see cref="MaxConnections"/>, and no limit on
    /// loopback.</summary>
    public int? MaxConnectionsPerAddress { get; init; }

    /// <summary>The number of resources that the searches of one request may examine. Default: 2,000,000.</summary>
    public int MaxScannedResources { get; init; } = 2_000_000;

    /// <summary>The time for the TLS handshake and the first accepted request of a connection.</summary>
    internal TimeSpan PendingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request waits for its turn.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The maximum length of a body in bytes. Default: 4 MiB.</summary>
    public int MaxBodyBytes { get; init; } = 4 << 20;

    /// <summary>The maximum number of entries of a bundle. Default: 1,000.</summary>
    public int MaxBundleEntries { get; init; } = 1_000;
}

/// <summary>Maps a resource type to a queue.</summary>
/// <param name="Schema">FhirPatient, FhirObservation, FhirEncounter or FhirConsent.</param>
/// <param name="Queue">The queue.</param>
public sealed record FhirMapping(EsfSchema Schema, string Queue);
