using System.Net;

namespace Estream.Host.Remote;

/// <summary>The section <c>Client</c>: how remote clients reach queues and maps. Paths are absolute.</summary>
internal sealed record ClientSettings
{
    public const int DefaultMaxFrameBytes = 1 << 20;
    public const int DefaultMaxConnections = 256;
    public const long DefaultMaxEntries = 1_000_000;

    /// <summary>The Unix socket for programs of the host's user; null for none.</summary>
    public string? Socket { get; init; }

    /// <summary>The TCP endpoint; null for none.</summary>
    public IPEndPoint? EndPoint { get; init; }

    /// <summary>The certificate of the TCP endpoint, in PEM; null for plain TCP.</summary>
    public string? Certificate { get; init; }

    /// <summary>The key of the certificate, in PEM; null if the certificate file contains it.</summary>
    public string? CertificateKey { get; init; }

    /// <summary>The maximum length of a frame in bytes.</summary>
    public int MaxFrameBytes { get; init; } = DefaultMaxFrameBytes;

    public int MaxConnections { get; init; } = DefaultMaxConnections;

    public int MaxConnectionsPerAddress { get; init; } = DefaultMaxConnections;

    /// <summary>The maximum number of entries of each map that clients write.</summary>
    public IReadOnlyDictionary<string, long> Maps { get; init; } = new Dictionary<string, long>();
}
