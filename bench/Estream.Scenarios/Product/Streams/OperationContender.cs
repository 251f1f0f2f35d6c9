using System.Buffers.Binary;
using Estream.Circuits;
using Estream.Circuits.Operations;
using Estream.Esf;
using Estream.Map;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The rows of `circuit-metering` for operations: requests, several per call, put values into a map. The requests go through a
/// circuit, or directly to the target that the circuit calls, which does not meter.</summary>
internal sealed class OperationContender : Batches
{
    private const string Text = """
        escir_version: "0.8.0"
        name: estream.bench.put.v1
        version: "1.0.0"
        types:
          - name: PutRequest
            fields:
              - { name: key, type: bytes }
              - { name: value, type: bytes }
              - { name: time_to_live, type: u64, optional: true }
          - name: PutResult
            fields:
              - { name: status, type: Status }
              - { name: version, type: i64, optional: true }
        enums:
          Status: { values: [Done, Created, Replaced, Conflict, Absent, Full, TooLong, Unversioned, Invalid] }
        inputs: [{ name: requests, type: PutRequest }]
        outputs: [{ name: results, type: PutResult }]
        compute: [{ id: put, type: operation, operation: map.put, map: state }]
        flows: [requests -> put -> results]
        """;

    private const int Keys = 1_024;
    private const int ValueBytes = 64;
    private const int MostRequestBytes = 256;
    private const int OperationsOfBatch = 1_024;

    private readonly ByteMap _map;
    private readonly IDisposable _holder;
    private readonly OperationCircuit? _metered;
    private readonly IExecutableOperation? _unmetered;
    private readonly MessageBatch[] _requests;
    private readonly MessageBatch _results = new();
    private int _next;

    /// <param name="context">The directory and the size.</param>
    /// <param name="requests">The number of requests per call; a divisor of the keys.</param>
    /// <param name="isMetered">Whether a circuit executes the requests.</param>
    public OperationContender(ContenderContext context, int requests, bool isMetered)
        : base(context.Size.Of(512_000, 5_120), OperationsOfBatch)
    {
        CircuitReadResult read = CircuitReader.Read(Text, "bench.circuit.yaml", EsfSchemaSet.BuiltIn, _ => EsfSchemaSet.Empty);
        Circuit circuit = read.Circuit ?? throw new ScenarioException(string.Join('\n', read.Diagnostics));
        CircuitOperation operation = circuit.Operation!;
        _map = ByteMap.Open(Path.Combine(context.Directory, "state"));
        _holder = Holder.Start(HeldStorage.ByteMap, _map.Directory!);
        OperationResources places = new() { Maps = new Dictionary<string, OperationMap> { ["state"] = OperationMap.Of(_map) } };
        _metered = isMetered ? OperationCircuit.Open(circuit, places) : null;
        _unmetered = isMetered ? null : CpuTarget.Instance.Open(operation, places);
        _requests = [.. Enumerable.Range(0, Keys / requests).Select(call => RequestsOf(operation.Request, call * requests, requests))];
    }

    public override void Dispose()
    {
        _metered?.Dispose();
        _unmetered?.Dispose();
        _holder.Dispose();
        _map.Dispose();
    }

    protected override void Batch(int count)
    {
        for (int done = 0; done < count; done += _results.Count)
        {
            MessageBatch requests = _requests[_next];
            _next = (_next + 1) % _requests.Length;
            if (_metered is { } metered)
            {
                metered.Run(requests, _results);
            }
            else
            {
                _results.Clear();
                _unmetered!.Run(requests, _results);
            }
        }
    }

    protected override ulong CheckOfRound() => (ulong)_map.Count;

    private static MessageBatch RequestsOf(EsfSchema type, int first, int count)
    {
        Span<byte> key = stackalloc byte[sizeof(long)];
        Span<byte> value = stackalloc byte[ValueBytes];
        MessageBatch requests = new();
        for (int i = first; i < first + count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(key, i);
            value.Fill((byte)i);
            EsfMessageBuilder request = EsfMessageBuilder.Begin(type, requests.Reserve(MostRequestBytes));
            _ = request.TrySet(type.Fields[0], key);
            _ = request.TrySet(type.Fields[1], value);
            requests.Add(request.TryFinish(out ReadOnlySpan<byte> message)
                ? message.Length : throw new ScenarioException("a request exceeds its buffer"));
        }

        return requests;
    }
}
