using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Internal;

namespace Estream.Streams.Operators;

/// <summary>
/// Results in another queue: a few at once, in one batch that also says how far the input has been read, so both are there or neither.
/// </summary>
internal sealed class QueueEnd<T, TWriter> : PipelineEnd
    where T : allows ref struct
    where TWriter : struct, IEsfWriter<TWriter>, allows ref struct
{
    private const int MostMessages = 256;
    private const int UsualBytes = 64 * 1024;

    private readonly EstreamQueue _output;
    private readonly QueueAppender _appender;
    private readonly EventWriter<T, TWriter> _write;
    private readonly int _maxLength;
    private readonly int _maxStored;
    private readonly SealingSpace? _space;
    private readonly byte[] _bytes;
    private readonly int[] _lengths = new int[MostMessages];
    private int _count;
    private int _used;

    public QueueEnd(EstreamQueue output, int maxLength, EventWriter<T, TWriter> write, EsfSealer? sealer)
    {
        _output = output;
        _write = write;
        _maxLength = maxLength;
        _space = SealingSpace.For<TWriter>(sealer);
        _maxStored = _space?.MaxSealedLength(maxLength) ?? maxLength;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_maxStored, output.MaxMessageBytes, nameof(maxLength));
        _bytes = new byte[Math.Max(_maxStored, (int)Math.Min(UsualBytes, output.SegmentBytes / 4))];
        _appender = output.CreateAppender();
    }

    public override QueueTailer OpenTailer(EstreamQueue queue, string name) => queue.CreateTailer(name, _output);

    /// <summary>Writes the message an event becomes.</summary>
    public void Write(scoped in T item)
    {
        Span<byte> place = _bytes.AsSpan(_used, _maxStored);
        TWriter writer = TWriter.Begin(_space is null ? place : _space.Take(_maxLength));
        _write(in item, ref writer);
        int length = writer.Written.Length;
        if (_space is not null)
        {
            length = _space.Seal(length, place);
        }

        _lengths[_count++] = length;
        _used += length;
        IsFull = _count == MostMessages || _bytes.Length - _used < _maxStored;
    }

    public override void Commit(QueueTailer tailer)
    {
        using (BatchClaim batch = _appender.ClaimBatch(Math.Max(_used, 1), Math.Max(_count, 1), tailer))
        {
            int from = 0;
            foreach (int length in _lengths.AsSpan(0, _count))
            {
                _bytes.AsSpan(from, length).CopyTo(batch.Span);
                batch.Add(length);
                from += length;
            }

            batch.Commit();
        }

        Forget();
    }

    public override void StartOver(QueueTailer tailer) =>
        throw new NotSupportedException($"What a pipeline has appended to '{_output.Directory}' cannot be taken back. Open it under another name, or with another output.");

    public override void Dispose()
    {
        Forget();
        _appender.Dispose();
        base.Dispose();
    }

    private void Forget()
    {
        (_count, _used) = (0, 0);
        IsFull = false;
    }
}
