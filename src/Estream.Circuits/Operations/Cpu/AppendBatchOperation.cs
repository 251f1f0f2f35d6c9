using Estream.Esf;
using Estream.Esf.Items;
using Estream.Queue;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Appends several messages to a queue atomically.</summary>
internal sealed class AppendBatchOperation : CpuOperation
{
    private readonly EsfField _payloads;
    private readonly EsfField _position;
    private readonly EsfField _sequence;
    private readonly QueueAppender _appender;
    private readonly bool _isAlone;

    public AppendBatchOperation(CircuitOperation operation, EstreamQueue queue, AppenderMode mode)
        : base(operation)
    {
        _payloads = RequestField("payloads");
        _position = ResultField("position");
        _sequence = ResultField("sequence");
        _isAlone = mode == AppenderMode.Exclusive;
        _appender = queue.CreateAppender(mode);
    }

    public override void Dispose()
    {
        base.Dispose();
        _appender.Dispose();
    }

    protected override OperationStatus Execute(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        EsfArray<ReadOnlySpan<byte>, BytesItem> payloads = new(RegionOf(_payloads, request));
        if (payloads.Count == 0)
        {
            return OperationStatus.Done;
        }

        // The sum cannot overflow, because the payloads are parts of the request.
        int bytes = 0;
        foreach (ReadOnlySpan<byte> payload in payloads)
        {
            bytes += payload.Length;
        }

        try
        {
            using BatchClaim batch = _appender.ClaimBatch(bytes, payloads.Count);
            foreach (ReadOnlySpan<byte> payload in payloads)
            {
                batch.Append(payload);
            }

            batch.Commit();
            _ = result.TrySet(_position, (Int128)batch.Position);
        }
        catch (ArgumentException)
        {
            // The payloads together do not fit into a segment.
            return OperationStatus.TooLong;
        }

        if (_isAlone)
        {
            // The appender is exclusive, so no other message was appended since.
            _ = result.TrySet(_sequence, (Int128)(_appender.NextSequence - payloads.Count));
        }

        return OperationStatus.Done;
    }
}
