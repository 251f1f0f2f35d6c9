using Estream.Client.Connection;
using Estream.Client.Protocol;
using Estream.Client.Tests.Hosting;
using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Client.Tests.Groups;

/// <summary>Goal: a partition that cannot be read, a cancelled answer or a lost partition does not stop the members of a group.</summary>
[Collection(HostCollection.Name)]
public sealed class GroupFailureTests
{
    // Where the entries of the partitions begin in group.meta, and their size.
    private const int EntriesOffset = 36_864;
    private const int EntryBytes = 16;

    // EStreamOrder, which has a private field.
    private const ulong OrderSchema = 0x032e_117c_2573_1baf;

    // The checksum of queue.meta covers the id of the queue.
    private const int IdOffset = 16;

    private static CancellationToken Limit => GroupCase.Limit;

    [Fact]
    public async Task A_message_that_is_longer_than_a_frame_stops_only_its_partition()
    {
        await using ClientCase host = new(", \"MaxFrameBytes\": 1048576");
        EstreamClient before = await host.ConnectAsync();
        await GroupCase.AppendAsync(before, 1, "a", new string('x', 100_000), "never");
        host.Host.Kill();
        host.ChangeSettings("\"MaxFrameBytes\": 1048576", "\"MaxFrameBytes\": 65536");
        host.Restart();

        EstreamClient client = await host.ConnectAsync();
        await using RemoteGroupMember first = await GroupCase.JoinAsync(client);
        Assert.Equal(["a"], await ProcessAsync(first));
        await RequireOthersContinueAsync(host, client, first, leftOut: 1, "more than a frame takes");
        await first.DisposeAsync();
        await Eventually.TrueAsync(
            () => Task.FromResult(host.Get("/metrics").Contains("estream_group_left_out 0", StringComparison.Ordinal)),
            "a group without members leaves nothing out");
    }

    [Fact]
    public async Task A_message_that_the_client_may_not_read_stops_only_its_partition_and_is_not_disclosed()
    {
        const string Secret = "canary of a submitter";
        await using ClientCase host = new();
        EstreamClient before = await host.ConnectAsync();
        await GroupCase.AppendAsync(before, 1, "a");
        host.Host.Kill();
        using (EstreamQueue partition = EstreamQueue.Open(Path.Combine(host.Data, "queues", ClientCase.Partitioned, "0001")))
        using (QueueAppender appender = partition.CreateAppender())
        {
            byte[] order = [.. new byte[16], .. QueueTests.Bytes(Secret)];
            BitConverter.TryWriteBytes(order, OrderSchema);
            order[14] = 1;
            appender.Append(order);
        }

        host.Restart();
        EstreamClient client = await host.ConnectAsync(
            new EstreamClientOptions { Token = host.AddToken(AccessRole.Operator) }, overTcp: true);
        await using RemoteGroupMember first = await GroupCase.JoinAsync(client);
        Assert.Equal(["a"], await ProcessAsync(first));
        await RequireOthersContinueAsync(host, client, first, leftOut: 1, "Message 1 at position");
        Assert.DoesNotContain(Secret, host.Host.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partition_in_quarantine_does_not_stop_the_others()
    {
        await using ClientCase host = new();
        EstreamClient before = await host.ConnectAsync();
        await GroupCase.AppendAsync(before, 1, "a");
        host.Host.Kill();
        string file = Path.Combine(host.Data, "queues", ClientCase.Partitioned, "0001", "queue.meta");
        byte[] damaged = File.ReadAllBytes(file);
        damaged[IdOffset] ^= 0xff;
        File.WriteAllBytes(file, damaged);
        host.RestartDegraded();

        EstreamClient client = await host.ConnectAsync();
        await using RemoteGroupMember first = await GroupCase.JoinAsync(client);
        await RequireOthersContinueAsync(host, client, first, leftOut: 1, "queue.meta");
    }

    [Fact]
    public async Task A_cancelled_answer_that_the_host_refuses_does_not_stop_the_member()
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();
        await GroupCase.AppendAsync(client, 3, "a");
        await using RemoteGroupMember member = await GroupCase.JoinAsync(
            client, GroupCase.WithOutput with { AnswerLimit = TimeSpan.FromHours(1) });
        GroupBatch batch = await member.NextAsync(Limit);

        // A segment of the output has no space for these results, so the host refuses them.
        ReadOnlyMemory<byte>[] many = [.. Enumerable.Repeat(ReadOnlyMemory<byte>.Empty, 60_000)];
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => batch.DoneAsync(many, new CancellationToken(canceled: true)));

        batch = await member.NextAsync(Limit);
        Assert.Equal(["a"], GroupCase.TextsOf(batch));
        Assert.True(await batch.DoneAsync([QueueTests.Bytes("once")]));
        Assert.Equal(["once"], await GroupCase.OutputAsync(client));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_member_whose_partition_was_taken_over_stores_no_progress(bool withOutput)
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();
        await GroupCase.AppendAsync(client, 2, "a");
        await using RemoteGroupMember member = await GroupCase.JoinAsync(client, withOutput ? GroupCase.WithOutput : null);
        GroupBatch batch = await member.NextAsync(Limit);
        string directory = Path.Combine(host.Data, "queues", ClientCase.Partitioned);
        using (MemoryRegion file = FileStorage.Instance.OpenRegion(
            Path.Combine(directory, "groups", GroupCase.Group, "group.meta"), RegionAccess.ReadWrite))
        {
            const int Entry = EntriesOffset + (2 * EntryBytes);
            file.All.WriteInt64Release(Entry, file.All.ReadInt64Acquire(Entry) + 1);
        }

        Assert.False(await batch.DoneAsync());

        using (EstreamQueue partition = EstreamQueue.OpenReadOnly(Path.Combine(directory, "0002")))
        {
            Assert.Equal(0, partition.GetInfo().Tailers.Single(tailer => tailer.Name == $"group-{GroupCase.Group}").Sequence);
        }

        Assert.Equal(["a"], await ProcessAsync(member));
    }

