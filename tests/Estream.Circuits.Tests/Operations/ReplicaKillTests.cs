using Estream.Circuits.TestProcess;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>A process that replicates a continuously changing queue and map is killed again and again: the replicas lose and repeat
/// nothing.</summary>
public sealed class ReplicaKillTests
{
    private const int LongestMs = 150;

    [Fact]
    public void Replicas_lose_and_repeat_nothing_when_killed_at_any_moment()
    {
        using TempDirectory directory = new();
        string program = BuiltProgram.Find("tests/Estream.Circuits.TestProcess", "Estream.Circuits.TestProcess.dll");
        Random random = new(121);
        KillRounds rounds = new(LongRun.Count(8, 200));
        int before = 0;
        for (int kill = 0; !rounds.AreOver; kill++)
        {
            using (ChildProcess child = ChildProcess.StartDotnet(program, ["replicate", directory.Path]))
            {
                // In one of four rounds, the process is killed at any moment, also during recovery from the previous crash.
                child.WaitForText(kill % 4 == 3 ? "running" : "under way");
                Thread.Sleep(random.Next(LongestMs));
                child.Kill();
                Assert.True(child.Error.Length == 0, child.Error);
            }

            int copied = Messages(directory.Combine("copies", "queues", "copy"));
            rounds.Add(copied > before && copied < Messages(directory.Combine("log")));
            before = copied;
            if (kill % 4 == 3)
            {
                using ReplicaWork work = new(directory.Path);
                Assert.Null(work.Difference());
                before = Messages(directory.Combine("copies", "queues", "copy"));
            }
        }
    }

    private static int Messages(string directory)
    {
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(directory);
        using QueueTailer tailer = queue.CreateTailer();
        int count = 0;
        while (tailer.TryRead(out _))
        {
            count++;
        }

        return count;
    }
}
