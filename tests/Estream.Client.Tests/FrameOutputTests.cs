using System.IO.Pipelines;
using Estream.Client.Protocol;

namespace Estream.Client.Tests;

/// <summary>Goal: many senders of one connection share its room, and its buffers shrink.</summary>
public sealed class FrameOutputTests
{
    private const int RoomBytes = 1 << 20;
    private const int FrameBytes = 64 << 10;

    // The peer reads nothing, and the writer waits with the first byte.
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));

    [Fact]
    public async Task Room_is_reserved_before_it_is_filled_and_in_order()
    {
        FrameOutput output = new(_pipe.Writer, RoomBytes);
        List<ValueTask> reservations = [.. Enumerable.Range(0, 64).Select(_ => output.ReserveAsync(FrameBytes, CancellationToken.None))];
        Assert.Equal(RoomBytes / FrameBytes, reservations.Count(one => one.IsCompletedSuccessfully));

        output.Release(FrameBytes);
        await reservations[RoomBytes / FrameBytes];
        Assert.False(reservations[(RoomBytes / FrameBytes) + 1].IsCompleted);
        output.Fail(new IOException("closed"));
        foreach (ValueTask reservation in reservations.Skip((RoomBytes / FrameBytes) + 1))
        {
            await reservation;
        }
    }

    [Fact]
    public async Task A_frame_that_is_longer_than_the_room_waits_until_the_output_is_empty()
    {
        FrameOutput output = new(_pipe.Writer, RoomBytes);
        await output.ReserveAsync(FrameBytes, CancellationToken.None);
        ValueTask large = output.ReserveAsync(8 * RoomBytes, CancellationToken.None);
        using CancellationTokenSource end = new();
        Task small = output.ReserveAsync(1, end.Token).AsTask();
        Assert.False(large.IsCompleted || small.IsCompleted);
        output.Release(FrameBytes);
        await large;
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => small);
        output.Release(8 * RoomBytes);
        await output.ReserveAsync(RoomBytes, CancellationToken.None);
    }

    [Fact]
    public async Task Buffers_of_an_idle_output_are_freed()
    {
        Pipe pipe = new();
        FrameOutput output = new(pipe.Writer, RoomBytes);
        Assert.True(output.Write(new byte[16 << 20]));
        long read = 0;
        while (read < 16 << 20)
        {
            ReadResult result = await pipe.Reader.ReadAsync();
            read += result.Buffer.Length;
            pipe.Reader.AdvanceTo(result.Buffer.End);
        }

        await output.DrainAsync();
        Assert.InRange(output.BufferBytes, 16 << 20, int.MaxValue);
        output.TrimIfIdle();
        output.TrimIfIdle();
        Assert.InRange(output.BufferBytes, 1, 64 << 10);
    }
}
