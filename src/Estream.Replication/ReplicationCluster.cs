using System.Net;
using System.Security.Cryptography.X509Certificates;
using Estream.Queue;
using static Estream.Replication.Internal.ArgumentCheck;

namespace Estream.Replication;

/// <summary>A cluster of RabbitMQ brokers and how to reach it. Immutable.</summary>
public sealed record ReplicationCluster
{
    /// <summary>The length of <see cref="Key"/> in bytes.</summary>
    public const int KeyBytes = 32;

    private const int MaxNameLength = 64;

    // RabbitMQ creates this user with its name as the password.
    private const string DefaultUser = "guest";

    /// <summary>The name of the cluster: 1 to 64 ASCII letters, digits, '-', '_' or '.'. Streams of clusters with different names are
    /// separate, even on the same brokers.</summary>
    public required string Name { get; init; }

    /// <summary>Host names or addresses and ports of the brokers. Clients try them in random order.</summary>
    public required IReadOnlyList<DnsEndPoint> Brokers { get; init; }

    /// <summary>The user. The default can be used only if all brokers are on this machine.</summary>
    public string User { get; init; } = DefaultUser;

    /// <summary>The password.</summary>
    public string Password { get; init; } = DefaultUser;

    /// <summary>The virtual host.</summary>
    public string VirtualHost { get; init; } = "/";

    /// <summary>Whether connections use TLS. Brokers that are not on this machine require it unless <see cref="AllowPlaintext"/>.</summary>
    public bool UseTls { get; init; }

    /// <summary>Whether connections to other machines may be plaintext.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>The certificate authorities that sign the certificates of the brokers; empty for those of the system.</summary>
    public IReadOnlyList<X509Certificate2> Authorities { get; init; } = [];

    /// <summary>The certificate of this client; null for none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The number of brokers that store each stream, from 1 to 9. A message is confirmed when a majority has it.</summary>
    public int Factor { get; init; } = 3;

    /// <summary>32 bytes with which entries are encrypted (AES-256-GCM), so that brokers cannot read them; empty for plaintext
    /// entries.</summary>
    public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Earlier keys, the newest first. Entries that are encrypted with them are still read.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> EarlierKeys { get; init; } = [];

    /// <summary>The region in which all brokers and all members of the cluster are, such as <c>lex://acme/eu</c>; null if not known. A
    /// queue that is marked for a region is only published if its region contains this one. Copies are marked for this
    /// region.</summary>
    public string? Region { get; init; }

    /// <summary>How long a broker or client may be silent before the other side closes the connection.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The limit of the frames of one entry in bytes, from 4 KiB to 4 MiB.</summary>
    public int MaxBatchBytes { get; init; } = 256 << 10;

    /// <summary>How long a publisher waits for further messages before it sends a batch that is not full, at most 100 ms.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The limit of bytes that are sent and not confirmed.</summary>
    public long MaxInFlightBytes { get; init; } = 8 << 20;

    /// <summary>Throws if a value is out of range.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        Require(IsName(Name), $"'{Name}' is not a valid cluster name: use 1 to {MaxNameLength} ASCII letters, digits, '-', '_' or '.'.");
        Require(Brokers.Count is > 0 and <= 64, $"{Brokers.Count} brokers are given; 1 to 64 are possible.");
        Require(Region is null || StreamRegion.IsValid(Region), $"Region is '{Region}'; it must be a lex address such as lex://acme/eu.");
        Require(Factor is >= 1 and <= 9, $"Factor is {Factor}; it must be 1 to 9.");
        Require(Key.Length is 0 or KeyBytes, $"Key has {Key.Length} bytes; it must have {KeyBytes}, or none.");
        Require(EarlierKeys.All(key => key.Length == KeyBytes) && (EarlierKeys.Count == 0 || Key.Length > 0),
            $"EarlierKeys must have {KeyBytes} bytes each, and require Key.");
        Require(MaxBatchBytes is >= 4 << 10 and <= 4 << 20, $"MaxBatchBytes is {MaxBatchBytes}; it must be 4096 to 4194304.");
        Require(Linger >= TimeSpan.Zero && Linger.TotalMilliseconds <= 100, $"Linger is {Linger}; it must be 0 to 100 ms.");
        Require(Heartbeat.TotalSeconds is >= 1 and <= 60, $"Heartbeat is {Heartbeat}; it must be 1 to 60 s.");
        Require(MaxInFlightBytes >= MaxBatchBytes, $"MaxInFlightBytes is {MaxInFlightBytes}; it must be at least MaxBatchBytes.");
        DnsEndPoint? remote = UseTls || AllowPlaintext ? null : Brokers.FirstOrDefault(broker => !IsLoopback(broker.Host));
        Require(remote is null,
            $"Broker '{remote?.Host}' is on another machine and TLS is off. Use TLS, or allow plaintext on a network that you trust.");
        DnsEndPoint? known = User == DefaultUser ? Brokers.FirstOrDefault(broker => !IsLoopback(broker.Host)) : null;
        Require(known is null,
            $"User is '{DefaultUser}', and broker '{known?.Host}' is on another machine: the password of this user is public. Add a user "
            + "to the brokers (rabbitmqctl add_user), and set User and the password (Replication:User and Replication:PasswordFile).");
    }

    /// <summary>Omits the password and the key, so printing the cluster never logs them.</summary>
    public override string ToString() =>
        $"{Name} ({User} at {string.Join(", ", Brokers.Select(broker => $"{broker.Host}:{broker.Port}"))})";

    internal static bool IsName(string name) => name.Length is > 0 and <= MaxNameLength
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
