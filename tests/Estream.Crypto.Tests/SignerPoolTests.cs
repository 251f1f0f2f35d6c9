using Estream.Crypto.Tests.Support;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>Tests concurrent requests: each signature covers its own data, none is lost, and failures reach only their requester.</summary>
public sealed class SignerPoolTests
{
    private static readonly byte[] s_context = "pool"u8.ToArray();

    [Theory]
    [InlineData(0, 1, "threads")]
    [InlineData(SignerPool.MaxThreads + 1, 1, "threads")]
    [InlineData(1, 0, "capacity")]
    [InlineData(1, SignerPool.MaxCapacity + 1, "capacity")]
    public void The_constructor_throws_for_numbers_out_of_range(int threads, int capacity, string parameter)
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => new SignerPool(key, threads, capacity));
    }

    [Fact]
    public void A_pool_has_a_thread_for_each_processor_by_default()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        using SignerPool pool = new(key);
        Assert.Equal((Environment.ProcessorCount, 1_024, MlDsa87.SignatureBytes), (pool.Threads, pool.Capacity, pool.SignatureSize));
    }

    [Fact]
    public void A_signature_buffer_of_the_wrong_length_throws_before_signing()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        using SignerPool pool = new(key, threads: 1);
        Assert.Throws<ArgumentException>("signature",
            () => { _ = pool.SignAsync(new byte[1], s_context, new byte[MlDsa87.SignatureBytes - 1]).AsTask(); });
        Assert.Throws<ArgumentException>("signature",
            () => { _ = pool.TrySign(new byte[1], s_context, new byte[MlDsa87.SignatureBytes + 1], out _); });
    }

    [Fact]
    public async Task A_failure_reaches_only_its_requester_and_the_pool_continues()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        using SignerPool pool = new(key, threads: 2, capacity: 4);
        byte[] signature = new byte[MlDsa87.SignatureBytes];
        for (int round = 0; round < 20; round++)
        {
            await Assert.ThrowsAsync<ArgumentException>(async () =>
                await pool.SignAsync(new byte[1], new byte[MlDsa87.MaxContextBytes + 1], signature));
        }

        await pool.SignAsync(new byte[1], s_context, signature);
        Assert.True(key.PublicKey.Verify(new byte[1], s_context, signature));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(4, 64)]
    public async Task Each_signature_covers_its_own_data(int threads, int capacity)
    {
        const int Callers = 4, Each = 60;
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        using SignerPool pool = new(key, threads, capacity);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            byte[][] data = [.. Enumerable.Range(0, Each).Select(number => DsaKeys.Bytes((caller * Each) + number, number))];
            byte[][] signatures = [.. data.Select(_ => new byte[MlDsa87.SignatureBytes])];
            ValueTask[] asked = [.. data.Select((one, number) => pool.SignAsync(one, s_context, signatures[number]))];
            foreach (ValueTask signing in asked)
            {
                await signing;
            }

            for (int number = 0; number < Each; number++)
            {
                Assert.True(key.PublicKey.Verify(data[number], s_context, signatures[number]), $"{caller} {number}");
            }
        })));
    }

    [Fact]
    public async Task At_capacity_TrySign_returns_false_and_SignAsync_waits()
    {
        using BlockedSigner signer = new();
        using SignerPool pool = new(signer, threads: 1, capacity: 2);
        ValueTask first = pool.SignAsync(new byte[1], default, new byte[1]);
        Assert.True(pool.TrySign(new byte[1], default, new byte[1], out ValueTask second));
        Assert.False(pool.TrySign(new byte[1], default, new byte[1], out ValueTask none));
        Assert.True(none.IsCompletedSuccessfully);
        using CancellationTokenSource impatient = new();
        Task waiting = pool.SignAsync(new byte[1], default, new byte[1]).AsTask(),
        given = pool.SignAsync(new byte[1], default, new byte[1], impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.False(waiting.IsCompleted);
        signer.LetGo();
        await first;
        await second;
        await waiting;
        Assert.Equal(3, signer.Signed);
    }

    [Fact]
    public async Task Dispose_completes_pending_signatures_and_later_requests_throw()
    {
        using BlockedSigner signer = new();
        SignerPool pool = new(signer, threads: 2, capacity: 8);
        ValueTask[] asked = [.. Enumerable.Range(0, 8).Select(_ => pool.SignAsync(new byte[1], default, new byte[1]))];
        Task waiting = pool.SignAsync(new byte[1], default, new byte[1]).AsTask();
        Task end = Task.Run(pool.Dispose);

        // The pool is being disposed and has not signed yet.
        await Eventually.TrueAsync(() => Task.FromResult(IsEnding(pool)), "nothing more is taken");
        signer.LetGo();
        await end;
        foreach (ValueTask signing in asked)
        {
            await signing;
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        Assert.Equal(8, signer.Signed);
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { _ = pool.SignAsync(new byte[1], default, new byte[1]).AsTask(); });
    }

    [Fact]
    public async Task A_disposed_key_fails_the_signature()
    {
        MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        using SignerPool pool = new(key, threads: 1);
        key.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
            await pool.SignAsync(new byte[1], s_context, new byte[MlDsa87.SignatureBytes]));
    }

    [Fact]
    public async Task Awaiting_a_signature_twice_throws()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        using SignerPool pool = new(key, threads: 1);
        ValueTask signing = pool.SignAsync(new byte[1], s_context, new byte[MlDsa87.SignatureBytes]);
        await signing;
#pragma warning disable CA2012 // The test shows that a second await throws and does no harm.
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await signing);
#pragma warning restore CA2012
        byte[] signature = new byte[MlDsa87.SignatureBytes];
        await pool.SignAsync(new byte[1], s_context, signature);
        Assert.True(key.PublicKey.Verify(new byte[1], s_context, signature));
    }

    [Fact]
    public void Requesting_a_signature_allocates_nothing()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        using SignerPool pool = new(key, threads: 1, capacity: 8);
        byte[] data = new byte[64], signature = new byte[MlDsa87.SignatureBytes];
        Assert.Equal(0, AllocationMeter.OnThisThread(200, () =>
        {
            ValueTask signing = pool.SignAsync(data, s_context, signature);
            SpinWait wait = default;
            while (!signing.IsCompleted)
            {
                wait.SpinOnce();
            }

            signing.GetAwaiter().GetResult();
        }));
    }

    private static bool IsEnding(SignerPool pool)
    {
        try
        {
            // At capacity: the pool reports that it is full.
            _ = pool.TrySign(new byte[1], default, new byte[1], out _);
            using CancellationTokenSource gone = new(TimeSpan.Zero);
            Task waiting = pool.SignAsync(new byte[1], default, new byte[1], gone.Token).AsTask();
            return waiting.IsFaulted && waiting.Exception!.InnerException is ObjectDisposedException;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>Writes one-byte signatures after it is released.</summary>
    private sealed class BlockedSigner : ISigner
    {
        private readonly ManualResetEventSlim _mayGo = new();
        private int _signed;

        public int Signed => Volatile.Read(ref _signed);

        public string Algorithm => "held";

        public IVerifier Verifier => throw new NotSupportedException();

        public int SignatureSize => 1;

        public void LetGo() => _mayGo.Set();

        public void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature)
        {
            _mayGo.Wait();
            Interlocked.Increment(ref _signed);
        }

        public void Dispose() => _mayGo.Dispose();
    }
}
