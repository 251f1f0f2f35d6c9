using System.Buffers.Binary;
using Estream.Crypto;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>A row of `sign` / `pool`: sixty-four concurrent signatures of a pool; the figure is the total time divided by
/// their number.</summary>
internal sealed class SignerPoolContender : IContender
{
    private readonly long _signatures;
    private readonly MlDsa87PrivateKey _key = MlDsa87PrivateKey.Generate();
    private readonly SignerPool _pool;
    private readonly ValueTask[] _asked = new ValueTask[SignatureWorkload.Slots];
    private readonly byte[][] _data = [.. Enumerable.Range(0, SignatureWorkload.Slots).Select(_ => new byte[SignatureWorkload.DataBytes])];
    private readonly byte[][] _made = [.. Enumerable.Range(0, SignatureWorkload.Slots).Select(_ => new byte[MlDsa87.SignatureBytes])];
    private long _number;

    public SignerPoolContender(ContenderContext context, int threads)
    {
        _signatures = context.Size.Of(8_000, 500);
        _pool = new SignerPool(_key, threads);
    }

    public RunResult Run()
    {
        var helpers = HelperTime.Start();
        RoundTimer timer = RoundTimer.Start();
        for (long i = 0; i < _signatures; i++)
        {
            int slot = (int)(i % SignatureWorkload.Slots);
            Await(slot);
            BinaryPrimitives.WriteInt64LittleEndian(_data[slot], _number++);
#pragma warning disable CA2012 // Kept, because it is awaited when its slot is used again, once.
            _asked[slot] = _pool.SignAsync(_data[slot], SignatureSlots.Context, _made[slot]);
#pragma warning restore CA2012
        }

        for (int slot = 0; slot < SignatureWorkload.Slots; slot++)
        {
            Await(slot);
        }

        // The caller waits for a processor while the pool's own threads use them all: this wait is part of the row, not a disturbance.
        return helpers.TakenFrom(timer.Stop(_signatures)) with { Check = CountGood() };
    }

    public void Dispose()
    {
        _pool.Dispose();
        _key.Dispose();
    }

    private void Await(int slot)
    {
        ValueTask asked = _asked[slot];
        _asked[slot] = default;
        if (asked.IsCompleted)
        {
            asked.GetAwaiter().GetResult();
        }
        else
        {
            asked.AsTask().GetAwaiter().GetResult();
        }
    }

    private ulong CountGood() =>
        (ulong)Enumerable.Range(0, SignatureWorkload.Slots)
            .Count(slot => _key.PublicKey.Verify(_data[slot], SignatureSlots.Context, _made[slot]));
}
