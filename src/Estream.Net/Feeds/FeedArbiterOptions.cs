using System.Numerics;
using Estream.Core;

namespace Estream.Net.Feeds;

/// <summary>Options of a <see cref="FeedArbiter"/>.</summary>
public sealed record FeedArbiterOptions
{
    /// <summary>The maximum number of feeds.</summary>
    public const int MaxFeeds = 8;

    private const int MaxWindow = 1 << 20;
    private const int MaxPayload = 65_527;

    /// <summary>The number of feeds, 1 to <see cref="MaxFeeds"/>. If you request retransmissions from the venue, count them as one more
    /// feed. Default: 2.</summary>
    public int Feeds { get; init; } = 2;

    /// <summary>The sequence number of the first message of a session. Default: 1.</summary>
    public long FirstSequence { get; init; } = 1;

    /// <summary>The number of messages to keep while an earlier message is missing: a power of two from 16 to 1,048,576. A message
    /// further ahead ends the wait for the missing message. Default: 4,096.</summary>
    public int Window { get; init; } = 4096;

    /// <summary>The length of the longest message in bytes, 1 to 65,527. A packet with a longer message is invalid. Window and length
    /// determine the memory: 6 MiB by default. Default: 1,500.</summary>
    public int MaxMessageBytes { get; init; } = 1500;

    /// <summary>How long to wait for a missing message. Use more than the delay between the feeds. Default: 10 ms.</summary>
    public TimeSpan GapTimeout { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>After this time without a packet of the session, the arbiter accepts a packet of another session, or a packet far
    /// ahead. Use more than the time between heartbeats. Default: 5 s.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many messages a packet may be ahead of the highest known message; at least <see cref="Window"/>. Without a limit,
    /// one forged packet would make all following packets old. Default: 1,048,576.</summary>
    public long MaxAhead { get; init; } = 1 << 20;

    /// <summary>The clock; the system clock by default.</summary>
    public IClock Clock { get; init; } = SystemClock.Instance;

    internal void Validate()
    {
        RequireRange(Feeds, 1, MaxFeeds, nameof(Feeds));
        RequireRange(FirstSequence, 0, int.MaxValue, nameof(FirstSequence));
        RequireRange(Window, 16, MaxWindow, nameof(Window));
        RequireRange(MaxMessageBytes, 1, MaxPayload, nameof(MaxMessageBytes));
        RequireRange(MaxAhead, Window, long.MaxValue / 4, nameof(MaxAhead));
        RequireRange(GapTimeout.Ticks, 0, TimeSpan.TicksPerDay, nameof(GapTimeout));
        RequireRange(SessionTimeout.Ticks, 0, TimeSpan.TicksPerDay, nameof(SessionTimeout));
        if (!BitOperations.IsPow2(Window) || (long)Window * MaxMessageBytes > Array.MaxLength)
        {
            throw new ArgumentException($"{nameof(Window)} is {Window}, and {nameof(MaxMessageBytes)} is {MaxMessageBytes}. Use a power of "
                + "two for the window, and at most 2 GiB for the product of both.");
        }
    }

    private static void RequireRange(long value, long least, long most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentException($"{name} is {value}. Use {least} to {most}.");
        }
    }
}
