using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Takes requests one by one, and writes a result for each in place. Allocates nothing itself.</summary>
internal abstract class CpuOperation : IOpenedOperation
{
    private readonly CircuitOperation _operation;
    private readonly EsfField _status;
    private readonly int _resultBytes;

    protected CpuOperation(CircuitOperation operation)
    {
        _operation = operation;
        _status = ResultField("status");

        // The results of all operations are numbers.
        _resultBytes = RecordLayout.OfMessage(operation.Result.Definition.Record).FixedLength;
    }

    public void Run(MessageBatch requests, MessageBatch results)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(results);
        for (int i = 0; i < requests.Count; i++)
        {
            // The room comes first: what is done is told.
            EsfMessageBuilder result = EsfMessageBuilder.Begin(_operation.Result, results.Reserve(_resultBytes));
            OperationStatus status = RunOne(requests[i], ref result);
            _ = result.TrySet(_status, (Int128)(int)status);
            results.Add(_resultBytes);
        }
    }

    public virtual void Dispose()
    {
    }

    /// <summary>Does what a whole request asks for.</summary>
    /// <param name="request">The request, checked.</param>
    /// <param name="result">Gets everything but the status.</param>
    protected abstract OperationStatus Do(ReadOnlySpan<byte> request, ref EsfMessageBuilder result);

    protected EsfField RequestField(string name) => _operation.Request.Fields.First(field => field.Name == name);

    protected EsfField ResultField(string name) => _operation.Result.Fields.First(field => field.Name == name);

    protected void Set(ref EsfMessageBuilder result, string field, long value) => _ = result.TrySet(ResultField(field), (Int128)value);

    private OperationStatus RunOne(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        if (!EsfValidator.Check(_operation.Request, request).IsOk)
        {
            return OperationStatus.Invalid;
        }

        try
        {
            return Do(request, ref result);
        }
        catch (EstreamStorageException full) when (full.Reason == StorageFailure.DiskFull)
        {
            return OperationStatus.Full;
        }
    }
}
