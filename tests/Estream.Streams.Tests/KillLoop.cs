using Estream.Testing;

namespace Estream.Streams.Tests;

/// <summary>Runs the second process of these tests and kills it repeatedly while it works.</summary>
internal static class KillLoop
{
    /// <summary>Starts the process a number of times, and kills it each time at a random moment after its start.</summary>
    /// <param name="command">The command that the process runs until it is killed.</param>
    /// <param name="directory">The directory of the command.</param>
    /// <param name="kills">The number of kills.</param>
    /// <param name="seed">The seed of the random moments.</param>
    /// <param name="longestMs">The latest moment, in milliseconds after the start.</param>
    /// <param name="awaitWork">Waits until some work is done.</param>
    /// <param name="check">Called after each crash with its number, from 0 on, and the process.</param>
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
                // The first process must do some work before it is killed, even on a slow machine.
                awaitWork(child);
            }

            child.Kill();
            check?.Invoke(kill, child);
        }
    }

    /// <summary>Runs pipelines that are fed while they run, until enough kills found both finished and unfinished work.</summary>
    /// <param name="command">The command that the process runs until it is killed. It prints "under way" when every pipeline has made
    /// progress, and "fed" when no more messages will be appended.</param>
    /// <param name="directory">The directory of the command.</param>
    /// <param name="kills">The minimum number of kills.</param>
    /// <param name="seed">The seed of the random moments.</param>
    /// <param name="longestMs">The latest moment, in milliseconds after "under way", or after the start.</param>
    public static void RunAtWork(string command, string directory, int kills, int seed, int longestMs)
    {
        var random = new Random(seed);
        KillRounds rounds = new(kills);
        for (int kill = 0; !rounds.AreOver; kill++)
        {
            using ChildProcess child = Start(command, directory);
            if (kill % 4 != 3)
            {
                // In one of four rounds, the process is killed at any moment, also during recovery from the previous crash.
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
