using Estream.Esf;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7;

/// <summary>The options of an <see cref="Hl7Sender"/>. Immutable.</summary>
public sealed record Hl7SenderOptions
{
    /// <summary>The name or address of the receiver.</summary>
    public required string Host { get; init; }

    /// <summary>The port of the receiver. Default: 2575, the registered port of HL7.</summary>
    public int Port { get; init; } = 2575;

    /// <summary>TLS options; null for plain TCP.</summary>
    public WireTlsOptions? Tls { get; init; }

    /// <summary>The maximum time in seconds for connecting and for each acknowledgement. Default: 30.</summary>
    public int TimeoutSeconds { get; init; } = 30;

    /// <summary>The maximum time in seconds between two attempts to connect. Default: 30.</summary>
    public int MaxReconnectSeconds { get; init; } = 30;

    /// <summary>The limits of messages and acknowledgements.</summary>
    public Hl7Limits Limits { get; init; } = new();

    /// <summary>The schema of the messages to send: Hl7Message.</summary>
    public required EsfSchema Schema { get; init; }

    /// <summary>The folder with the private key of the audience provider or auditor, which opens stored messages.</summary>
    public required string KeyFolder { get; init; }
}
