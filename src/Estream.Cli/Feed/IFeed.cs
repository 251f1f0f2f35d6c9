namespace Estream.Cli.Feed;

/// <summary>Sends simulated messages over one protocol.</summary>
internal interface IFeed
{
    /// <summary>Messages after which it ends by itself; 0: never.</summary>
    long MaxMessages { get; }

    /// <summary>What it has done up to now.</summary>
    FeedCounts Count(long monotonicNanos);

    /// <summary>Sends until it is cancelled, or all were sent.</summary>
    Task RunAsync(CancellationToken cancellation);
}
