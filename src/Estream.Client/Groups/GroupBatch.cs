namespace Estream.Client;

/// <summary>A batch of messages of one partition. Only one member of the group at a time gets messages of the partition. Not
/// thread-safe.</summary>
public sealed class GroupBatch
{
    private readonly RemoteGroupMember _member;

    internal GroupBatch(RemoteGroupMember member, int partition, IReadOnlyList<RemoteMessage> messages) =>
        (_member, Partition, Messages) = (member, partition, messages);

    /// <summary>The number of the partition.</summary>
    public int Partition { get; }

    /// <summary>The messages in the order of their partition, at least one. Their bytes stay valid.</summary>
    public IReadOnlyList<RemoteMessage> Messages { get; }

    /// <summary>Tells the host that all messages are processed.</summary>
    /// <inheritdoc cref="DoneAsync(int, IReadOnlyList{ReadOnlyMemory{byte}}, CancellationToken)"/>
    public Task<bool> DoneAsync(CancellationToken cancellation = default) => DoneAsync(Messages.Count, [], cancellation);

    /// <summary>Tells the host that all messages are processed, and stores their results in the output of the group.</summary>
    /// <inheritdoc cref="DoneAsync(int, IReadOnlyList{ReadOnlyMemory{byte}}, CancellationToken)"/>
    public Task<bool> DoneAsync(IReadOnlyList<ReadOnlyMemory<byte>> results, CancellationToken cancellation = default) =>
        DoneAsync(Messages.Count, results, cancellation);

    /// <summary>Tells the host that the first <paramref name="count"/> messages are processed, and stores their results in the output of
    /// the group. The results and the progress become visible together or not at all. The host delivers the other messages again, to this
    /// or another member.</summary>
    /// <param name="count">The number of processed messages, from 0.</param>
    /// <param name="results">The results, any number of messages. Empty if <paramref name="count"/> is 0, or if the group has no
    /// output.</param>
    /// <param name="cancellation">Cancels the wait, and ends the membership: the next call of
    /// <see cref="RemoteGroupMember.NextAsync"/> joins again. The host may have stored the results or not.</param>
    /// <returns>Whether the host has stored results and progress, with the durability of the output. False if the membership ended before
    /// the response, such as by a lost connection or the time limit. Then call <see cref="RemoteGroupMember.NextAsync"/>: the host delivers
    /// messages again whose results are not stored, to this or another member.</returns>
    /// <exception cref="InvalidOperationException">The batch was answered already.</exception>
    /// <exception cref="ArgumentException">The request is larger than the host accepts. Answer fewer messages at once.</exception>
    /// <exception cref="EstreamClientException">The host refused the results; the message says why. If nothing was stored, the batch can be
    /// answered again.</exception>
    public Task<bool> DoneAsync(int count, IReadOnlyList<ReadOnlyMemory<byte>> results, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Messages.Count);
        return _member.AnswerAsync(this, count == 0 ? -1 : Messages[count - 1].Position, results, cancellation);
    }
}
