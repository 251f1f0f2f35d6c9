using System.Net;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022;

/// <summary>How messages over connections are answered.</summary>
public enum Iso20022Answers
{
    /// <summary>By messages of the standard: a stored pacs.008 gets a pacs.002 with the group status RCVD, a rejected message of any kind
    /// gets an admi.002, and other stored messages get no answer.</summary>
    Messages,

    /// <summary>By a frame for each message: <c>ACK</c> for a stored message, <c>NAK reason</c> for a rejected message.</summary>
    Frames,
}

/// <summary>The options of an <see cref="Iso20022Listener"/>. Immutable.</summary>
public sealed record Iso20022ListenerOptions
{
    /// <summary>The address to listen on. Default: 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 lets the system choose. Default: 20022. No port is registered for ISO 20022.</summary>
    public int Port { get; init; } = Iso20022Settings.DefaultPort;

    /// <summary>TLS options; null for plain TCP.</summary>
    public WireServerTlsOptions? Tls { get; init; }

    /// <summary>Whether peers of other machines may connect without a client certificate. The connections have no login. Default:
    /// false.</summary>
    public bool UnsafeAllowAnyPeer { get; init; }

    /// <summary>The maximum number of connections. Default: 200.</summary>
    public int MaxConnections { get; init; } = 200;

    /// <summary>The maximum number of connections of one address; 0 for a quarter of <see cref="MaxConnections"/> for other machines and no
    /// limit for this machine. Default: 0.</summary>
    public int MaxConnectionsPerAddress { get; init; }

    /// <summary>The only peers that are served, by the names in their certificates. Allowed are topics such as <c>pacs.008</c>. Default:
    /// empty, for all peers with an accepted certificate.</summary>
    public IReadOnlyList<WirePeer> Peers { get; init; } = [];

    /// <summary>The maximum time in seconds without a message before a connection is closed; 0 for no limit. Default: 600.</summary>
    public int IdleSeconds { get; init; } = 600;

    /// <summary>The maximum time in seconds for the TLS handshake (at most 10), from the first to the last byte of a message, for
    /// storing a message, and for sending an answer. Default: 30.</summary>
    public int MessageSeconds { get; init; } = 30;

    /// <summary>The maximum length of a message in bytes. Each connection buffers one message. Default: 4 MiB.</summary>
    public int MaxMessageBytes { get; init; } = Iso20022Settings.DefaultMessageBytes;

    /// <summary>The maximum memory in bytes that all connections use together to receive messages above 64 KiB; at least two messages of
    /// the maximum length. A connection that would need more is closed. Default: 256 MiB.</summary>
    public int MaxBufferedBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>How messages are checked. Default: <see cref="Iso20022Checks.SchemaAndRules"/>.</summary>
    public Iso20022Checks Checks { get; init; } = Iso20022Checks.SchemaAndRules;

    /// <summary>How messages are answered. Default: <see cref="Iso20022Answers.Messages"/>.</summary>
    public Iso20022Answers Answers { get; init; }

    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    internal void Validate()
    {
        Iso20022Settings.Range(nameof(Port), Port, 0, ushort.MaxValue);
        Iso20022Settings.Range(nameof(MaxConnections), MaxConnections, 1, 100_000);
        Iso20022Settings.Range(nameof(MaxConnectionsPerAddress), MaxConnectionsPerAddress, 0, 100_000);
        WirePeer.Check(Peers, Tls, MappedMessages.Names.Contains);
        Iso20022Settings.Range(nameof(IdleSeconds), IdleSeconds, 0, 86_400);
        Iso20022Settings.Range(nameof(MessageSeconds), MessageSeconds, 1, 3_600);
        Iso20022Settings.Range(
            nameof(MaxMessageBytes), MaxMessageBytes, Iso20022Settings.LeastMessageBytes, Iso20022Settings.MostMessageBytes);
        Iso20022Settings.Range(nameof(MaxBufferedBytes), MaxBufferedBytes, 1024 * 1024, int.MaxValue);
        bool hasClientCheck = Tls is { ClientCaFile: not null } or { ClientPins.Count: > 0 };
        if (!IPAddress.IsLoopback(Address) && !hasClientCheck && !UnsafeAllowAnyPeer)
        {
            throw new WireConfigurationException(
                nameof(Address),
                $"{Address} can be reached from other machines, and the connections have no login. Set Tls:ClientCaFile or Tls:ClientPins, "
                + "use 127.0.0.1, or set UnsafeAllowAnyPeer to true if the network admits trusted peers only.");
        }
    }
}
