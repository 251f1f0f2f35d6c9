using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Queue.Tests;

/// <summary>Random sessions against a list: whatever is done in whatever order, the queue holds what the list holds. FsCheck shrinks a failing one.</summary>
public sealed class ModelTests
{
    public static IEnumerable<object[]> Kinds => [[FrameChecksum.None, false], [FrameChecksum.Crc32C, false], [FrameChecksum.None, true], [FrameChecksum.Crc32C, true]];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_queue_holds_what_a_list_holds(FrameChecksum checksum, bool encrypted)
    {
        Gen<(int Operation, int Argument)[]> sessions = Gen.ArrayOf(Gen.Choose(0, 12).SelectMany(o => Gen.Choose(0, 1 << 20), (o, a) => (o, a)));
        Prop.ForAll(sessions.ToArbitrary(), session =>
        {
            using var model = new QueueModel(checksum, encrypted);
            foreach ((int operation, int argument) in session)
            {
                model.Do(operation, argument);
            }

            model.CheckAll();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(100, 1_000)).WithStartSize(5).WithEndSize(150));
    }
}
