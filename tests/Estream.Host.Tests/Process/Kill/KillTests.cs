using System.Security.Cryptography;
using Estream.Testing;
using Xunit.Abstractions;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: every acknowledged message survives a crash of the host. Method: the host is killed with SIGKILL at random times under load,
/// sometimes again during its start, and restarted with the same files. After each restart, every acknowledged message is in the queue, in
/// order and once, and the map equals a replay of the queue.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class KillTests(ITestOutputHelper output)
{
    private const int DevicesPerRound = 60;
    private const int MaxLoadMs = 600;
    private const int MaxStartMs = 900;

    [Fact]
    public async Task Kill_9_loses_no_acknowledged_message_and_the_map_equals_a_replay()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("ESTREAM_TEST_SEED"), out int given)
            ? given
            : RandomNumberGenerator.GetInt32(int.MaxValue);
        output.WriteLine($"ESTREAM_TEST_SEED={seed} repeats the moments");
        Random random = new(seed);
        int killCount = LongRun.Count(8, 200);
        using HostFiles files = new();
        (int http, int mqtt) = (FreePort.Next(), FreePort.Next());
        long acknowledged = 0;
        int killsInStart = 0;
        AcknowledgedLoad? before = null;
        QueueReplay? replay = null;

        for (int round = 0; round < killCount; round++)
        {
            if (round > 0 && random.Next(4) == 0)
            {
                using HostProcess starting = files.Start(http, mqtt);
                await Task.Delay(random.Next(MaxStartMs));
                starting.Kill();
                killsInStart++;
            }

            using HostProcess host = files.Start(http, mqtt).WaitUntilReady();
            replay ??= new QueueReplay(files.Data);
            Verify(replay, before, files);
            before = new AcknowledgedLoad(mqtt, $"r{round}", DevicesPerRound, messagesPerSecond: 20_000);
            await before.KillAsync(host, random.Next(MaxLoadMs));
            acknowledged += before.Acknowledged;
        }

        using HostProcess last = files.Start(http, mqtt).WaitUntilReady();
        Verify(replay!, before, files);
        replay!.Dispose();
        using QueueReplay whole = new QueueReplay(files.Data).Advance();
        whole.AssertMapEquals(files.Data);
        output.WriteLine(
            $"{killCount} kills under load and {killsInStart} more while starting; {acknowledged} messages acknowledged, "
            + $"{whole.MessageCount} in the queue");
        Assert.True(acknowledged > killCount, "there was no load to speak of");
    }

    private static void Verify(QueueReplay replay, AcknowledgedLoad? load, HostFiles files)
    {
        replay.Advance();
        load?.AssertStored(replay);
        replay.AssertMapEquals(files.Data);
    }
}
