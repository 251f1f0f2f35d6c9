using System.Diagnostics;
using Estream.Testing;

namespace Estream.Replication.Tests.Failover;

/// <summary>Suspends the active host of a pair under load, and continues it after the other host has taken over.</summary>
internal static class SuspendedHost
{
    private const int Messages = 300;

    /// <summary>Runs the fault. Requires that the continued host acknowledges nothing and ends, and that no acknowledged message is lost
    /// or duplicated.</summary>
    /// <param name="pair">A pair whose hosts do not run.</param>
    /// <returns>The time from the signal until the other host is ready.</returns>
    public static async Task<TimeSpan> RunAsync(HostPair pair)
    {
        HostProcess first = pair.Start("a").WaitUntilReady();
        HostProcess second = pair.Start("b");
        await using (Device early = new(first.MqttPort, Messages))
        {
            await early.Completion;
        }

        HostPair.WaitUntilFollowing(second);
        await using Device stranded = new(first.MqttPort, messages: 0, perSecond: 500, number: 1);
        Eventually.True(() => !stranded.Acknowledged.IsEmpty, "the active host acknowledges");
        first.Process.Signal("STOP");
        long stopped = Stopwatch.GetTimestamp();
        string[] known = [.. stranded.Acknowledged.Keys];
        _ = second.WaitUntilReady();
        TimeSpan takeover = Stopwatch.GetElapsedTime(stopped);
        await using Device late = new(second.MqttPort, Messages, number: 2);
        await late.Completion;

        first.Process.Signal("CONT");
        ProcessResult ended = first.Process.WaitForExit();
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("This host is not active any more.", ended.Error, StringComparison.Ordinal);
        string[] stored = [.. pair.Read("b").Select(message => message.Split(' ')[0])];
        Assert.Equal(stored.Length, stored.Distinct().Count());
        Assert.Empty(late.Acknowledged.Keys.Except(stored));
        Assert.Empty(known.Except(stored));
        Assert.Empty(stranded.Acknowledged.Keys.Except(stored));

        HostProcess again = pair.Start("a");
        HostPair.WaitUntilFollowing(again);
        pair.WaitUntilEqual("b", "a");
        return takeover;
    }
}
