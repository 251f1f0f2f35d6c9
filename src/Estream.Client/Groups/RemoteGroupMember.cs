using Estream.Client.Connection;
using Estream.Client.Groups;
using Estream.Client.Protocol;
using Estream.Client.Queues;

namespace Estream.Client;

/// <summary>
/// A member of a consumer group of a partitioned queue of a host. The members, on any machines, share the partitions evenly. Each partition
/// has at most one reader at a time. Not thread-safe: use one member per thread.
/// </summary>
/// <remarks>
/// <para>Call <see cref="NextAsync"/>, process the messages, and answer with <see cref="GroupBatch.DoneAsync(CancellationToken)"/>, in a
/// loop. Without an output, messages are delivered at least once. With <see cref="GroupOptions.Output"/>, each message has its effect in
/// the output exactly once, wherever client, connection or host fails.</para>
/// <para>If the connection is lost, the next call joins again. Partitions then move to other members, and back. If the host refuses the
/// member for a minute because a limit is reached, the call throws with <see cref="ClientStatus.LimitExceeded"/>.</para>
/// </remarks>
public sealed class RemoteGroupMember : IAsyncDisposable
{
    // The attempts to join a full group take a minute in total.
    private const int MostRefusals = 12;

    private static readonly TimeSpan s_refusedPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly EstreamClient _client;
    private readonly string _queue;
    private readonly GroupOptions _options;
    private GroupMembership _membership = null!;
    private GroupBatch? _batch;

    // Set from the first attempt to join again until a batch is received.
    private Backoff? _rejoining;
    private bool _disposed;

    private RemoteGroupMember(EstreamClient client, string queue, string group, GroupOptions options) =>
        (_client, _queue, Group, _options) = (client, queue, group, options);

    /// <summary>The name of the group.</summary>
    public string Group { get; }

    /// <summary>The number of partitions of the queue.</summary>
    public int PartitionCount { get; private set; }

    internal static async Task<RemoteGroupMember> JoinAsync(
        EstreamClient client, string queue, string group, GroupOptions options, CancellationToken cancellation)
    {
        options.Validate();
        RemoteGroupMember member = new(client, queue, group, options);
        await member.JoinAsync(cancellation).ConfigureAwait(false);
        return member;
    }

    /// <summary>Waits for messages of a partition of this member.</summary>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>The messages. Answer them before the next call.</returns>
    /// <exception cref="InvalidOperationException">The last batch was not answered.</exception>
    /// <exception cref="EstreamClientException">The host ended the membership and cannot continue it; the message says why.</exception>
    public async Task<GroupBatch> NextAsync(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_batch is not null && _membership.IsOpen)
        {
            throw new InvalidOperationException(
                "The last batch was not answered. Call DoneAsync, or DoneAsync(0, []) to get the batch again.");
        }

        _batch = null;
        while (true)
        {
            if (await _membership.ReceiveAsync(cancellation).ConfigureAwait(false) is { } frame)
            {
                _rejoining = null;
                return _batch = Read(frame);
            }

            _membership.ThrowIfRefused();
            await JoinAgainAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Leaves the group: other members get the partitions, and the messages of a batch that is not answered. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            await _membership.LeaveAsync().ConfigureAwait(false);
        }
    }

    internal async Task<bool> AnswerAsync(
        GroupBatch batch, long position, IReadOnlyList<ReadOnlyMemory<byte>> results, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (batch != _batch)
        {
            throw new InvalidOperationException("The batch was answered already. Call NextAsync for the next batch.");
        }

        _batch = null;
        try
        {
            return await AnswerUntilTakenAsync(batch, position, results, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // If the host has not received the answer, it waits for another one. So the next call joins again.
            _ = _membership.LeaveAsync();
            throw;
        }
    }

    private async Task<bool> AnswerUntilTakenAsync(
        GroupBatch batch, long position, IReadOnlyList<ReadOnlyMemory<byte>> results, CancellationToken cancellation)
    {
        while (await SendAsync(batch, position, results, cancellation).ConfigureAwait(false) is { } response)
        {
            switch (response.Status)
            {
                case ClientStatus.Ok:
                    return true;
                case ClientStatus.TakenOver:
                    return false;
                case ClientStatus.Unavailable:
                    // The disk of the host may be full.
                    await Task.Delay(s_pause, cancellation).ConfigureAwait(false);
                    break;
                default:
                    // A failed flush comes after the host has taken the answer.
                    _batch = response.Status == ClientStatus.Failed ? null : batch;
                    response.ThrowUnless($"The host refused the results of partition {batch.Partition} of '{_queue}'");
                    break;
            }
        }

        return false;
    }

    private async Task<Response?> SendAsync(
        GroupBatch batch, long position, IReadOnlyList<ReadOnlyMemory<byte>> results, CancellationToken cancellation)
    {
        try
        {
            return await _membership.AnswerAsync(batch.Partition, position, results, cancellation).ConfigureAwait(false);
        }
        catch (ArgumentException)
        {
            // The request is too long and was not sent.
            _batch = batch;
            throw;
        }
    }

    private async Task JoinAsync(CancellationToken cancellation)
    {
        ClientConnection connection = await _client.ConnectionAsync(cancellation).ConfigureAwait(false);
        GroupMembership membership = new(connection);
        Response response = await membership.JoinAsync(_queue, Group, _options, cancellation).ConfigureAwait(false);
        response.ThrowUnless($"Queue '{_queue}' refused a member of group '{Group}'");
        PartitionCount = (int)new PayloadReader(response.Payload).UInt32();
        _membership = membership;
    }

    /// <summary>Joins again after the membership has ended. The pauses between attempts grow until a batch is received.</summary>
    private async Task JoinAgainAsync(CancellationToken cancellation)
    {
        int refusals = 0;
        while (true)
        {
            if (_rejoining is null)
            {
                _rejoining = new Backoff();
            }
            else
            {
                await Task.Delay(_rejoining.Next(), cancellation).ConfigureAwait(false);
            }

            try
            {
                await JoinAsync(cancellation).ConfigureAwait(false);
                return;
            }
            catch (EstreamClientException lost) when (lost.Status == ClientStatus.Unavailable && !cancellation.IsCancellationRequested)
            {
                // The connection was lost again.
            }
            catch (EstreamClientException full) when (full.Status == ClientStatus.LimitExceeded && refusals++ < MostRefusals)
            {
                // The host may still count the lost connection, or another member may leave soon.
                await Task.Delay(s_refusedPause, cancellation).ConfigureAwait(false);
            }
        }
    }

    private GroupBatch Read(byte[] frame)
    {
        int partition = new PayloadReader(frame).UInt16();
        int offset = sizeof(ushort);
        List<RemoteMessage> messages = [];
        while (offset < frame.Length)
        {
            messages.Add(MessageFrame.Next(frame, ref offset));
        }

        return new GroupBatch(this, partition, messages);
    }
}
