using Estream.Queue.Tests.Support;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Queue.Tests;

/// <summary>Random sessions of several appenders against a list by position, with changes of mode in between. FsCheck shrinks a failing one.</summary>
public sealed class SharedModelTests
{
    [Theory]
    [InlineData(FrameChecksum.None, false)]
    [InlineData(FrameChecksum.Crc32C, false)]
    [InlineData(FrameChecksum.Crc32C, true)]
    public void The_queue_holds_what_its_appenders_committed(FrameChecksum checksum, bool encrypted)
    {
        Gen<(int Operation, int Who, int Argument)[]> sessions = Gen.ArrayOf(
            Gen.Choose(0, 11).SelectMany(o => Gen.Choose(0, 3), (o, w) => (o, w)).SelectMany(x => Gen.Choose(0, 1 << 20), (x, a) => (x.o, x.w, a)));
        Prop.ForAll(sessions.ToArbitrary(), session =>
        {
            using var model = new SharedModel(checksum, encrypted);
            foreach ((int operation, int who, int argument) in session)
            {
                model.Do(operation, who, argument);
            }

            model.CheckAll();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(60, 600)).WithStartSize(5).WithEndSize(150));
    }
}
