using Estream.Net.Feeds;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `arbitrate`.</summary>
internal sealed class ArbiterMerge : IFeedMerge, IFeedHandler
{
    // On a busy machine this process can pause for longer than the default times, although no packet is lost.
    private static readonly FeedArbiterOptions s_options = new()
    {
        GapTimeout = TimeSpan.FromMinutes(10), SessionTimeout = TimeSpan.FromMinutes(10),
    };

    private readonly FeedArbiter _arbiter;

    public ArbiterMerge() => _arbiter = new FeedArbiter(new MoldUdp64Codec(), this, s_options);

    public ulong Sum { get; private set; }

    public void Receive(int feed, ReadOnlySpan<byte> packet) => _arbiter.Receive(feed, packet);

    public void OnMessage(in FeedMessage message) => Sum += message.Payload[0] + (ulong)message.Sequence;

    public FeedGapAction OnGap(in FeedGap gap) => throw new ScenarioException($"message {gap.First} was lost");
}
