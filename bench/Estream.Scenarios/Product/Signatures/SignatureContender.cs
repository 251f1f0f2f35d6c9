using Estream.Crypto;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>A row of `sign`: every operation is timed, and all signatures of a round are verified after it.</summary>
internal sealed class SignatureContender : IContender
{
    private readonly SignatureWorkload _workload;
    private readonly ISignatures _signatures;
    private readonly SignatureSlots _slots;
    private readonly Samples _samples;
    private readonly BenchQueue? _queue;
    private readonly QueueAppender? _appender;
    private readonly int _operations;
    private long _number;

    public SignatureContender(ContenderContext context, SignatureStep step, ISignatures signatures, int portion = 1)
    {
        _workload = new SignatureWorkload(context.Size, step);
        _signatures = signatures;
        _operations = _workload.Operations / portion;
        _samples = new Samples(_operations);
        _slots = new SignatureSlots(context.Directory, signatures.SignatureBytes);
        for (int slot = 0; slot < SignatureWorkload.Slots; slot++)
        {
            _slots.Stamp(slot, _number++);
            Sign(slot);
        }

        if (step == SignatureStep.SignedAppend)
        {
            string directory = Path.Combine(context.Directory, "queue");
            Directory.CreateDirectory(directory);
            _queue = new BenchQueue(context with { Directory = directory }, FrameChecksum.Crc32C);
            _appender = _queue.Queue.CreateAppender(AppenderMode.Exclusive);
            _queue.Hold();
        }
    }

    /// <summary>Returns the product's implementation.</summary>
    public static ISignatures OfEstream() => new EstreamSignatures();

    public RunResult Run()
    {
        int right = 0;
        RoundTimer timer = RoundTimer.Start();
        for (int i = 0; i < _operations; i++)
        {
            int slot = i % SignatureWorkload.Slots;
            long before = Samples.Now();
            right += Operate(slot) ? 1 : 0;
            _samples.Set(i, before, Samples.Now());
        }

        RunResult whole = timer.Stop(_operations);
        Require(right);
        return _samples.Round((ulong)right) with { AllocatedBytes = whole.AllocatedBytes, WaitedNanos = whole.WaitedNanos };
    }

    public void Dispose()
    {
        _appender?.Dispose();
        _queue?.Dispose();
        _slots.Dispose();
        _signatures.Dispose();
    }

    private bool Operate(int slot)
    {
        switch (_workload.Step)
        {
            case SignatureStep.Keygen:
                _signatures.Generate();
                return true;
            case SignatureStep.Verify:
                return _signatures.Verify(_slots.Data(slot), SignatureSlots.Context, _slots.Signature(slot));
            case SignatureStep.Sign:
                _slots.Stamp(slot, _number++);
                Sign(slot);
                return true;
            default:
                _slots.Stamp(slot, _number++);
                Sign(slot);
                _appender!.Append(_slots.Signed(slot));
                return true;
        }
    }

    private void Sign(int slot) => _signatures.Sign(_slots.Data(slot), SignatureSlots.Context, _slots.Signature(slot));

    // Requires that all operations succeeded, and that every slot has a valid signature by this key for this context.
    private void Require(int right)
    {
        for (int slot = 0; slot < SignatureWorkload.Slots; slot++)
        {
            if (right != _operations || !_signatures.Verify(_slots.Data(slot), SignatureSlots.Context, _slots.Signature(slot)))
            {
                throw new ScenarioException(
                    $"{right} of {_operations} operations were correct, and slot {slot} is not signed, so the row is invalid");
            }
        }

        _queue?.RequireRecycling();
    }

    private sealed class EstreamSignatures : ISignatures
    {
        private readonly MlDsa87PrivateKey _key = MlDsa87PrivateKey.Generate();

        public int SignatureBytes => MlDsa87.SignatureBytes;

        public void Generate() => MlDsa87PrivateKey.Generate().Dispose();

        public void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature) => _key.Sign(data, context, signature);

        public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, ReadOnlySpan<byte> signature) =>
            _key.PublicKey.Verify(data, context, signature);

        public void Dispose() => _key.Dispose();
    }
}
