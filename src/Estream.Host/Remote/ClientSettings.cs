using System.Net;

namespace Estream.Host.Remote;

/// <summary>The section <c>Client</c>: how remote clients reach queues and maps. Paths are absolute.</summary>
internal sealed record ClientSettings
{
    public const int DefaultMaxFrameBytes = 1 << 20;
    public const int DefaultMaxConnections = 256;

    /// <summary>By default, one address may have this part of the connections.</summary>
    public const int DefaultAddressShare = 4;

    public const long DefaultMaxEntries = 1_000_000;

    public static readonly TimeSpan DefaultMaxCursorAge = TimeSpan.FromDays(7);

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

    public int MaxConnectionsPerAddress { get; init; } = DefaultMaxConnections / DefaultAddressShare;

    /// <summary>How long retention waits for an unused cursor; zero for ever.</summary>
    public TimeSpan MaxCursorAge { get; init; } = DefaultMaxCursorAge;

    /// <summary>The maps that clients write, by name.</summary>
    public IReadOnlyDictionary<string, ClientMapSettings> Maps { get; init; } = new Dictionary<string, ClientMapSettings>();
}

/// <summary>A map that clients write.</summary>
/// <param name="MaxEntries">The maximum number of entries.</param>
/// <param name="KeyFile">The file with the master keys that encrypt the map; null if it is not encrypted.</param>
/// <param name="PrivateKeyFile">The ML-KEM-1024 key that opens wrapped master keys; null if none is wrapped.</param>
/// <param name="IsFlushed">Whether a change is flushed before it is acknowledged.</param>
internal sealed record ClientMapSettings(long MaxEntries, string? KeyFile, string? PrivateKeyFile = null, bool IsFlushed = false);
