using Estream.Circuits.TestProcess;
using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>A process with a circuit whose messages reach an output by several routes is killed again and again: there is one result,
/// window event and dead letter for each route.</summary>
public sealed class SeveralRoutesKillTests
{
    private const int LongestMs = 150;

    [Fact]
    public void Each_route_of_a_message_has_one_result_after_repeated_kills()
    {
        using TempDirectory directory = new();
        string program = BuiltProgram.Find("tests/Estream.Circuits.TestProcess", "Estream.Circuits.TestProcess.dll");
        Random random = new(136);
        for (int kill = 0; kill < LongRun.Count(8, 60); kill++)
        {
            using (ChildProcess child = ChildProcess.StartDotnet(program, ["ways", directory.Path]))
            {
                // In one of four rounds, the process is killed at any moment, also during recovery from the previous crash.
                child.WaitForText(kill % 4 == 3 ? "running" : "under way");
                Thread.Sleep(random.Next(LongestMs));
                child.Kill();
                Assert.True(child.Error.Length == 0, child.Error);
            }

            if (kill % 4 == 3)
            {
                using RoutesWork work = new(directory.Path);
                Assert.Null(work.Difference());
            }
        }
    }
}
