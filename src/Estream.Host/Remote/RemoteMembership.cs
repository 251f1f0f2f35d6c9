using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Client.Queues;
using Estream.Core;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Remote;

/// <summary>The parameters with which a client joined a group.</summary>
/// <param name="Group">The group.</param>
/// <param name="Output">The queue of the results; null for none.</param>
/// <param name="MaxBytes">The maximum length of a batch in bytes.</param>
/// <param name="Limit">The time in which the client must answer a batch.</param>
internal sealed record GroupTerms(GroupName Group, IngressSink? Output, int MaxBytes, TimeSpan Limit)
{
    /// <summary>Returns the queue of a partition that the host writes and replicates.</summary>
    public required Func<int, EstreamQueue> PartitionOf { get; init; }
}

/// <summary>
/// Represents a client in a consumer group. It holds a local <see cref="GroupMember"/>, so remote members and processes of this machine
/// share the partitions by the same locks. A membership has at most one unanswered batch. The loop <see cref="RunAsync"/> owns the
/// member. While a batch is unanswered, <see cref="Answer"/> may use the tailer of its partition.
/// </summary>
internal sealed class RemoteMembership : IAppendNote, IQueueUser, IDisposable
{
    private readonly RemoteSession _session;
    private readonly uint _id;
    private readonly PartitionedQueue _queue;
    private readonly GroupMember _member;
    private readonly GroupTerms _terms;
    private readonly GroupFailures _failures;
    private readonly FrameBuilder _frame = new();
    private readonly Dictionary<int, QueueTailer> _readers = [];
    private readonly List<long> _sent = [];
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _answered = new(0, 1);
    private readonly Lock _gate = new();
    private Task _run = Task.CompletedTask;
    private Task? _ended;
    private (ClientStatus Status, string Text)? _ending;
    private IReadOnlyList<QueueRuntime> _owners = [];

    // The unanswered batch; the tailer is null if there is none.
    private QueueTailer? _tailer;
    private int _partition;
    private long _through;
    private bool _hasMoved;

    // Why the partition of the last batch can no longer be read; null if it can.
    private string? _unreadable;

    public RemoteMembership(
        RemoteSession session, uint id, PartitionedQueue queue, GroupMember member, GroupTerms terms, GroupFailures failures)
    {
        (_session, _id, _queue, _member, _terms, _failures) = (session, id, queue, member, terms, failures);
        member.PartitionFailed += failure => failures.Add(Group, failure);
        member.PartitionCaughtUp += partition => failures.Remove(Group, partition);
    }

    public GroupName Group => _terms.Group;

    /// <summary>The name of the identity of the client.</summary>
    public string MemberName => _session.Identity!.Name;

    /// <summary>The queue of the results; null for none.</summary>
    public IngressSink? Output => _terms.Output;

    /// <summary>Starts to send batches.</summary>
    /// <param name="remove">Called when the membership cannot continue.</param>
    public void Start(Func<Task> remove) => _run = Task.Run(() => RunAsync(remove));

    /// <summary>Stores the results of processed messages and the progress of the partition together, or only the progress if the group has
    /// no output. Called by the read loop.</summary>
    /// <param name="appends">Appends the results.</param>
    /// <param name="answer">The answer of the client.</param>
    /// <param name="stored">The position of the first result; -1 if there is none.</param>
    /// <param name="reason">Why nothing was stored; empty if the answer is done.</param>
    public ClientStatus Answer(AppendService appends, in GroupAnswer answer, out long stored, out string reason)
    {
        lock (_gate)
        {
            stored = -1;
            if (_ending is { } ending)
            {
                reason = $"The membership has ended, so nothing was stored. {ending.Text}";
                return ClientStatus.TakenOver;
            }

            if (WhyNot(answer) is { } refusal)
            {
                reason = refusal;
                return ClientStatus.Invalid;
            }

            ClientStatus status = Store(appends, answer, out stored, out reason);
            if (status == ClientStatus.Ok || _ending is not null || _unreadable is not null)
            {
                _tailer = null;
                _answered.Release();
            }

            return status;
        }
    }

    /// <summary>Adds the membership to the partitions, which can end it.</summary>
    public void AddTo(IReadOnlyList<QueueRuntime> partitions)
    {
        lock (_gate)
        {
            if (_ended is not null)
            {
                return;
            }

            _owners = partitions;
            foreach (QueueRuntime partition in partitions)
            {
                partition.TryAdd(this);
            }
        }
    }

    /// <summary>Ends the membership, and leaves the group. Idempotent.</summary>
    public Task EndAsync() => EndAsync(ClientStatus.Ok, "The client has left the group, or its connection has ended.");

