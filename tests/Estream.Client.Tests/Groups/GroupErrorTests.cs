using Estream.Client.Tests.Hosting;
using Estream.Crypto;
using Estream.Testing;

namespace Estream.Client.Tests.Groups;

/// <summary>Goal: the host refuses invalid requests of group members with a reason, stores nothing, and does not affect other
/// members.</summary>
[Collection(HostCollection.Name)]
public sealed class GroupErrorTests
{
    [Fact]
    public async Task Wrong_memberships_are_refused()
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();
        EstreamClient viewer = await host.ConnectAsync(
            new EstreamClientOptions { Token = host.AddToken(AccessRole.Viewer) }, overTcp: true);

        Assert.Equal(ClientStatus.Forbidden, await StatusOf(() => GroupCase.JoinAsync(viewer)));
        Assert.Equal(ClientStatus.NotFound, await StatusOf(() => client.PartitionedQueue("nope").JoinGroupAsync("group")));
        Assert.Equal(ClientStatus.Invalid, await StatusOf(() => client.PartitionedQueue(ClientCase.Queue).JoinGroupAsync("group")));
        Assert.Equal(ClientStatus.Invalid, await StatusOf(() => client.PartitionedQueue(ClientCase.Partitioned).JoinGroupAsync("a/b")));
        Assert.Equal(ClientStatus.NotFound, await StatusOf(() => GroupCase.JoinAsync(client, new GroupOptions { Output = "nope" })));
        await Assert.ThrowsAsync<ArgumentException>(
            () => GroupCase.JoinAsync(client, new GroupOptions { AnswerLimit = TimeSpan.FromMilliseconds(1500) }));

        Assert.Equal(ClientStatus.Invalid,
            await StatusOf(() => GroupCase.JoinAsync(client, new GroupOptions { Output = $"{ClientCase.Partitioned}.0001" })));
        string longest = new('\u00e4', 128);
        await Assert.ThrowsAsync<ArgumentException>(() => client.PartitionedQueue(ClientCase.Partitioned).JoinGroupAsync(longest));
        await Assert.ThrowsAsync<ArgumentException>(() => GroupCase.JoinAsync(client, new GroupOptions { Output = longest }));
        Assert.Throws<ArgumentException>(() => client.PartitionedQueue(longest));

        await using RemoteGroupMember member = await GroupCase.JoinAsync(client, GroupCase.WithOutput);
        Assert.Equal(ClientCase.Partitions, member.PartitionCount);
        EstreamClientException other = await Assert.ThrowsAsync<EstreamClientException>(() => GroupCase.JoinAsync(client));
        Assert.Equal(ClientStatus.Invalid, other.Status);
        Assert.Contains("use the output 'booked', but this member asked for no output", other.Message, StringComparison.Ordinal);
        await member.DisposeAsync();
        await (await GroupCase.JoinAsync(client)).DisposeAsync();

