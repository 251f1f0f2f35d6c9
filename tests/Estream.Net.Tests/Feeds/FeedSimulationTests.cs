using System.Globalization;
using Estream.Testing;

namespace Estream.Net.Tests.Feeds;

public sealed class FeedSimulationTests
{
    private const string SeedVariable = "ESTREAM_FEED_SEED";

    /// <summary>Runs one seed in every run, or the seed of a replay.</summary>
    [Fact]
    public void One_seed_delivers_each_message_once() =>
        Play(int.Parse(Environment.GetEnvironmentVariable(SeedVariable) ?? "1000000", CultureInfo.InvariantCulture));

    [Fact]
    public void Every_seed_delivers_each_message_once()
    {
        int seeds = LongRun.Count(250, 10_000);
        FeedScenario[] played = [.. Enumerable.Range(0, seeds).Select(Play)];

        Assert.Contains(played, scenario => scenario.GivenUp > 0);
        Assert.Contains(played, scenario => scenario.Snapshots > 0);
        Assert.Contains(played, scenario => scenario.HasPerfectFeed);
    }

    private static FeedScenario Play(int seed)
    {
        try
        {
            FeedScenario scenario = new(seed);
            scenario.Run();
            return scenario;
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException(
                $"again: {SeedVariable}={seed} dotnet test tests/Estream.Net.Tests -c Release --filter "
                + "One_seed_delivers_each_message_once\n"
                + failure.Message, failure);
        }
    }
}
