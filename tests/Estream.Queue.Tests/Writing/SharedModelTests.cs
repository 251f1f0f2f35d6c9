using Estream.Queue.Tests.Support;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Queue.Tests;

/// <summary>Random sessions of several appenders with changes of mode, compared with a list by position. FsCheck shrinks a failing
/// session.</summary>
public sealed class SharedModelTests
{
    [Property(60, 600, StartSize = 5, EndSize = 150, Arbitrary = [typeof(Steps)])]
    public void A_queue_without_checksums_holds_what_its_appenders_committed(SessionStep[] session) =>
        Check(session, FrameChecksum.None, false);

    [Property(60, 600, StartSize = 5, EndSize = 150, Arbitrary = [typeof(Steps)])]
    public void A_queue_with_checksums_holds_what_its_appenders_committed(SessionStep[] session) =>
        Check(session, FrameChecksum.Crc32C, false);

    [Property(60, 600, StartSize = 5, EndSize = 150, Arbitrary = [typeof(Steps)])]
    public void An_encrypted_queue_with_checksums_holds_what_its_appenders_committed(SessionStep[] session) =>
        Check(session, FrameChecksum.Crc32C, true);

    [Property(60, 600, StartSize = 5, EndSize = 150, Arbitrary = [typeof(Steps)])]
    public void A_queue_that_begins_with_a_small_segment_holds_what_its_appenders_committed(SessionStep[] session) =>
        Check(session, FrameChecksum.Crc32C, false, isGrowing: true);

    private static void Check(SessionStep[] session, FrameChecksum checksum, bool encrypted, bool isGrowing = false)
    {
        using var model = new SharedModel(checksum, encrypted, isGrowing);
        foreach ((int operation, int who, int argument) in session)
        {
            model.Do(operation, who, argument);
        }

        model.CheckAll();
    }

    /// <summary>One step of a session: an operation, the appender that does it, and a number that the operation interprets.</summary>
    public readonly record struct SessionStep(int Operation, int Appender, int Argument);

    /// <summary>All operations of the model, by four appenders.</summary>
    public static class Steps
    {
        /// <summary>One step.</summary>
        public static Arbitrary<SessionStep> One() =>
            (from operation in Gen.Choose(0, 11)
             from appender in Gen.Choose(0, 3)
             from argument in Gen.Choose(0, 1 << 20)
             select new SessionStep(operation, appender, argument)).ToArbitrary();
    }
}
