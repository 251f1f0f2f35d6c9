using Estream.Streams.Pipelines;
using Estream.Testing;

namespace Estream.Streams.Tests.Declared;

/// <summary>Declared pipelines on dedicated threads.</summary>
public sealed class PipelineRunnerTests : DeclaredCase
{
    private const string Means = """
        means:
          from: { queue: readings, schema: Reading }
          stages: [{ window: { tumbling: 10s, time: at, key: device, schema: Mean, set: { device: key, start: start, until: end, events: count } } }]
          to: { queue: means }
          rejected: dead
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposing_a_runner_releases_its_resources(bool isStopped)
    {
        for (int round = 0; round < 2; round++)
        {
            // The second run opens the same readers, appenders and state as the first.
            Append("readings", "Reading", At(round, 1), At(round, 12));
            PipelineRunner runner = new(Declare(Means).Open(Resources));
            runner.Start();
            Eventually.True(() => runner.Running.Results.Read == 2, "what was appended is taken");
            if (isStopped)
            {
                await runner.StopAsync();
            }

            await runner.DisposeAsync();
            await runner.DisposeAsync();
            await runner.StopAsync();
            Assert.Null(runner.Failure);
        }

        Assert.Equal(3, Read("means").Count);
    }

    private static string At(int round, int seconds) =>
        FormattableString.Invariant($$"""{"device":"a","at":{{((round * 20L) + seconds) * 1_000_000_000}}}""");
}
