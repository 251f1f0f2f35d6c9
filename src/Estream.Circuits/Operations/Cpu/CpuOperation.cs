using Estream.Core;
using Estream.Esf;
using Estream.Esf.Internal;
using Estream.Esf.Schema;
using Estream.Queue;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Takes requests one by one, and writes a result for each in place. Allocates nothing itself.</summary>
internal abstract class CpuOperation : IExecutableOperation
{
    private readonly CircuitOperation _operation;
    private readonly EsfField _status;
    private readonly int _resultBytes;

    protected CpuOperation(CircuitOperation operation)
    {
        _operation = operation;
        _status = ResultField("status");

        // The status and other numbers; what Look finds comes behind them.
        _resultBytes = RecordLayout.OfMessage(operation.Result.Definition.Record).FixedLength;
    }

    public void Run(MessageBatch requests, MessageBatch results)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(results);
        for (int i = 0; i < requests.Count; i++)
        {
            ReadOnlySpan<byte> request = requests[i];
            bool isWhole = EsfValidator.Check(_operation.Request, request).IsOk;

            // The room comes first: what is done is told.
            Span<byte> room = results.Reserve(_resultBytes + (isWhole ? ResultBytes(request) : 0));
            EsfMessageBuilder result = EsfMessageBuilder.Begin(_operation.Result, room);
            OperationStatus status = isWhole ? RunOne(request, ref result) : OperationStatus.Invalid;
            _ = result.TrySet(_status, (Int128)(int)status);
            _ = result.TryFinish(out ReadOnlySpan<byte> message);
            results.Add(message.Length);
        }
    }

    public virtual void Dispose()
    {
    }

    /// <summary>The most bytes that <see cref="ResultBytes"/> may find: with the numbers around them they are the longest message there
    /// is.</summary>
    protected int MostBytes => EsfLimits.MaxMessageBytes - _resultBytes;

    /// <summary>Finds what a whole request asks for, before there is room for its result; it changes nothing. Of operations whose results
    /// have bytes.</summary>
    /// <param name="request">The request, checked.</param>
    /// <returns>How many bytes <see cref="Execute"/> is going to put into the result.</returns>
    protected virtual int ResultBytes(ReadOnlySpan<byte> request) => 0;

    /// <summary>Does what a whole request asks for.</summary>
    /// <param name="request">The request, checked.</param>
    /// <param name="result">Gets everything but the status.</param>
    protected abstract OperationStatus Execute(ReadOnlySpan<byte> request, ref EsfMessageBuilder result);

    protected EsfField RequestField(string name) => _operation.Request.Fields.First(field => field.Name == name);

    protected EsfField ResultField(string name) => _operation.Result.Fields.First(field => field.Name == name);

    /// <summary>Where the items of a list are, of a request that was checked, so that they are whole; nothing where it is absent.</summary>
    protected ReadOnlySpan<byte> RegionOf(EsfField field, ReadOnlySpan<byte> request) =>
        RecordReads.TryGet(field.Plan, request, _operation.Request.FixedLengthOf(request), out ReadOnlySpan<byte> region)
            ? region
            : default;

    protected void Set(ref EsfMessageBuilder result, string field, long value) => _ = result.TrySet(ResultField(field), (Int128)value);

    private OperationStatus RunOne(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        try
        {
            return Execute(request, ref result);
        }
        catch (EstreamStorageException full) when (full.Reason == StorageFailure.DiskFull)
        {
            return OperationStatus.Full;
        }
    }
}

/// <summary>What changes entries of a map, of which the queue that keeps its changes, if there is one, takes only so long ones.</summary>
internal abstract class ChangeOperation(CircuitOperation operation, OperationMap map) : CpuOperation(operation)
{
    protected OperationMap Map { get; } = map;

    protected sealed override OperationStatus Execute(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        try
        {
            return Change(request, ref result);
        }
        catch (ArgumentException)
        {
            // All else was looked at before: the queue that keeps the changes of the map takes no message as long as this change.
            return OperationStatus.TooLong;
        }
    }

    /// <summary>Looks whether the request can be done, and does it.</summary>
    /// <param name="request">The request, checked.</param>
    /// <param name="result">Gets everything but the status.</param>
    protected abstract OperationStatus Change(ReadOnlySpan<byte> request, ref EsfMessageBuilder result);
}

/// <summary>Gives up now what the retention of a queue allows, or other limits do.</summary>
internal sealed class CompactOperation(CircuitOperation operation, EstreamQueue queue) : CpuOperation(operation)
{
    private EsfField RetainedBytes { get; } = operation.Request.Fields.First(field => field.Name == "retained_bytes");

    private EsfField RetainedAge { get; } = operation.Request.Fields.First(field => field.Name == "retained_age");

    protected override OperationStatus Execute(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        bool hasBytes = RetainedBytes.TryGetUInt64(request, out ulong bytes);
        bool hasAge = RetainedAge.TryGetUInt64(request, out ulong age);
        RetentionResult given = hasBytes || hasAge
            ? queue.ApplyRetention((long)Math.Min(bytes, long.MaxValue), Nanos.ToTime(age))
            : queue.ApplyRetention();
        Set(ref result, "segments", given.Segments);
        Set(ref result, "segment_bytes", given.Bytes);
        Set(ref result, "segments_beyond", given.SegmentsBeyond);
        Set(ref result, "oldest_position", given.FirstPosition);
        Set(ref result, "oldest_sequence", queue.GetInfo().FirstSequence);
        return OperationStatus.Done;
    }
}
