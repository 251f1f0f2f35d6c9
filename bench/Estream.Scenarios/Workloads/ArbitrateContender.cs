using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>A row of `arbitrate`.</summary>
internal sealed class ArbitrateContender : Batches
{
    private readonly FeedWorkload _workload;
    private readonly IFeedMerge _merge;
    private ulong _before;

    public ArbitrateContender(ContenderContext context, IFeedMerge merge)
        : this(new FeedWorkload(context.Size), merge)
    {
    }

    private ArbitrateContender(FeedWorkload workload, IFeedMerge merge)
        : base(workload.Packets, FeedWorkload.Batch) => (_workload, _merge) = (workload, merge);

    public override void Dispose()
    {
    }

    protected override void BeforeRound() => _before = _merge.Sum;

    protected override void Batch(int count) => _workload.Send(count, _merge);

    protected override ulong CheckOfRound() => _merge.Sum - _before;
}
