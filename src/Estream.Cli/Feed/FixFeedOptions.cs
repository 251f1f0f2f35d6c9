using Estream.Wire;
using Estream.Wire.Fix;

namespace Estream.Cli.Feed;

/// <summary>Who a <see cref="FixFeed"/> is, whom it talks to, and how much it sends.</summary>
internal sealed record FixFeedOptions
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>How the acceptor is checked; null for TCP alone.</summary>
    public WireTlsOptions? Tls { get; init; }

    public required FixProtocol Protocol { get; init; }

    public required string Sender { get; init; }

    public required string Target { get; init; }

    public string? Username { get; init; }

    public string? PasswordFile { get; init; }

    public required double MessagesPerSecond { get; init; }

    /// <summary>0: without an end.</summary>
    public required long MaxMessages { get; init; }
}
