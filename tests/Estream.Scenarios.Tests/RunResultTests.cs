using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Tests;

public sealed class RunResultTests
{
    [Fact]
    public void A_result_line_round_trips_every_value()
    {
        var result = new RunResult(20, 900)
        {
            WaitedNanos = 7,
            AllocatedBytes = 0,
            Check = ulong.MaxValue,
            P50 = 1.5,
            P99 = 2,
            P999 = 3,
            Longest = 5,
            PageFaults = 4,
        };

        Assert.Equal(result, RunResult.Parse(result.ToLine()));
    }

    [Fact]
    public void Optional_keys_may_be_missing()
    {
        Assert.Equal(new RunResult(5, 6), RunResult.Parse("run ops=5 ns=6"));
    }

    [Theory]
    [InlineData("ready")]
    [InlineData("run ops=5")]
    [InlineData("run ops=0 ns=6")]
    [InlineData("run ops=5 ns=6 check")]
    public void An_invalid_line_is_rejected_and_quoted(string line)
    {
        FormatException refusal = Assert.Throws<FormatException>(() => RunResult.Parse(line));

        Assert.Contains(line.Split(' ')[^1], refusal.Message, StringComparison.Ordinal);
    }
}
