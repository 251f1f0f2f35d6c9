using System.Buffers;
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

    [Fact]
    public async Task An_exception_of_the_handler_ends_the_read()
    {
        _stream.RunsOnLoop = true;
        _stream.Handler = static _ => throw new InvalidOperationException("refused");
        Task<int> read = BeginRead(0);
        _peer.Send([1]);

        Assert.Equal("refused", (await Assert.ThrowsAsync<InvalidOperationException>(() => read)).Message);
        _stream.Handler = null;
        _peer.Send([2]);
        Assert.Equal([2], await ReadAsync(1));
    }

    [Fact]
    public async Task Read_gets_the_bytes_that_the_handler_leaves()
    {
        List<byte> handled = [];
        _stream.RunsOnLoop = true;
        _stream.Handler = bytes =>
        {
            // Leaves the first 9 and all bytes after it.
            byte[] simple = [.. bytes.FirstSpan.ToArray().TakeWhile(one => one != 9)];
            handled.AddRange(simple);
            return simple.Length;
        };
        Task<int> read = BeginRead(0);
        for (byte sent = 1; sent <= 3; sent++)
        {
            _peer.Send([sent]);
            Eventually.True(() => handled.Count == sent, "the byte is handled");
        }

        Assert.False(read.IsCompleted);
        _peer.Send([4, 9, 5]);
        Assert.Equal(0, await read);
        Assert.True(_stream.HasArrived);
        Assert.Equal([9], await ReadAsync(1));
        Assert.Equal([5], await ReadAsync(1));
        Assert.Equal([1, 2, 3, 4], handled);
        Assert.False(_stream.HasArrived);

        read = BeginRead(0);
        _peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await read);
        Assert.Equal(0, await BeginRead(1));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task All_bytes_of_many_connections_arrive_in_order(bool runsOnLoop, bool hasHandler)
    {
        const int Connections = 8;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(seed => Task.Run(() => TransferAsync(seed, runsOnLoop, hasHandler))));
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

    // A peer sends pieces of random sizes. The reader uses buffers of random sizes, and cancels some reads. The handler takes random parts
    // of the bytes that arrive.
    private static async Task TransferAsync(int seed, bool runsOnLoop, bool hasHandler)
    {
        int total = LongRun.Count(200_000, 20_000_000);
        (Socket peer, LoopStream stream) = Connect();
        using (peer)
        using (stream)
        {
            stream.RunsOnLoop = runsOnLoop;
            Received received = new();
            stream.Handler = hasHandler ? received.TakeSome : null;
            Task reading = ReceiveAsync(stream, received, new Random(seed));
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
                if (hasHandler && random.Next(20) == 0)
                {
                    // Lets the reader wait for the next piece, so that the handler gets the piece.
                    await Task.Delay(1);
                }
            }

            peer.Shutdown(SocketShutdown.Send);
            await reading;
            Assert.Equal((total, sum), (received.Count, received.Sum));
        }
    }

    private static async Task ReceiveAsync(LoopStream stream, Received received, Random random)
    {
        byte[] buffer = new byte[3_000];
        while (true)
        {
            int length = random.Next(3) == 0 ? 0 : random.Next(1, buffer.Length);
            int count = await ReadOrCancelAsync(stream, buffer.AsMemory(0, length), random).ConfigureAwait(false);
            if (count == 0 && length > 0)
            {
                return;
            }

            received.Add(buffer.AsSpan(0, Math.Max(0, count)));
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

        // Not ReadExactlyAsync: it could complete on the pool before this method awaits it. This method would then continue on the loop.
        int count = await _stream.ReadAsync(buffer).ConfigureAwait(false);
        string? name = Thread.CurrentThread.Name;
        Assert.Equal(bytes, count);
        return name;
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        byte[] bytes = new byte[count];
        await _stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    /// <summary>The bytes that a reader and a handler have received. The handler runs only while the reader waits.</summary>
    private sealed class Received
    {
        private readonly Random _random = new(7);

        public int Count { get; private set; }

        public long Sum { get; private set; }

        public void Add(ReadOnlySpan<byte> bytes) => (Count, Sum) = (Count + bytes.Length, LoopStreamTests.Add(Sum, bytes));

        public int TakeSome(ReadOnlySequence<byte> bytes)
        {
            int count = _random.Next(2) == 0 ? (int)bytes.Length : _random.Next((int)bytes.Length);
            Add(bytes.FirstSpan[..count]);
            return count;
        }
    }
}