    Task IQueueUser.EndAsync(string reason) => EndAsync(ClientStatus.NotFound, reason);

    /// <inheritdoc/>
    public Task EndIfForbiddenAsync(QueueAccess access)
    {
        string? reason = access.WhyNotMove(_session.Identity!, Group.Queue, Group.Group)
            ?? (Output is { } output ? access.WhyNotAppend(_session.Identity!, output.Name) : null);
        return reason is null ? Task.CompletedTask : EndAsync(ClientStatus.Forbidden, reason);
    }

    /// <summary>Leaves the group; called at the end.</summary>
    public void Dispose()
    {
        foreach (QueueRuntime owner in _owners)
        {
            owner.Remove(this);
        }

        _member.Dispose();
        foreach (QueueTailer reader in _readers.Values)
        {
            reader.Dispose();
        }

        _end.Dispose();
        _answered.Dispose();
    }

    bool IAppendNote.TryNote(string queue, long position, int length)
    {
        MoveTailer();
        return true;
    }

    private Task EndAsync(ClientStatus status, string text)
    {
        lock (_gate)
        {
            _ending ??= (status, text);
            return _ended ??= LeaveAsync();
        }
    }

    private async Task LeaveAsync()
    {
        await Task.Yield();
        await _end.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Dispose();
    }

    private string? WhyNot(in GroupAnswer answer)
    {
        if (_tailer is null || answer.Partition != _partition)
        {
            return $"No batch of partition {answer.Partition} is with this member.";
        }

        if (answer.Position != GroupAnswer.Nothing && _sent.BinarySearch(answer.Position) < 0)
        {
            return $"The batch of partition {_partition} has no message at position {answer.Position}.";
        }

        return answer.Lengths.IsEmpty || (Output is not null && answer.Position != GroupAnswer.Nothing)
            ? null
            : Output is null
                ? "The member joined without an output, so it cannot store results. Join with an output."
                : "Results need at least one processed message.";
    }

    private ClientStatus Store(AppendService appends, in GroupAnswer answer, out long stored, out string reason)
    {
        (stored, reason) = (-1, "");
        if (answer.Position == GroupAnswer.Nothing)
        {
            return ClientStatus.Ok;
        }

        (_through, _hasMoved) = (answer.Position, false);
        try
        {
            if (Output is null)
            {
                _member.RequireOwner(_partition);
                MoveTailer();
                _tailer!.Commit();
                return ClientStatus.Ok;
            }

            ClientStatus status = appends.AppendResults(Output, _tailer!, this, answer.Results, answer.Lengths, out stored, out reason);
            if (status != ClientStatus.Ok && _hasMoved)
            {
                // The tailer has moved past messages that are not committed. The next owner reopens it at the last commit.
                _ending = (status, reason);
            }

            stored = answer.Lengths.IsEmpty ? -1 : stored;
            return status;
        }
        catch (Exception failure) when (failure is EstreamException or InvalidOperationException)
        {
            reason = failure.Message;
            if (_unreadable is not null)
            {
                return ClientStatus.Failed;
            }

            _ending = ReasonOf(failure);
            return _ending.Value.Status;
        }
    }

    /// <summary>Moves the tailer of the partition past the last processed message.</summary>
    private void MoveTailer()
    {
        _hasMoved = true;
        try
        {
            QueueMessage message;
            do
            {
                if (!_tailer!.TryRead(out message))
                {
                    throw new InvalidOperationException(
                        $"Partition {_partition} of '{_queue.Directory}' has no message at position {_through} any more.");
                }
            }
            while (message.Position < _through);
        }
        catch (EstreamException failure)
        {
            _unreadable = failure.Message;
            throw;
        }
    }

