using System.Net;
using Estream.Esf;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7;

/// <summary>The options of an <see cref="Hl7Listener"/>. Immutable.</summary>
public sealed record Hl7ListenerOptions
{
    /// <summary>The address to listen on. Default: 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 lets the system choose. Default: 2575, the registered port of HL7.</summary>
    public int Port { get; init; } = 2575;

    /// <summary>TLS options; null for plain TCP.</summary>
    public WireServerTlsOptions? Tls { get; init; }

    /// <summary>Whether peers of other machines may connect without a client certificate. MLLP has no login. Default: false.</summary>
    public bool UnsafeAllowAnyPeer { get; init; }

    /// <summary>The maximum number of connections. Default: 200.</summary>
    public int MaxConnections { get; init; } = 200;

    /// <summary>The maximum number of connections of one address; 0 for a quarter of <see cref="MaxConnections"/> for other machines and no
    /// limit for this machine. Default: 0.</summary>
    public int MaxConnectionsPerAddress { get; init; }

    /// <summary>The only peers that are served, by the names in their certificates. Allowed are message types and trigger events, as in
    /// <see cref="Hl7Mapping.Messages"/>. Default: empty, for all peers with an accepted certificate.</summary>
    public IReadOnlyList<WirePeer> Peers { get; init; } = [];

    /// <summary>The maximum time in seconds without a message before a connection is closed; 0 for no limit. Default: 600.</summary>
    public int IdleSeconds { get; init; } = 600;

    /// <summary>The maximum time in seconds for the TLS handshake (at most 10), from the first to the last byte of a message, and for
    /// writing an acknowledgement. Default: 30.</summary>
    public int MessageSeconds { get; init; } = 30;

    /// <summary>The maximum memory in bytes that all connections use together to receive messages above 64 KiB; at least two messages of
    /// the maximum length. A connection that would need more is closed. Default: 256 MiB.</summary>
    public int MaxBufferedBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>The limits of a message.</summary>
    public Hl7Limits Limits { get; init; } = new();

    /// <summary>The offset of times without one, as in <c>+01:00</c> or <c>Z</c>. Default: empty, which stores the date of such times
    /// only.</summary>
    public string DefaultOffset { get; init; } = "";

    /// <summary>The key of the logical ids of FHIR resources: at least 16 bytes. Required if a FHIR schema is
    /// mapped. All adapters that store the same patients need the same key.</summary>
    public WireSecret? PseudonymKey { get; init; }

    /// <summary>Which messages are stored in which queues; at least one. A message is stored in the queue of each schema that is mapped for
    /// its type, and for each schema the first mapping that matches counts.</summary>
    public required IReadOnlyList<Hl7Mapping> Mappings { get; init; }
}

/// <summary>Stores messages of some types as messages of a schema. Immutable.</summary>
/// <param name="Schema">Hl7Message, Hl7Header, FhirPatient, FhirEncounter, FhirObservation, FhirServiceRequest, FhirAppointment or
/// FhirDocumentReference.</param>
/// <param name="Queue">The queue.</param>
/// <param name="Messages">The messages by type and trigger event, with + for any: <c>ADT/A01</c>, <c>ADT/+</c>. <c>#</c> for all.</param>
public sealed record Hl7Mapping(EsfSchema Schema, string Queue, string Messages = "#");
