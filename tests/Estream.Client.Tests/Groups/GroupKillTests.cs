using System.Globalization;
using Estream.Client.TestProcess;
using Estream.Client.Tests.Hosting;
using Estream.Testing;

namespace Estream.Client.Tests.Groups;

/// <summary>Goal: each message has its effect in the output exactly once and in the order of its partition, although members and the host
/// are killed at random moments.</summary>
[Collection(HostCollection.Name)]
public sealed class GroupKillTests
{
    private const int Members = 3;
    private const int Batch = 50;

    private static CancellationToken Limit => GroupCase.Limit;

    [Theory]
    [InlineData("PageCache", 34)]
    [InlineData("GroupCommit", 35)]
    public async Task Every_message_has_one_effect_in_its_order_after_any_crash(string durability, int seed)
    {
        await using ClientCase host = new(durability: durability);
        Random random = new(seed);
        EstreamClient client = await host.ConnectAsync();
        await using MessageSubscription results = await client.Queue(ClientCase.Output).SubscribeAsync(cancellation: Limit);
        ChildProcess[] members = [.. Enumerable.Range(0, Members).Select(number => Join(host, number))];
        long[] next = new long[ClientCase.Partitions];
        await using IAsyncEnumerator<RemoteMessage> effects = results.GetAsyncEnumerator(Limit);
        long appended = 0;
        int kills = LongRun.Count(6, 100);
        for (int kill = 0; kill < kills; kill++)
        {
            // The crash comes after some new effects and before the last one.
            appended += await AppendAsync(client, 2_400);
            await FollowAsync(effects, next, appended - 2_400 + 400 + random.Next(400));
            if (kill % 3 == 2)
            {
                host.Host.Process.Kill();
                host.Host.Process.WaitForExit();
                host.Restart();
            }
            else
            {
                int victim = random.Next(Members);
                Kill(members[victim]);
                members[victim] = Join(host, Members + kill);
            }
        }

        await FollowAsync(effects, next, appended);
        Assert.All(members, member => Assert.False(member.HasExited, member.Error));
        Array.ForEach(members, Kill);
        Assert.Equal(appended, (await client.Queue(ClientCase.Output).GetInfoAsync(Limit)).NextSequence);
    }

    private static ChildProcess Join(ClientCase host, int seed)
    {
        ChildProcess member = ChildProcess.StartDotnet(
            BuiltProgram.Find("tests/Estream.Client.TestProcess", "Estream.Client.TestProcess.dll"),
            ["group", host.Socket, ClientCase.Partitioned, GroupCase.Group, ClientCase.Output,
                seed.ToString(CultureInfo.InvariantCulture)]);
        member.WaitForText("joined");
        return member;
    }

    private static void Kill(ChildProcess member)
    {
        member.Kill();
        Assert.Equal("", member.WaitForExit().Error);
        member.Dispose();
    }

    private static async Task<long> AppendAsync(EstreamClient client, int messages)
    {
        ReadOnlyMemory<byte>[] batch = [.. Enumerable.Range(0, Batch).Select(i => (ReadOnlyMemory<byte>)BitConverter.GetBytes(i))];
        for (int i = 0; i < messages / Batch; i++)
        {
            await client.Queue($"{ClientCase.Partitioned}.{i % ClientCase.Partitions:D4}").AppendBatchAsync(batch, Limit);
        }

        return messages;
    }

    // The host numbers the messages of a partition without gaps, so the next number proves that none is missing or repeated.
    private static async Task FollowAsync(IAsyncEnumerator<RemoteMessage> effects, long[] next, long count)
    {
        while (next.Sum() < count)
        {
            Assert.True(await effects.MoveNextAsync());
            (int partition, long sequence) = GroupResult.Read(effects.Current.Payload.Span);
            Assert.Equal((partition, next[partition]), (partition, sequence));
            next[partition]++;
        }
    }
}
