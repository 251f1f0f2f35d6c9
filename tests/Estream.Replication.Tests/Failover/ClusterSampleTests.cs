using Estream.Testing;

namespace Estream.Replication.Tests.Failover;

/// <summary>The script samples/Cluster/run.sh.</summary>
public sealed class ClusterSampleTests
{
    [Fact]
    public void The_cluster_sample_loses_no_message_while_the_leading_broker_and_the_active_host_are_killed()
    {
        int messages = LongRun.Count(200, 20_000);
        int first = FirstOfFreePorts(10);
        ProcessResult result = ChildProcess.Run(
            Path.Combine(RepositoryRoot.Path, "samples/Cluster/run.sh"), ["--check", $"{messages}"], limit: TimeSpan.FromMinutes(10),
            environment: new Dictionary<string, string?>
            {
                ["ESTREAM_BUILT"] = "1",
                ["ESTREAM_HTTP_PORT"] = $"{first}",
                ["ESTREAM_MQTT_PORT"] = $"{first + 2}",
                ["ESTREAM_BROKER_PORT"] = $"{first + 3}",
            }).EnsureSuccess();
        Assert.EndsWith($"{messages} of {messages} on the replica, equal", result.Output.TrimEnd(), StringComparison.Ordinal);
    }

    private static int FirstOfFreePorts(int count)
    {
        int first = FreePort.Next();
        int last = first;
        while (last - first < count - 1)
        {
            int next = FreePort.Next();
            first = next == last + 1 ? first : next;
            last = next;
        }

        return first;
    }
}