    private async Task RunAsync(Func<Task> remove)
    {
        try
        {
            while (_ending is null)
            {
                await _session.Output.WaitForRoomAsync().WaitAsync(_end.Token).ConfigureAwait(false);
                await _member.WaitToReadAsync(_end.Token).ConfigureAwait(false);
                if (TryFill(out int partition, out QueueTailer? tailer))
                {
                    await WaitConfirmedAsync(partition).ConfigureAwait(false);
                    Send(partition, tailer);
                    if (!await _answered.WaitAsync(_terms.Limit, _end.Token).ConfigureAwait(false) && !TryExpire())
                    {
                        // The answer arrived after the wait had timed out, and released the semaphore. Consume this release.
                        await _answered.WaitAsync(_end.Token).ConfigureAwait(false);
                    }
                }

                LeaveOutIfUnreadable();
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // EndAsync has set the reason.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            lock (_gate)
            {
                _ending ??= ReasonOf(failure);
            }
        }

        (ClientStatus status, string text) = Ending();
        if (status != ClientStatus.Ok)
        {
            _session.Output.Write(_frame.Begin().Raw(Encoding.UTF8.GetBytes(text)).End(ClientOp.GroupMessages, _id, status));
            _ = remove();
        }
    }

    private (ClientStatus Status, string Text) Ending()
    {
        lock (_gate)
        {
            return _ending ?? (ClientStatus.Ok, "");
        }
    }

    private bool TryExpire()
    {
        lock (_gate)
        {
            if (_tailer is null)
            {
                return false;
            }

            _ending ??= (ClientStatus.TakenOver, $"The member did not answer a batch of partition {_partition} within "
                + $"{_terms.Limit.TotalSeconds:0} s, so other members get its partitions. Process fewer messages at once, or join with a "
                + "longer limit.");
            return true;
        }
    }

    private static (ClientStatus, string) ReasonOf(Exception failure) => failure switch
    {
        RemoteRefusalException refused => (refused.Status, refused.Message),
        EstreamLeaseException => (ClientStatus.TakenOver, failure.Message),
        EstreamException { IsTransient: true } => (ClientStatus.Unavailable, failure.Message),
        _ => (ClientStatus.Failed, failure.Message),
    };

    private void LeaveOutIfUnreadable()
    {
        string? reason;
        lock (_gate)
        {
            (reason, _unreadable) = (_unreadable, null);
        }

        if (reason is not null)
        {
            LeaveOut(_partition, reason);
        }
    }

    private void LeaveOut(int partition, string reason)
    {
        if (_readers.Remove(partition, out QueueTailer? reader))
        {
            reader.Dispose();
        }

        _member.LeaveOut(partition, reason);
    }

    // A group without an output stores no results that would depend on the messages.
    private ValueTask WaitConfirmedAsync(int partition) => Output is null
        ? ValueTask.CompletedTask
        : IngressSink.WaitConfirmedAsync(_terms.PartitionOf(partition), _sent[^1], _end.Token);

    /// <summary>Fills the frame with the next batch. Returns false if no batch is available.</summary>
    private bool TryFill(out int partition, [NotNullWhen(true)] out QueueTailer? tailer)
    {
        if (!_member.TryNext(out partition, out tailer))
        {
            return false;
        }

        _sent.Clear();
        _frame.Begin().UInt16(partition);
        try
        {
            Fill(ReaderOf(partition, tailer));
        }
        catch (Exception failure) when (failure is EstreamException or RemoteRefusalException)
        {
            if (_sent.Count == 0)
            {
                LeaveOut(partition, failure.Message);
            }
        }

        if (_sent.Count == 0)
        {
            return false;
        }

        _failures.Remove(Group, partition);
        return true;
    }

    private void Send(int partition, QueueTailer tailer)
    {
        lock (_gate)
        {
            (_tailer, _partition) = (tailer, partition);
        }

        _session.Output.Write(_frame.End(ClientOp.GroupMessages, _id));
    }

    /// <summary>Adds messages to the frame. A message that the client cannot get comes first in a later batch, and then fails
    /// alone.</summary>
    /// <exception cref="RemoteRefusalException">The client must not get the next message, or the message is longer than a
    /// frame.</exception>
    /// <exception cref="EstreamException">The next message cannot be read.</exception>
    private void Fill(QueueTailer reader)
    {
        while (reader.TryPeek(out QueueMessage message))
        {
            int length = _frame.Length - FrameParser.HeaderBytes + MessageFrame.HeaderBytes + message.Payload.Length;
            if (_sent.Count > 0 && (length > _terms.MaxBytes || !_session.Fits(length)))
            {
                return;
            }

            _session.RequireReadable(message);
            _session.RequireFits(message.Payload, message.Position);
            _sent.Add(message.Position);
            _frame.Int64(message.Position).Int64(message.Sequence).Int64(message.Time).LongBytes(message.Payload);
            _ = reader.TryRead(out _);
        }
    }

    /// <summary>Returns a reader at the next message of a partition. The tailer of the group moves only with an answer, because its moves
    /// are stored.</summary>
    private QueueTailer ReaderOf(int partition, QueueTailer tailer)
    {
        if (!_readers.TryGetValue(partition, out QueueTailer? reader))
        {
            DisposeReadersOfOthers();
            _readers.Add(partition, reader = _queue.Partition(partition).CreateTailer());
        }

        if (reader.Position != tailer.Position && tailer.TryPeek(out QueueMessage next))
        {
            reader.Seek(next.Position);
        }

        return reader;
    }

    private void DisposeReadersOfOthers()
    {
        foreach (int partition in _readers.Keys.Except(_member.Partitions).ToArray())
        {
            _readers.Remove(partition, out QueueTailer? reader);
            reader!.Dispose();
        }
    }
}
