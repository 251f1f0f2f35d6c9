using Estream.Queue.Tests.Support;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Queue.Tests;

/// <summary>Random sessions against a list: the queue and the list have the same content. FsCheck shrinks a failing session.</summary>
public sealed class ModelTests
{
    [Property(100, 1_000, StartSize = 5, EndSize = 150, Arbitrary = [typeof(Steps)])]
    public void A_queue_without_checksums_matches_a_list(SessionStep[] session) => Check(session, FrameChecksum.None, false);

    [Property(100, 1_000, StartSize = 5, EndSize = 150, Arbitrary = [typeof(Steps)])]
    public void A_queue_with_checksums_matches_a_list(SessionStep[] session) => Check(session, FrameChecksum.Crc32C, false);

    [Property(100, 1_000, StartSize = 5, EndSize = 150, Arbitrary = [typeof(Steps)])]
    public void An_encrypted_queue_without_checksums_matches_a_list(SessionStep[] session) =>
        Check(session, FrameChecksum.None, true);

    [Property(100, 1_000, StartSize = 5, EndSize = 150, Arbitrary = [typeof(Steps)])]
    public void An_encrypted_queue_with_checksums_matches_a_list(SessionStep[] session) =>
        Check(session, FrameChecksum.Crc32C, true);

    [Property(100, 1_000, StartSize = 5, EndSize = 150, Arbitrary = [typeof(Steps)])]
    public void A_queue_that_begins_with_a_small_segment_matches_a_list(SessionStep[] session) =>
        Check(session, FrameChecksum.Crc32C, false, isGrowing: true);

    private static void Check(SessionStep[] session, FrameChecksum checksum, bool encrypted, bool isGrowing = false)
    {
        using var model = new QueueModel(checksum, encrypted, isGrowing);
        foreach ((int operation, int argument) in session)
        {
            model.Do(operation, argument);
        }

        model.CheckAll();
    }

    /// <summary>One step of a session: an operation, and a number that the operation interprets.</summary>
    public readonly record struct SessionStep(int Operation, int Argument);

    /// <summary>All operations of the model.</summary>
    public static class Steps
    {
        /// <summary>One step.</summary>
        public static Arbitrary<SessionStep> One() =>
            (from operation in Gen.Choose(0, 12)
             from argument in Gen.Choose(0, 1 << 20)
             select new SessionStep(operation, argument)).ToArbitrary();
    }
}
