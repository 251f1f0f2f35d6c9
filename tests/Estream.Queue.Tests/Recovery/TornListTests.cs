using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>A directory that is listed while segments are created and deleted: the list may contain a segment and lack the segment before
/// it.</summary>
public sealed class TornListTests : QueueCase
{
    [Fact]
    public void A_segment_absent_from_a_torn_directory_listing_is_not_reported_missing()
    {
        Fill(segments: 4);
        var storage = new FailingStorage(Failure.Once, int.MaxValue);
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory, Small with { Storage = storage });
        storage.TornLists = 3;
        QueueVerification verification = queue.Verify();
        Assert.True(verification.IsWhole, verification.Damage?.Reason);
        storage.TornLists = 3;
        Assert.Equal(4, queue.GetInfo().SegmentCount);
    }

    [Fact]
    public void A_deleted_segment_is_reported_missing()
    {
        Fill(segments: 4);
        File.Delete(SegmentFile(1));
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        Assert.Equal(SegmentFile(2), queue.Verify().Damage?.Path);
    }

    private void Fill(int segments)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueAppender appender = queue.CreateAppender();
        AppendSegments(appender, segments - 1);
    }
}
