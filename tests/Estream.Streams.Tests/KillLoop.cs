using Estream.Testing;

namespace Estream.Streams.Tests;

/// <summary>The other process of these tests, killed again and again while it is at work.</summary>
internal static class KillLoop
{
    /// <summary>Starts it so many times, and kills it each time some moment after it has begun.</summary>
    /// <param name="command">What it does until it is killed.</param>
    /// <param name="directory">Where.</param>
    /// <param name="kills">How many times.</param>
    /// <param name="seed">Of the moments.</param>
    /// <param name="longestMs">The latest moment, in milliseconds after it has begun.</param>
    /// <param name="awaitWork">Waits until something was done; by default until it says that it is under way.</param>
    /// <param name="check">Hears of each kill: its number, from 0 on, and the process.</param>
    public static void Run(string command, string directory, int kills, int seed, int longestMs, Action<ChildProcess>? awaitWork = null, Action<int, ChildProcess>? check = null)
    {
        string program = BuiltProgram.Find("tests/Estream.Streams.TestProcess", "Estream.Streams.TestProcess.dll");
        var random = new Random(seed);
        awaitWork ??= child => child.WaitForText("under way");
        for (int kill = 0; kill < kills; kill++)
        {
            using ChildProcess child = ChildProcess.StartDotnet(program, [command, directory]);
            child.WaitForText("running");
            Thread.Sleep(random.Next(longestMs));
            if (kill == 0)
            {
                // However slow the machine is: not all kills come before anything was done.
                awaitWork(child);
            }

            child.Kill();
            check?.Invoke(kill, child);
        }
    }
}
