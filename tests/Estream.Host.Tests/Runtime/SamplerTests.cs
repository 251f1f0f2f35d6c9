using Estream.Core;
using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: a host wakes once a second for its samples while no console is connected and no message arrives.</summary>
public sealed class SamplerTests
{
    [Theory]
    [InlineData(false, false, 1_000)]
    [InlineData(true, false, 500)]
    [InlineData(false, true, 500)]
    [InlineData(true, true, 500)]
    public void Samples_are_rare_while_the_host_is_idle(bool isWatched, bool hasGrown, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Sampler.IntervalOf(isWatched, hasGrown));

    [Fact]
    public void New_messages_are_noticed_without_a_console()
    {
        using TempDirectory directory = new();
        using EstreamQueue queue = EstreamQueue.Open(directory.Combine("q"));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using QueueRuntime runtime = new("q", queue, new MessageJson(EsfSchemaSet.BuiltIn), new ReadGate());
        NewestMessages newest = new();
        Assert.Null(newest.Collect([runtime], isWatched: false));
        Assert.False(newest.HasGrown);

        appender.Append("message"u8);
        runtime.Watch.Advance();

        Assert.Null(newest.Collect([runtime], isWatched: false));
        Assert.True(newest.HasGrown);
        Assert.Null(newest.Collect([runtime], isWatched: false));
        Assert.False(newest.HasGrown);
    }
}
