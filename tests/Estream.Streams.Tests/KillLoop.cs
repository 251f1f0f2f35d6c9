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
    /// <param name="awaitWork">Waits until something was done.</param>
    /// <param name="check">Hears of each kill: its number, from 0 on, and the process.</param>
    public static void Run(string command, string directory, int kills, int seed, int longestMs, Action<ChildProcess>? awaitWork = null,
        Action<int, ChildProcess>? check = null)
    {
        awaitWork ??= child => child.WaitForText("under way");
        var random = new Random(seed);
        for (int kill = 0; kill < kills; kill++)
        {
            using ChildProcess child = Start(command, directory);
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

    /// <summary>The same for pipelines that are fed while they run: it goes on until enough kills found work both done and left.</summary>
    /// <param name="command">What it does until it is killed: it says "under way" when every pipeline has done something, and "fed" when no
    /// more will come.</param>
    /// <param name="directory">Where.</param>
    /// <param name="kills">How many times at least.</param>
    /// <param name="seed">Of the moments.</param>
    /// <param name="longestMs">The latest moment, in milliseconds after it is under way, or after it has begun.</param>
    public static void RunAtWork(string command, string directory, int kills, int seed, int longestMs)
    {
        var random = new Random(seed);
        KillRounds rounds = new(kills);
        for (int kill = 0; !rounds.AreOver; kill++)
        {
            using ChildProcess child = Start(command, directory);
            if (kill % 4 != 3)
            {
                // One of four kills comes at any moment, also while what the last one left is taken up.
                child.WaitForText("under way");
            }

            Thread.Sleep(random.Next(longestMs));
            child.Kill();
            string output = child.WaitForExit().Output;
            bool isDone = output.Contains("under way", StringComparison.Ordinal);
            bool isLeft = !output.Contains("fed", StringComparison.Ordinal);
            rounds.Add(isDone && isLeft);
        }
    }

    private static ChildProcess Start(string command, string directory)
    {
        string program = BuiltProgram.Find("tests/Estream.Streams.TestProcess", "Estream.Streams.TestProcess.dll");
        ChildProcess child = ChildProcess.StartDotnet(program, [command, directory]);
        child.WaitForText("running");
        return child;
    }
}
