using System.Diagnostics;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Brokers;
using Estream.Testing;

namespace Estream.Scenarios.Tests;

public sealed class RabbitClusterTests
{
    [PeerFact("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server")]
    public void A_kept_broker_that_has_died_is_started_again()
    {
        using TempDirectory directory = new();
        RabbitCluster.AreKept = true;
        try
        {
            RabbitCluster first = Open(directory, "first");
            first.Dispose();
            RabbitCluster same = Open(directory, "second");
            Assert.Same(first, same);
            same.Dispose();

            using (Process broker = Process.GetProcessById(first.ProcessOf(0)))
            {
                broker.Kill(entireProcessTree: true);
                broker.WaitForExit();
            }

            using RabbitCluster next = Open(directory, "third");
            Assert.NotSame(first, next);
        }
        finally
        {
            RabbitCluster.AreKept = false;
            RabbitCluster.StopShared();
        }
    }

    private static RabbitCluster Open(TempDirectory directory, string contender) =>
        RabbitCluster.Open(new ContenderContext(directory.Combine(contender), RunSize.Tiny), brokers: 1);
}