    [Fact]
    public async Task A_member_that_leaves_twice_is_answered_twice()
    {
        await using ClientCase host = new();
        using RawClient client = RawClient.Connect(host);
        client.Send(ClientOp.GroupJoin, 7, frame =>
            frame.Text(ClientCase.Partitioned).Text(GroupCase.Group).Text("").UInt32(1000).UInt16(30));
        for (uint id = 8; id < 11; id++)
        {
            client.Send(ClientOp.GroupLeave, id, frame => frame.UInt32(7));
        }

        (ClientOp, ClientStatus, uint)[] received = [client.Receive(), client.Receive(), client.Receive(), client.Receive()];
        Assert.Equal(
            [(ClientOp.GroupJoin, ClientStatus.Ok, 7u), (ClientOp.GroupLeave, ClientStatus.Ok, 8u),
                (ClientOp.GroupLeave, ClientStatus.Ok, 9u), (ClientOp.GroupLeave, ClientStatus.Ok, 10u)],
            received.OrderBy(frame => frame.Item3));
        EstreamClient other = await host.ConnectAsync();
        await GroupCase.AppendAsync(other, 0, "a");
        await using RemoteGroupMember member = await GroupCase.JoinAsync(other);
        Assert.Equal(["a"], await ProcessAsync(member));
    }

    [Fact]
    public void Pauses_between_attempts_double_up_to_a_second()
    {
        Backoff backoff = new();
        Assert.Equal([20, 40, 80, 160, 320, 640, 1_000, 1_000], Enumerable.Range(0, 8).Select(_ => backoff.Next().TotalMilliseconds));
    }

    // Two members process all other partitions, before and after partitions move.
    private static async Task RequireOthersContinueAsync(
        ClientCase host, EstreamClient client, RemoteGroupMember first, int leftOut, string reason)
    {
        await using RemoteGroupMember second = await GroupCase.JoinAsync(client);
        using CancellationTokenSource stop = new();
        List<string> seen = [];
        Task[] runs = [ConsumeAsync(first, seen, stop.Token), ConsumeAsync(second, seen, stop.Token)];
        string[] expected = [.. Enumerable.Range(0, 3 * ClientCase.Partitions).Where(i => i % ClientCase.Partitions != leftOut)
            .Select(i => $"message {i}").Order(StringComparer.Ordinal)];
        for (int i = 0; i < 3 * ClientCase.Partitions; i++)
        {
            if (i % ClientCase.Partitions != leftOut)
            {
                await GroupCase.AppendAsync(client, i % ClientCase.Partitions, $"message {i}");
            }
        }

        await Eventually.TrueAsync(() => Task.FromResult(Sorted(seen).SequenceEqual(expected)), "all other messages are processed");
        Assert.Contains("estream_group_left_out 1", host.Get("/metrics"), StringComparison.Ordinal);
        await stop.CancelAsync();
        await Task.WhenAll(runs);
        string[] said = [.. host.Host.Process.Output.Split('\n').Where(
            line => line.Contains($"leaves out partition {leftOut} of queue {ClientCase.Partitioned}", StringComparison.Ordinal))];
        Assert.Contains(reason, Assert.Single(said), StringComparison.Ordinal);
    }

    private static string[] Sorted(List<string> seen)
    {
        lock (seen)
        {
            return [.. seen.Order(StringComparer.Ordinal)];
        }
    }

    private static async Task ConsumeAsync(RemoteGroupMember member, List<string> seen, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                GroupBatch batch = await member.NextAsync(stop);
                lock (seen)
                {
                    seen.AddRange(GroupCase.TextsOf(batch));
                }

                Assert.True(await batch.DoneAsync(Limit));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The test is done.
        }
    }

    private static async Task<string[]> ProcessAsync(RemoteGroupMember member)
    {
        GroupBatch batch = await member.NextAsync(Limit);
        Assert.True(await batch.DoneAsync(Limit));
        return GroupCase.TextsOf(batch);
    }
}
