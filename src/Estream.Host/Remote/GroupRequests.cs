using System.Text;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Core;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Remote;

/// <summary>Executes the requests of one connection about consumer groups. Only the read loop may call it, except
/// <see cref="RemoveAsync"/>, which is thread-safe.</summary>
internal sealed class GroupRequests(RemoteRequests requests, RemoteSession session, AppendService appends, Identity identity)
    : IAsyncDisposable
{
    private const int MaxMemberships = 16;
    private const int MaxSeconds = 3_600;

    private readonly Dictionary<uint, Entry> _memberships = [];
    private Task _removal = Task.CompletedTask;
    private volatile bool _isRemoving;

    private RemoteParts Parts => requests.Parts;

    public void Do(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        switch (header.Op)
        {
            case ClientOp.GroupJoin:
                Join(header, new PayloadReader(payload));
                break;
            case ClientOp.GroupDone:
                Answer(header, new PayloadReader(payload));
                break;
            case ClientOp.GroupLeave:
                Leave(header, new PayloadReader(payload));
                break;
            case ClientOp.GroupRemove:
                RemoveGroup(header, new PayloadReader(payload));
                break;
            default:
                throw RemoteRequests.Malformed(header);
        }
    }

    /// <summary>Ends a membership: its partitions are free for other members when the task completes.</summary>
    public async Task RemoveAsync(uint id)
    {
        if (Find(id) is not { } ended)
        {
            return;
        }

        // The membership stays in the list until it has ended, so that the end of the connection waits for it.
        await ended.EndAsync().ConfigureAwait(false);
        lock (_memberships)
        {
            if (_memberships.TryGetValue(id, out Entry? entry) && entry.Membership == ended)
            {
                _memberships.Remove(id);
                Parts.Groups.Leave(ended.Group);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _removal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        KeyValuePair<uint, Entry>[] all;
        lock (_memberships)
        {
            all = [.. _memberships];
        }

        foreach ((uint id, Entry entry) in all)
        {
            await entry.Joining.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await RemoveAsync(id).ConfigureAwait(false);
        }
    }

    private void Join(FrameHeader header, PayloadReader reader)
    {
        string name = RemoteRequests.Name(header, reader.ShortBytes());
        string group = RemoteRequests.Name(header, reader.ShortBytes());
        ReadOnlySpan<byte> outputName = reader.ShortBytes();
        string output = RemoteRequests.Name(header, outputName, mayBeEmpty: true);
        uint maxBytes = reader.UInt32();
        ushort seconds = reader.UInt16();
        RemoteRequests.RequireComplete(header, reader);
        if (maxBytes == 0 || seconds is 0 or > MaxSeconds)
        {
            throw RemoteRequests.Malformed(header);
        }

        RemoteServer.Require(identity.Role, AccessRole.Operator, "join a group");
        requests.RequireMove(name, group);
        PartitionedQueue queue = PartitionedQueueOf(name);
        IngressSink? sink = output.Length > 0 ? requests.SinkOf(outputName) : null;
        Entry entry = new();
        lock (_memberships)
        {
            if (_memberships.Count >= MaxMemberships)
            {
                throw new RemoteRefusalException(ClientStatus.LimitExceeded,
                    $"The connection has {MaxMemberships} memberships of groups, its maximum. Leave a group, or open another connection.");
            }

            if (!_memberships.TryAdd(header.Id, entry))
            {
                throw RemoteRequests.Malformed(header);
            }
        }

        GroupTerms terms = new(new GroupName(name, group), sink, (int)Math.Min(maxBytes, int.MaxValue), TimeSpan.FromSeconds(seconds))
        {
            PartitionOf = partition => Parts.Queues[PartitionName.Of(name, partition)].Queue,
        };
        entry.Joining = Task.Run(() => Begin(header, entry, queue, terms));
    }

    private PartitionedQueue PartitionedQueueOf(string name) => Parts.Partitioned(name)
        ?? throw (Parts.Queues.ContainsKey(name)
            ? new RemoteRefusalException(ClientStatus.Invalid,
                $"Queue '{name}' has no partitions, so no group can share it. Subscribe to it, or add a queue with Queues:NAME:Partitions.")
            : requests.NoQueue(name));

    private void Begin(FrameHeader header, Entry entry, PartitionedQueue queue, GroupTerms terms)
    {
        FrameBuilder frame = new();
        bool isEntered = false;
        try
        {
            Parts.Groups.Enter(terms.Group, terms.Output?.Name ?? "");
            isEntered = true;
            GroupMember member = terms.Output is { } output
                ? queue.JoinGroup(terms.Group.Group, output.Newest.Queue)
                : queue.JoinGroup(terms.Group.Group);
            RemoteMembership membership = new(session, header.Id, queue, member, terms, Parts.GroupFailures);
            lock (_memberships)
            {
                entry.Membership = membership;
            }

            session.Output.Write(frame.Begin().UInt32((uint)queue.PartitionCount).End(ClientOp.GroupJoin, header.Id));
            membership.Start(() => RemoveAsync(header.Id));
            membership.AddTo([.. Enumerable.Range(0, queue.PartitionCount)
                .Select(partition => Parts.Queues.GetValueOrDefault(PartitionName.Of(terms.Group.Queue, partition)))
                .OfType<QueueRuntime>()]);

            // A reload may have replaced the rights since the request was checked.
            _ = membership.EndIfForbiddenAsync(Parts.Access);
        }
        catch (Exception refused) when (refused is EstreamException or ArgumentException or RemoteRefusalException)
        {
            if (isEntered)
            {
                Parts.Groups.Leave(terms.Group);
            }

            lock (_memberships)
            {
                _memberships.Remove(header.Id);
            }

            session.Output.Write(frame.Begin().Raw(Encoding.UTF8.GetBytes(refused.Message))
                .End(ClientOp.GroupJoin, header.Id, StatusOf(refused)));
        }
    }

    private static ClientStatus StatusOf(Exception refused) => refused switch
    {
        RemoteRefusalException refusal => refusal.Status,
        EstreamLeaseException => ClientStatus.LimitExceeded,
        ArgumentException => ClientStatus.Invalid,
        EstreamException { IsTransient: true } => ClientStatus.Unavailable,
        _ => ClientStatus.Failed,
    };

    private void Answer(FrameHeader header, PayloadReader reader)
    {
        uint id = reader.UInt32();
        GroupAnswer answer = new()
        {
            Partition = reader.UInt16(),
            Position = reader.Int64(),
            Lengths = requests.ReadLengths(ref reader),
            Results = reader.Rest(),
        };
        if (!reader.IsValid || !RemoteRequests.AddsUpTo(answer.Lengths, answer.Results.Length))
        {
            throw RemoteRequests.Malformed(header);
        }

        if (Find(id) is not { } membership)
        {
            requests.Refuse(header, ClientStatus.TakenOver,
                "The membership has ended, so nothing was stored. Other members get the messages. Join the group again.");
            return;
        }

        ClientStatus status = membership.Answer(appends, answer, out long stored, out string reason);
        if (status != ClientStatus.Ok)
        {
            requests.Refuse(header, status, reason);
        }
        else if (membership.Output is { } output)
        {
            requests.Acknowledge(header, stored, output);
        }
        else
        {
            session.Output.Write(new FrameBuilder().Begin().Int64(stored).End(header.Op, header.Id));
        }
    }

    private void Leave(FrameHeader header, PayloadReader reader)
    {
        uint id = reader.UInt32();
        RemoteRequests.RequireComplete(header, reader);
        Entry? entry;
        bool isFirst;
        lock (_memberships)
        {
            isFirst = _memberships.TryGetValue(id, out entry) && !entry.IsLeaving;
            if (isFirst)
            {
                entry!.IsLeaving = true;
            }
        }

        // Each membership leaves once, so the number of waiting tasks is limited.
        if (!isFirst)
        {
            session.Output.Write(new FrameBuilder().Begin().End(ClientOp.GroupLeave, header.Id));
            return;
        }

        _ = Task.Run(async () =>
        {
            await entry!.Joining.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await RemoveAsync(id).ConfigureAwait(false);
            session.Output.Write(new FrameBuilder().Begin().End(ClientOp.GroupLeave, header.Id));
        });
    }

    private void RemoveGroup(FrameHeader header, PayloadReader reader)
    {
        string name = RemoteRequests.Name(header, reader.ShortBytes());
        string group = RemoteRequests.Name(header, reader.ShortBytes());
        RemoteRequests.RequireComplete(header, reader);
        RemoteServer.Require(identity.Role, AccessRole.Operator, "remove a group");
        requests.RequireMove(name, group);
        PartitionedQueue queue = PartitionedQueueOf(name);
        if (_isRemoving)
        {
            throw new RemoteRefusalException(ClientStatus.LimitExceeded, "The connection already removes a group. Wait for the response.");
        }

        // The removal flushes the directory of each partition, so the read loop does not wait for it.
        _isRemoving = true;
        Task earlier = _removal;
        _removal = Task.Run(async () =>
        {
            await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            RemoveGroup(header, queue, new GroupName(name, group));
        });
    }

    private void RemoveGroup(FrameHeader header, PartitionedQueue queue, GroupName group)
    {
        FrameBuilder frame = new();
        ClientStatus status = ClientStatus.Ok;
        _ = frame.Begin();
        try
        {
            bool existed = queue.RemoveGroup(group.Group);
            if (existed)
            {
                requests.RecordDone(header.Op, $"Removed group '{group.Group}' of queue '{group.Queue}'.");
            }

            _ = frame.Byte((byte)(existed ? 1 : 0));
        }
        catch (Exception refused) when (refused is EstreamException or ArgumentException)
        {
            status = refused is EstreamLeaseException ? ClientStatus.Conflict : StatusOf(refused);
            _ = frame.Raw(Encoding.UTF8.GetBytes(refused.Message));
        }
        finally
        {
            // The client may send the next request as soon as it has the response.
            _isRemoving = false;
        }

        session.Output.Write(frame.End(header.Op, header.Id, status));
    }

    private RemoteMembership? Find(uint id)
    {
        lock (_memberships)
        {
            return _memberships.GetValueOrDefault(id)?.Membership;
        }
    }

    /// <summary>A membership, or the attempt to join.</summary>
    private sealed class Entry
    {
        /// <summary>Completes when the membership has begun or was refused. Set by the read loop.</summary>
        public Task Joining { get; set; } = Task.CompletedTask;

        /// <summary>The membership; null while the client joins.</summary>
        public RemoteMembership? Membership { get; set; }

        /// <summary>Whether the client has asked to leave.</summary>
        public bool IsLeaving { get; set; }
    }
}

/// <summary>The answer of a member to a batch.</summary>
internal readonly ref struct GroupAnswer
{
    /// <summary>The position of an answer that processed no message of its batch.</summary>
    public const long Nothing = -1;

    /// <summary>The partition of the batch.</summary>
    public ushort Partition { get; init; }

    /// <summary>The position of the last processed message, or <see cref="Nothing"/>.</summary>
    public long Position { get; init; }

    /// <summary>The length of each result.</summary>
    public ReadOnlySpan<int> Lengths { get; init; }

    /// <summary>The results, concatenated.</summary>
    public ReadOnlySpan<byte> Results { get; init; }
}