        // The group keeps its output across a restart of the host.
        host.Host.Kill();
        host.Restart();
        EstreamClient again = await host.ConnectAsync();
        Assert.Equal(ClientStatus.Invalid, await StatusOf(() => GroupCase.JoinAsync(again, new GroupOptions { Output = "one" })));
        await (await GroupCase.JoinAsync(again, GroupCase.WithOutput)).DisposeAsync();
    }

    [Fact]
    public async Task A_group_is_removed_only_without_members_and_the_removal_is_audited()
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();
        EstreamClient viewer = await host.ConnectAsync(
            new EstreamClientOptions { Token = host.AddToken(AccessRole.Viewer) }, overTcp: true);
        RemotePartitionedQueue queue = client.PartitionedQueue(ClientCase.Partitioned);
        await GroupCase.AppendAsync(client, 0, "a");
        RemoteGroupMember member = await GroupCase.JoinAsync(client);
        Assert.True(await (await member.NextAsync(GroupCase.Limit)).DoneAsync());

        EstreamClientException refused = await Assert.ThrowsAsync<EstreamClientException>(() => queue.RemoveGroupAsync(GroupCase.Group));
        Assert.Equal(ClientStatus.Conflict, refused.Status);
        Assert.Contains("has 1 member", refused.Message, StringComparison.Ordinal);
        await member.DisposeAsync();
        Assert.Equal(ClientStatus.Forbidden,
            await StatusOf(() => viewer.PartitionedQueue(ClientCase.Partitioned).RemoveGroupAsync(GroupCase.Group)));
        Assert.Equal(ClientStatus.NotFound, await StatusOf(() => client.PartitionedQueue("nope").RemoveGroupAsync("group")));
        Assert.Equal(ClientStatus.Invalid, await StatusOf(() => client.PartitionedQueue(ClientCase.Queue).RemoveGroupAsync("group")));
        Assert.Equal(ClientStatus.Invalid, await StatusOf(() => queue.RemoveGroupAsync("a/b")));

        Assert.True(await queue.RemoveGroupAsync(GroupCase.Group));
        Assert.False(await queue.RemoveGroupAsync(GroupCase.Group));
        await using RemoteGroupMember again = await GroupCase.JoinAsync(client);
        Assert.Equal(["a"], GroupCase.TextsOf(await again.NextAsync(GroupCase.Limit)));
        await Eventually.TrueAsync(
            () => Task.FromResult(host.Get("/api/audit?last=20").Contains("Removed group", StringComparison.Ordinal)),
            "the removal is in the audit");
    }

    [Fact]
    public async Task A_connection_has_a_limited_number_of_memberships()
    {
        const int Most = 16;
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();
        List<RemoteGroupMember> members = [];
        while (members.Count < Most)
        {
            members.Add(await GroupCase.JoinAsync(client));
        }

        Assert.Equal(ClientStatus.LimitExceeded, await StatusOf(() => GroupCase.JoinAsync(client)));
        await members[0].DisposeAsync();
        members[0] = await GroupCase.JoinAsync(client);
        foreach (RemoteGroupMember member in members)
        {
            await member.DisposeAsync();
        }
    }

    [Fact]
    public async Task Results_that_do_not_fit_store_nothing_and_the_batch_can_be_answered_again()
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();
        await GroupCase.AppendAsync(client, 3, "a", "b");
        await using RemoteGroupMember member = await GroupCase.JoinAsync(client, GroupCase.WithOutput);
        GroupBatch batch = await member.NextAsync(GroupCase.Limit);
        Assert.Equal(3, batch.Partition);

        // The frame has space for the results, and a segment of the output has not.
        ReadOnlyMemory<byte>[] many = [.. Enumerable.Repeat(ReadOnlyMemory<byte>.Empty, 60_000)];
        Assert.Equal(ClientStatus.Invalid, await StatusOf(() => batch.DoneAsync(many)));
        await Assert.ThrowsAsync<ArgumentException>(() => batch.DoneAsync([new byte[2 << 20]]));
        Assert.Equal(ClientStatus.Invalid, await StatusOf(() => batch.DoneAsync(0, [QueueTests.Bytes("x")])));
        await Assert.ThrowsAsync<InvalidOperationException>(() => member.NextAsync());
        Assert.Empty(await GroupCase.OutputAsync(client));

        Assert.True(await batch.DoneAsync([QueueTests.Bytes("both")]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => batch.DoneAsync());
        Assert.Equal(["both"], await GroupCase.OutputAsync(client));
    }

    [Fact]
    public async Task Results_without_an_output_are_refused()
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();
        await GroupCase.AppendAsync(client, 0, "a");
        await using RemoteGroupMember member = await GroupCase.JoinAsync(client);
        GroupBatch batch = await member.NextAsync(GroupCase.Limit);
        Assert.Equal(ClientStatus.Invalid, await StatusOf(() => batch.DoneAsync([QueueTests.Bytes("x")])));
        Assert.True(await batch.DoneAsync());
    }

    [Fact]
    public async Task A_silent_member_loses_its_partitions_and_its_late_answer_stores_nothing()
    {
        await using ClientCase host = new();
        EstreamClient slow = await host.ConnectAsync(), quick = await host.ConnectAsync();
        await GroupCase.AppendAsync(quick, 2, "a");
        await using RemoteGroupMember silent = await GroupCase.JoinAsync(
            slow, GroupCase.WithOutput with { AnswerLimit = TimeSpan.FromSeconds(1) });
        GroupBatch late = await silent.NextAsync(GroupCase.Limit);
        await using RemoteGroupMember other = await GroupCase.JoinAsync(quick, GroupCase.WithOutput);
        GroupBatch again = await other.NextAsync(GroupCase.Limit);
        Assert.Equal((2, "a"), (again.Partition, Assert.Single(GroupCase.TextsOf(again))));

        Assert.False(await late.DoneAsync([QueueTests.Bytes("late")]));
        Assert.True(await again.DoneAsync([QueueTests.Bytes("in time")]));
        Assert.Equal(["in time"], await GroupCase.OutputAsync(quick));

        // The silent member continues with its next call.
        await other.DisposeAsync();
        await GroupCase.AppendAsync(quick, 2, "b");
        GroupBatch next = await silent.NextAsync(GroupCase.Limit);
        Assert.Equal(["b"], GroupCase.TextsOf(next));
        Assert.True(await next.DoneAsync([QueueTests.Bytes("next")]));
        Assert.Equal(["in time", "next"], await GroupCase.OutputAsync(quick));
    }

    private static Task<ClientStatus> StatusOf(Func<Task> request) => QueueTests.StatusOf(request);
}
