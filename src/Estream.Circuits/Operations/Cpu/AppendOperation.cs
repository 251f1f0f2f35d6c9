using Estream.Esf;
using Estream.Queue;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Appends messages to a queue.</summary>
internal sealed class AppendOperation : CpuOperation
{
    private readonly EsfField _payload;
    private readonly EsfField _position;
    private readonly EsfField _sequence;
    private readonly QueueAppender _appender;
    private readonly int _mostBytes;
    private readonly bool _isAlone;

    public AppendOperation(CircuitOperation operation, EstreamQueue queue, AppenderMode mode)
        : base(operation)
    {
        _payload = RequestField("payload");
        _position = ResultField("position");
        _sequence = ResultField("sequence");
        _mostBytes = queue.MaxMessageBytes;
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
        _ = _payload.TryGetBytes(request, out ReadOnlySpan<byte> payload);
        if (payload.Length > _mostBytes)
        {
            return OperationStatus.TooLong;
        }

        _ = result.TrySet(_position, (Int128)_appender.Append(payload));
        if (_isAlone)
        {
            // The appender is exclusive, so no other message was appended since.
            _ = result.TrySet(_sequence, (Int128)(_appender.NextSequence - 1));
        }

        return OperationStatus.Done;
    }
}
