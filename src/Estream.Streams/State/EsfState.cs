using Estream.Core;
using Estream.Queue;
using Estream.Streams.State;

namespace Estream.Streams;

/// <summary>Members common to all state streams; see <see cref="EsfState{TView}"/>.</summary>
public static class EsfState
{
    /// <summary>The maximum length of a key, in bytes.</summary>
    public const int MaxKeyBytes = 1_024;

    /// <summary>Appends a message that removes the state of a key. Costs one append.</summary>
    /// <param name="appender">An appender of the queue.</param>
    /// <param name="key">The key.</param>
    /// <returns>The position of the removal message.</returns>
    /// <exception cref="ArgumentException">The key is too long.</exception>
    /// <exception cref="EstreamStorageException">A new segment was needed and could not be created. Nothing was appended; try again
    /// later.</exception>
    public static long Remove(QueueAppender appender, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(appender);
        using AppendClaim claim = appender.Claim(StateRemovalRecord.FixedLength + StateKeys.Check(key).Length);
        StateRemovalRecord.Writer writer = StateRemovalRecord.Write(claim.Span);
        writer.SetKey(key);
        claim.Commit(writer.Length);
        return claim.Position;
    }
}
