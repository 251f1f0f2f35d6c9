using Estream.Queue;
using Estream.Streams.Growing;
using Estream.Streams.TestProcess;
using Estream.Testing;

namespace Estream.Streams.Tests.Growing;

/// <summary>A widening pipeline whose process is killed repeatedly: each message exists once, complete.</summary>
public sealed class WideningKillTests : IDisposable
{
    private static readonly int s_kills = LongRun.Count(8, 150);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void After_crashes_each_message_is_widened_once()
    {
        KillLoop.RunAtWork("growing", _directory.Path, s_kills, seed: 11, longestMs: 60);

        using SampleGrowing growing = new(_directory.Path);
        int messages = growing.Count;
        long left = growing.RunToEnd();
        Assert.True(left < messages, $"{left} of {messages} were left: nothing was done before the kills.");
        Check(growing.Rated, messages);
    }

    private static void Check(EstreamQueue rated, int messages)
    {
        using QueueTailer tailer = rated.CreateTailer();
        var typed = new EsfTailer<RatedReading.View>(tailer);
        for (int value = 1; value < messages; value += 2)
        {
            uint floor = SampleGrowing.FloorOf(value);
            if (floor == 3)
            {
                continue;
            }

            Assert.True(typed.TryRead(out EsfMessage<RatedReading.View> message), $"That of {value} is not there.");
            RatedReading.View view = message.View;
            Assert.Equal((value, floor, value / (double)floor), ((int)view.Value, view.Floor, view.Rating!.Value));
            Assert.True(view.Device.SequenceEqual("pump-7"u8) && view.Room.SequenceEqual("b12"u8) && view.Reason.SequenceEqual("pump-7"u8)
                && !view.HasNote);
        }

        Assert.False(typed.TryRead(out _));
        Assert.Equal(0, typed.Passed);
    }
}
