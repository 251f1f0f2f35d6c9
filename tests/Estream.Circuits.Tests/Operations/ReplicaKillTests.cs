using Estream.Circuits.TestProcess;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>A process that replicates a queue and a map which change all the time, killed again and again: the replicas lose and repeat nothing.</summary>
public sealed class ReplicaKillTests
{
    private const int LongestMs = 150;

    [Fact]
    public void Killed_at_any_moment_replicas_lose_and_repeat_nothing()
    {
        using TempDirectory directory = new();
        string program = BuiltProgram.Find("tests/Estream.Circuits.TestProcess", "Estream.Circuits.TestProcess.dll");
        Random random = new(121);
        for (int kill = 0; kill < LongRun.Count(8, 200); kill++)
        {
            using (ChildProcess child = ChildProcess.StartDotnet(program, ["replicate", directory.Path]))
            {
                child.WaitForText(kill == 0 ? "under way" : "running");
                Thread.Sleep(random.Next(LongestMs));
                child.Kill();
                Assert.True(child.Error.Length == 0, child.Error);
            }

            if (kill % 4 == 3)
            {
                using ReplicaWork work = new(directory.Path);
                Assert.Null(work.Difference());
            }
        }
    }
}
