using Estream.Client.Protocol;

namespace Estream.Client;

/// <summary>Where a subscription begins.</summary>
public readonly record struct SubscribeStart
{
    private SubscribeStart(StartKind kind, long value) => (Kind, Value) = (kind, value);

    /// <summary>The oldest message of the queue.</summary>
    public static SubscribeStart Oldest => default;

    /// <summary>The next message that is appended.</summary>
    public static SubscribeStart Next => new(StartKind.End, 0);

    internal StartKind Kind { get; }

    internal long Value { get; }

    /// <summary>The message at a position.</summary>
    /// <param name="position">The position of a message, or of the end of the queue.</param>
    public static SubscribeStart At(long position) => new(StartKind.Position, position);

    /// <summary>The message after the one at a position.</summary>
    /// <param name="position">The position of a message.</param>
    public static SubscribeStart After(long position) => new(StartKind.After, position);

    /// <summary>A sequence number.</summary>
    /// <param name="sequence">The number of a message.</param>
    public static SubscribeStart AtSequence(long sequence) => new(StartKind.Sequence, sequence);

    /// <summary>The first message appended at or after a time.</summary>
    /// <param name="utcNanos">The time in nanoseconds since 1970 UTC.</param>
    public static SubscribeStart AtTime(long utcNanos) => new(StartKind.Time, utcNanos);
}

/// <summary>The options of a subscription.</summary>
public sealed record SubscribeOptions
{
    /// <summary>The name of the cursor on the host that stores the position; <see langword="null"/>, the default, for none. A cursor keeps
    /// its messages from retention, and requires the role operator.</summary>
    public string? Cursor { get; init; }

    /// <summary>Where the subscription begins; <see langword="null"/>, the default, for the position of the cursor, or for the oldest
    /// message if there is no cursor.</summary>
    public SubscribeStart? From { get; init; }

    /// <summary>The qualified name of the schema whose messages are sent; <see langword="null"/>, the default, for all messages.</summary>
    public string? Schema { get; init; }

    /// <summary>An expression over the fields of <see cref="Schema"/>, for example <c>price &gt; 100</c>; only messages for which it is
    /// true are sent. <see langword="null"/>, the default, for all. See docs/formats/expressions.md.</summary>
    public string? Filter { get; init; }
}
