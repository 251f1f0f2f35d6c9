using System.Collections.Concurrent;
using Estream.Client.Tests.Hosting;
using Estream.Testing;

namespace Estream.Client.Tests.Groups;

/// <summary>Goal: members on other machines share the partitions of a queue, and hand them over without loss or repetition.</summary>
[Collection(HostCollection.Name)]
public sealed class GroupTests
{
    private static CancellationToken Limit => GroupCase.Limit;

    [Fact]
    public async Task Members_share_the_partitions_when_they_join_and_leave()
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();
        ConcurrentQueue<(int Member, int Partition, string Message)> seen = [];
        List<(CancellationTokenSource Stop, Task Run)> members = [];
        int appended = 0;
        foreach (int[] shares in new int[][] { [6], [3, 3], [2, 2, 2] })
        {
            members.Add(await ConsumeAsync(host, members.Count, seen));
            appended += await AppendUntilSharedAsync(client, seen, shares);
        }

        await members[0].Stop.CancelAsync();
        await members[0].Run;
        appended += await AppendUntilSharedAsync(client, seen, [3, 3]);
        await Task.WhenAll(members.Select(member => member.Stop.CancelAsync()));
        await Task.WhenAll(members.Select(member => member.Run));

        // No member was lost, so no message came twice.
        Assert.Equal(appended, seen.Count);
        Assert.Equal(appended, seen.Distinct().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Messages_that_are_not_processed_come_again(bool withOutput)
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();
        await GroupCase.AppendAsync(client, 4, "a", "b", "c", "d");
        GroupOptions options = withOutput ? GroupCase.WithOutput : new GroupOptions();
        RemoteGroupMember first = await GroupCase.JoinAsync(client, options);
        GroupBatch batch = await first.NextAsync(Limit);
        Assert.Equal(["a", "b", "c", "d"], GroupCase.TextsOf(batch));
        Assert.True(await batch.DoneAsync(1, Results(withOutput, batch, 1)));

        batch = await first.NextAsync(Limit);
        Assert.Equal(["b", "c", "d"], GroupCase.TextsOf(batch));
        Assert.True(await batch.DoneAsync(0, []));
        batch = await first.NextAsync(Limit);
        Assert.Equal(["b", "c", "d"], GroupCase.TextsOf(batch));
        Assert.True(await batch.DoneAsync(2, Results(withOutput, batch, 2)));

        // The member leaves with a batch that it has not answered.
        Assert.Equal(["d"], GroupCase.TextsOf(await first.NextAsync(Limit)));
        await first.DisposeAsync();
        await using RemoteGroupMember second = await GroupCase.JoinAsync(client, options);
        batch = await second.NextAsync(Limit);
        Assert.Equal(["d"], GroupCase.TextsOf(batch));
        Assert.True(await batch.DoneAsync(Results(withOutput, batch, 1)));
        Assert.Equal(withOutput ? ["a", "b", "c", "d"] : [], await GroupCase.OutputAsync(client));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_killed_host_continues_after_the_last_answer(bool withOutput)
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();
        await GroupCase.AppendAsync(client, 1, "a", "b", "c");
        await using RemoteGroupMember member = await GroupCase.JoinAsync(
            client, withOutput ? GroupCase.WithOutput : new GroupOptions());
        GroupBatch batch = await member.NextAsync(Limit);
        Assert.True(await batch.DoneAsync(1, Results(withOutput, batch, 1)));
        batch = await member.NextAsync(Limit);
        host.Host.Process.Kill();
        host.Host.Process.WaitForExit();
        Assert.False(await batch.DoneAsync(Results(withOutput, batch, 2)));

        host.Restart();
        batch = await member.NextAsync(Limit);
        Assert.Equal(["b", "c"], GroupCase.TextsOf(batch));
        Assert.True(await batch.DoneAsync(Results(withOutput, batch, 2)));
        Assert.Equal(withOutput ? ["a", "b", "c"] : [], await GroupCase.OutputAsync(client));
    }

    [Fact]
    public async Task A_batch_has_the_bytes_that_its_member_takes()
    {
        await using ClientCase host = new();
        EstreamClient client = await host.ConnectAsync();
        string large = new('x', 3_000);
        await GroupCase.AppendAsync(client, 5, large, "a", "b", large);
        await using RemoteGroupMember member = await GroupCase.JoinAsync(client, new GroupOptions { MaxBatchBytes = 1_000 });
        foreach (string[] expected in new string[][] { [large], ["a", "b"], [large] })
        {
            GroupBatch batch = await member.NextAsync(Limit);
            Assert.Equal(expected, GroupCase.TextsOf(batch));
            Assert.True(await batch.DoneAsync());
        }
    }

    private static ReadOnlyMemory<byte>[] Results(bool withOutput, GroupBatch batch, int count) =>
        withOutput ? [.. batch.Messages.Take(count).Select(message => message.Payload)] : [];

    /// <summary>Appends a message to each partition, until the members have received the wanted shares of one round.</summary>
    private static async Task<int> AppendUntilSharedAsync(
        EstreamClient client, ConcurrentQueue<(int Member, int Partition, string Message)> seen, int[] shares)
    {
        int appended = 0;
        await Eventually.TrueAsync(async () =>
        {
            string message = $"{shares.Length} {Guid.NewGuid()}";
            for (int partition = 0; partition < ClientCase.Partitions; partition++)
            {
                await GroupCase.AppendAsync(client, partition, message);
                appended++;
            }

            await Eventually.TrueAsync(
                () => Task.FromResult(seen.Count(one => one.Message == message) == ClientCase.Partitions), "all messages are read");
            return shares.SequenceEqual(seen.Where(one => one.Message == message).GroupBy(one => one.Member)
                .Select(member => member.Count()).Order());
        }, $"the members have {string.Join(", ", shares)} partitions");
        return appended;
    }

    private static async Task<(CancellationTokenSource, Task)> ConsumeAsync(
        ClientCase host, int number, ConcurrentQueue<(int, int, string)> seen)
    {
        CancellationTokenSource stop = new();
        RemoteGroupMember member = await GroupCase.JoinAsync(await host.ConnectAsync());
        return (stop, Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    GroupBatch batch = await member.NextAsync(stop.Token);
                    foreach (string message in GroupCase.TextsOf(batch))
                    {
                        seen.Enqueue((number, batch.Partition, message));
                    }

                    Assert.True(await batch.DoneAsync(Limit));
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                await member.DisposeAsync();
            }
        }));
    }
}
