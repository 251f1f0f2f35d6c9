using System.Net;
using System.Net.Sockets;
using Estream.Testing;
using Estream.Wire.Internal;

namespace Estream.Wire.Tests;

public sealed class LoopStreamTests : IDisposable
{
    private const string LoopThread = "estream-sockets";

    private readonly Socket _peer;
    private readonly LoopStream _stream;

    public LoopStreamTests() => (_peer, _stream) = Connect();

    public void Dispose()
    {
        _stream.Dispose();
        _peer.Dispose();
    }

    [Fact]
    public async Task A_failed_connection_ends_a_read_with_an_IOException()
    {
        Task<int> read = BeginRead(10);
        Assert.False(read.IsCompleted);
        _peer.LingerState = new LingerOption(true, 0);
        _peer.Dispose();

        await Assert.ThrowsAsync<IOException>(() => read);
    }

    [Fact]
    public async Task Disposal_ends_a_read()
    {
        Task<int> read = BeginRead(10);
        _stream.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => BeginRead(10));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task A_cancelled_read_loses_no_byte(int length)
    {
        using CancellationTokenSource cancel = new();
        Task<int> read = BeginRead(length, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BeginRead(length, cancel.Token));

        _peer.Send([1, 2, 3]);
        Assert.Equal([1, 2, 3], await ReadAsync(3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_end_of_the_stream_follows_the_last_byte(bool endsBeforeTheRead)
    {
        if (endsBeforeTheRead)
        {
            _peer.Send([7]);
            _peer.Shutdown(SocketShutdown.Send);
            Assert.Equal([7], await ReadAsync(1));
        }

        Task<int> read = BeginRead(10);
        if (!endsBeforeTheRead)
        {
            _peer.Shutdown(SocketShutdown.Send);
        }

        Assert.Equal(0, await read);
        Assert.Equal(0, await BeginRead(10));
    }

    [Fact]
    public async Task A_read_without_a_buffer_waits_for_bytes()
    {
        Task<int> read = BeginRead(0);
        Assert.False(read.IsCompleted);
        _peer.Send([1]);

        Assert.Equal(0, await read);
        Assert.Equal(1, await BeginRead(10));
        Assert.False(BeginRead(0).IsCompleted);
    }

    [Fact]
    public async Task Bytes_that_the_loop_has_not_reported_are_found()
    {
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim release = new();
        (Socket otherPeer, LoopStream other) = Connect();
        using (otherPeer)
        using (other)
        {
            other.RunsOnLoop = true;
            Task blocking = BlockAsync(other, entered, release);
            otherPeer.Send([1]);
            entered.Wait();
            _peer.Send([2]);
            Eventually.True(() => _stream.Socket.Available == 1, "the byte has arrived");
            _stream.FindArrived();
            Task<int> read = BeginRead(1);
            bool isFound = read.IsCompletedSuccessfully;
            release.Set();

            Assert.True(isFound);
            Assert.Equal(1, await read);
            await blocking;
        }
    }

    [Theory]
    [InlineData(1, true, true)]
    [InlineData(1, false, false)]
    [InlineData(60_000, true, false)]
    public async Task Few_bytes_are_handled_by_the_loop_if_that_is_allowed(int bytes, bool isAllowed, bool isExpected)
    {
        _stream.RunsOnLoop = isAllowed;
        Task<string?> thread = NameOfThreadAsync(bytes);
        _peer.Send(new byte[bytes]);

        Assert.Equal(isExpected, await thread == LoopThread);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_bytes_of_many_connections_arrive_in_order(bool runsOnLoop)
    {
        const int Connections = 8;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(seed => Task.Run(() => TransferAsync(seed, runsOnLoop))));
    }

    private static (Socket Peer, LoopStream Stream) Connect()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket peer = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        peer.Connect(listener.LocalEndPoint!);
        return (peer, (LoopStream)LoopStream.Over(listener.Accept()));
    }

    private static async Task BlockAsync(LoopStream stream, ManualResetEventSlim entered, ManualResetEventSlim release)
    {
        await stream.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
        entered.Set();
        release.Wait();
    }

    // A peer sends pieces of random sizes. The reader uses buffers of random sizes, and cancels some reads.
    private static async Task TransferAsync(int seed, bool runsOnLoop)
    {
        int total = LongRun.Count(200_000, 20_000_000);
        (Socket peer, LoopStream stream) = Connect();
        using (peer)
        using (stream)
        {
            stream.RunsOnLoop = runsOnLoop;
            Task<long> reading = ReceiveAsync(stream, new Random(seed), total);
            Random random = new(seed + 100);
            byte[] piece = new byte[5_000];
            long sum = 0;
            for (int sent = 0; sent < total;)
            {
                int length = Math.Min(total - sent, random.Next(4) == 0 ? random.Next(1, piece.Length) : random.Next(1, 50));
                random.NextBytes(piece.AsSpan(0, length));
                sum = Add(sum, piece.AsSpan(0, length));
                _ = await peer.SendAsync(piece.AsMemory(0, length));
                sent += length;
            }

            peer.Shutdown(SocketShutdown.Send);
            Assert.Equal(sum, await reading);
        }
    }

    private static async Task<long> ReceiveAsync(LoopStream stream, Random random, int total)
    {
        byte[] buffer = new byte[3_000];
        long sum = 0;
        int received = 0;
        while (true)
        {
            int length = random.Next(3) == 0 ? 0 : random.Next(1, buffer.Length);
            int count = await ReadOrCancelAsync(stream, buffer.AsMemory(0, length), random).ConfigureAwait(false);
            if (count < 0)
            {
                continue;
            }

            sum = Add(sum, buffer.AsSpan(0, count));
            received += count;
            if (count == 0 && length > 0)
            {
                Assert.Equal(total, received);
                return sum;
            }
        }
    }

    private static async Task<int> ReadOrCancelAsync(LoopStream stream, Memory<byte> buffer, Random random)
    {
        using CancellationTokenSource cancel = new();
        try
        {
            ValueTask<int> read = stream.ReadAsync(buffer, cancel.Token);
            if (random.Next(50) == 0)
            {
                await cancel.CancelAsync().ConfigureAwait(false);
            }

            return await read.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return -1;
        }
    }

    private static long Add(long sum, ReadOnlySpan<byte> bytes)
    {
        foreach (byte one in bytes)
        {
            sum = unchecked((sum * 31) + one);
        }

        return sum;
    }

    private Task<int> BeginRead(int length, CancellationToken cancellation = default) =>
        _stream.ReadAsync(new byte[length], cancellation).AsTask();

    private async Task<string?> NameOfThreadAsync(int bytes)
    {
        byte[] buffer = new byte[bytes];
        _ = await _stream.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
        Eventually.True(() => _stream.Socket.Available == bytes, "all bytes have arrived");
        await _stream.ReadExactlyAsync(buffer).ConfigureAwait(false);
        return Thread.CurrentThread.Name;
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        byte[] bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}
