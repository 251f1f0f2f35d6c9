using Estream.Client.TestProcess;
using Estream.Client.Tests.Hosting;
using Estream.Testing;

namespace Estream.Client.Tests;

/// <summary>Goal: a client process that is killed and started again loses no message, stores none twice, and reads without a
/// gap.</summary>
[Collection(HostCollection.Name)]
public sealed class KilledClientTests
{
    private const byte Writer = 1;

    private static readonly CancellationToken s_limit = new CancellationTokenSource(TimeSpan.FromMinutes(60)).Token;

    [Theory]
    [InlineData("PageCache")]
    [InlineData("GroupCommit")]
    public async Task A_killed_client_that_resumes_stores_each_message_once(string durability)
    {
        await using ClientCase host = new(durability: durability);
        Guid producer = Guid.NewGuid();
        using ClientProcess appender = ClientProcess.Appender(host, producer, Writer);
        KillRounds rounds = new(LongRun.Count(3, 100), atWork: 1);
        while (!rounds.AreOver)
        {
            appender.WaitForProgress("acknowledged");
            appender.Kill();
            long acknowledged = appender.Last("acknowledged");
            appender.Restart();
            long stored = appender.First("from") - 1;
            Assert.True(stored >= acknowledged, $"{acknowledged} messages were acknowledged, but {stored} are stored");
            rounds.Add(stored > acknowledged);
        }

        appender.Kill();
        await using RemoteAppender last = await (await host.ConnectAsync()).Queue(ClientCase.Queue).ResumeAppenderAsync(producer, s_limit);
        Assert.True(last.NextNumber > appender.Last("acknowledged"));
        await RequireOnceAsync(host, Writer, last.NextNumber - 1, isKilled: true);
    }

    [Fact]
    public async Task A_killed_reader_continues_at_its_cursor_without_a_gap()
    {
        await using ClientCase host = new();
        using ClientProcess appender = ClientProcess.Appender(host, Guid.NewGuid(), Writer);
        using ClientProcess reader = ClientProcess.Reader(host, "mine");
        for (int kill = 0; kill < LongRun.Count(3, 100); kill++)
        {
            reader.WaitForProgress("committed");
            reader.Kill();
            (long seen, long committed) = (reader.Last("seen"), reader.Last("committed"));
            reader.Restart();

            // The host may have stored the last commit although its response did not arrive.
            Assert.InRange(reader.First("first"), committed + 1, Math.Max(seen, committed) + 1);
        }
    }

    [Fact]
    public async Task Numbers_that_a_killed_client_sent_in_part_are_stored_once()
    {
        await using ClientCase host = new();
        RemoteQueue queue = (await host.ConnectAsync()).Queue(ClientCase.Queue);
        Guid producer = Guid.NewGuid();
        RemoteAppender first = await queue.ResumeAppenderAsync(producer, s_limit);
        await AppendAsync(first, through: 5);

        // The second appender knows of five messages. Meanwhile, the rest of the first connection arrives.
        RemoteAppender second = await queue.ResumeAppenderAsync(producer, s_limit);
        Assert.Equal(6, second.NextNumber);
        await AppendAsync(first, through: 8);
        await AppendAsync(second, through: 12);

        Assert.Equal(13, (await queue.ResumeAppenderAsync(producer, s_limit)).NextNumber);
        await RequireOnceAsync(host, Writer, 12);
    }

    /// <summary>Requires that the queue has each message of a writer exactly once, in the order of the numbers.</summary>
    /// <param name="host">The host.</param>
    /// <param name="writer">The writer.</param>
    /// <param name="last">The number of the last message.</param>
    /// <param name="isKilled">Whether the writer was killed, so that the host may still store messages which it had sent.</param>
    internal static async Task RequireOnceAsync(ClientCase host, byte writer, long last, bool isKilled = false)
    {
        RemoteQueue queue = (await host.ConnectAsync()).Queue(ClientCase.Queue);
        long messages = (await queue.GetInfoAsync(s_limit)).NextSequence;
        await using MessageSubscription subscription = await queue.SubscribeAsync(cancellation: s_limit);
        long next = 1;
        await foreach (RemoteMessage message in subscription.WithCancellation(s_limit))
        {
            (byte from, long number) = NumberedMessage.Read(message.Payload.Span);
            if (from == writer)
            {
                Assert.Equal(next++, number);
            }

            if (message.Sequence == messages - 1)
            {
                break;
            }
        }

        Assert.InRange(next - 1, last, isKilled ? long.MaxValue : last);
    }

    private static async Task AppendAsync(RemoteAppender appender, long through)
    {
        byte[] message = new byte[NumberedMessage.Bytes];
        while (appender.NextNumber <= through)
        {
            NumberedMessage.Write(message, Writer, appender.NextNumber);
            await appender.AppendAsync(message, s_limit);
        }

        await appender.FlushAsync(s_limit);
    }
}
