using System.Globalization;
using Estream.Testing;

namespace Estream.Net.Tests.Multicast.Simulation;

public sealed class SimulationTests
{
    private const string SeedVariable = "ESTREAM_MULTICAST_SEED";
    private const int Batches = 10;

    public static TheoryData<int> AllBatches => [.. Enumerable.Range(0, Batches)];

    /// <summary>Runs one seed in every run, or the seed of a replay.</summary>
    [Fact]
    public void One_seed_gives_equal_copies() =>
        Play(int.Parse(Environment.GetEnvironmentVariable(SeedVariable) ?? "1000000", CultureInfo.InvariantCulture));

    /// <summary>Additional seeds, each of which has found a defect once.</summary>
    [Theory]
    [InlineData(94)]
    [InlineData(484)]
    [InlineData(538)]
    [InlineData(777)]
    public void A_seed_that_found_a_defect_gives_equal_copies(int seed) => Play(seed);

    [Theory]
    [MemberData(nameof(AllBatches))]
    public void Every_seed_gives_equal_copies(int batch)
    {
        int seeds = LongRun.Count(5, 100);
        for (int seed = batch * seeds; seed < (batch + 1) * seeds; seed++)
        {
            Play(seed);
        }
    }

    private static void Play(int seed)
    {
        try
        {
            using MulticastScenario scenario = new(seed);
            scenario.Run();
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException(
                $"again: {SeedVariable}={seed} dotnet test tests/Estream.Net.Tests -c Release --filter One_seed_gives_equal_copies\n"
                + failure.Message, failure);
        }
    }
}
