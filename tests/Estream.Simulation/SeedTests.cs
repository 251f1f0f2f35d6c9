using Estream.Testing;

namespace Estream.Simulation;

/// <summary>Runs the seeds of the everyday run or of the long run. docs/testing.md lists the ranges.</summary>
public sealed class SeedTests
{
    private const int Batches = 10;

    public static TheoryData<string, int> Everyday
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string scenario in SimulationRunner.Scenarios.Keys)
            {
                for (int batch = 0; batch < Batches; batch++)
                {
                    data.Add(scenario, batch);
                }
            }

            return data;
        }
    }

    /// <summary>Additional seeds, each of which has found a defect once.</summary>
    [Theory]
    [InlineData("queue-durable", 26560)]
    [InlineData("queue-durable", 27362)]
    [InlineData("queue-durable", 38326)]
    [InlineData("queue-durable-shared", 25000)]
    [InlineData("queue-durable-shared@Clock", 140)]
    [InlineData("queue-retention", 423)]
    [InlineData("queue-failover", 2771)]
    [InlineData("queue-failover", 3849)]
    [InlineData("queue-durable-seeks", 7132)]
    [InlineData("queue-durable-rotated", 8073)]
    [InlineData("bytemap-versions", 39470)]
    [InlineData("payment-ingress", 1258)]
    [InlineData("payment-ingress", 2554)]
    [InlineData("payment-ingress", 3152)]
    [InlineData("payment-ingress", 3243)]
    public void A_seed_that_found_a_defect_keeps_its_contract(string scenario, long seed) => SimulationRunner.PlayRange(scenario, seed, 1);

    [Theory]
    [MemberData(nameof(Everyday))]
    public void Every_seed_keeps_its_contract(string scenario, int batch)
    {
        int seeds = LongRun.Count(1, 24) * SeedsPerBatch(scenario);
        SimulationRunner.PlayRange(scenario, (long)batch * seeds, seeds);
    }

    // Slow or overlapping scenarios get fewer seeds. Encryption takes most of the time of its scenario, whose steps two other scenarios
    // also have. A batch scenario repeats the steps of another scenario and adds one. Signatures take most of the time of the witness
    // scenario.
    private static int SeedsPerBatch(string scenario) => scenario switch
    {
        "queue" => 250,
        "queue-durable-encrypted" or "queue-durable-rotated" or "queue-durable-seeks" or "bytemap-encrypted" => 40,
        "queue-group" => 60,
        "bytemap-batches" or "map-batches" or "map-many-batches" => 60,
        "map-feed" or "map-many-feed" or "transactions" or "ingress" or "queue-failover" => 25,
        "witness" or "fix-ingress" or "payment-ingress" => 15,
        _ => 125,
    };
}
