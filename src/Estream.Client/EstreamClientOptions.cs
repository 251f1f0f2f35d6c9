using System.Net.Security;

namespace Estream.Client;

/// <summary>The options of an <see cref="EstreamClient"/>.</summary>
public sealed record EstreamClientOptions
{
    /// <summary>The access token of the host; <see langword="null"/>, the default, for none. A Unix socket needs
    /// none.</summary>
    public string? Token { get; init; }

    /// <summary>The name of this client in the host's log. Default: the name of the process.</summary>
    public string Name { get; init; } = Environment.ProcessPath is { } path ? Path.GetFileName(path) : "client";

    /// <summary>The total time to connect. Attempts repeat while the host cannot be reached; each takes at most a third of it, or 5 s.
    /// Default 30 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The interval of keep-alives while nothing is sent; the host closes a connection after three intervals without a frame.
    /// Default 10 s; 1 s to 1 h.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The unacknowledged bytes of an appender from which appends wait. Default 4 MiB.</summary>
    public int AppendWindowBytes { get; init; } = 4 << 20;

    /// <summary>The size at which an appender sends a batch. Default 128 KiB.</summary>
    public int AppendBatchBytes { get; init; } = 128 << 10;

    /// <summary>The bytes that a subscription buffers before the host stops sending. Default 1 MiB.</summary>
    public int SubscriptionBytes { get; init; } = 1 << 20;

    /// <summary>Whether a token and messages may be sent without TLS to another machine. Default false.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>Checks the certificate of the host; <see langword="null"/>, the default, for the rules of the system.</summary>
    public RemoteCertificateValidationCallback? CertificateValidation { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(KeepAlive, TimeSpan.FromSeconds(1), nameof(KeepAlive));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(KeepAlive, TimeSpan.FromHours(1), nameof(KeepAlive));
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectTimeout, TimeSpan.Zero, nameof(ConnectTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(AppendWindowBytes, 1, nameof(AppendWindowBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(AppendBatchBytes, 1, nameof(AppendBatchBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(SubscriptionBytes, 1, nameof(SubscriptionBytes));
    }

    /// <summary>Omits the token, so printing the options never logs it.</summary>
    public override string ToString() => $"{Name}{(Token is null ? "" : " (token set)")}";
}
