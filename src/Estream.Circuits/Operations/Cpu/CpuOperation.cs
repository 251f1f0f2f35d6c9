using Estream.Core;
using Estream.Esf;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Executes requests one by one and writes each result in place. Does not allocate.</summary>
internal abstract class CpuOperation : IExecutableOperation
{
    private readonly CircuitOperation _operation;
    private readonly EsfField _status;
    private readonly int _resultBytes;

    protected CpuOperation(CircuitOperation operation)
    {
        _operation = operation;
        _status = ResultField("status");

        // The fixed block: status and numbers. The bytes that ResultBytes announces follow it.
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

            // Reserve first, so that every executed request gets its result.
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

    /// <summary>The maximum that <see cref="ResultBytes"/> may return: together with the fixed block it gives the longest possible
    /// message.</summary>
    protected int MostBytes => EsfLimits.MaxMessageBytes - _resultBytes;

    /// <summary>Looks up the bytes that the result of a valid request will contain, before space for the result is reserved. Changes
    /// nothing. Overridden by operations whose results contain bytes.</summary>
    /// <param name="request">The validated request.</param>
    /// <returns>The number of bytes that <see cref="Execute"/> will write to the result.</returns>
    protected virtual int ResultBytes(ReadOnlySpan<byte> request) => 0;

    /// <summary>Executes a valid request.</summary>
    /// <param name="request">The validated request.</param>
    /// <param name="result">Receives everything except the status.</param>
    protected abstract OperationStatus Execute(ReadOnlySpan<byte> request, ref EsfMessageBuilder result);

    protected EsfField RequestField(string name) => _operation.Request.Fields.First(field => field.Name == name);

    protected EsfField ResultField(string name) => _operation.Result.Fields.First(field => field.Name == name);

    /// <summary>Returns the items of a list in a validated request; empty if the field is absent.</summary>
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

/// <summary>Changes entries of a map, whose change feed, if any, limits the length of changes.</summary>
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
            // All other causes were excluded before: the change is too long for a message of the change feed.
            return OperationStatus.TooLong;
        }
    }

    /// <summary>Checks whether the request can be executed, and executes it.</summary>
    /// <param name="request">The validated request.</param>
    /// <param name="result">Receives everything except the status.</param>
    protected abstract OperationStatus Change(ReadOnlySpan<byte> request, ref EsfMessageBuilder result);
}
