using System.Buffers.Binary;
using Estream.Circuits;
using Estream.Circuits.Operations;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The operations of the rows `queue-append-circuit`, `map-cas-circuit` and `map-put-circuit-witness`.</summary>
internal enum CalledOperation
{
    /// <summary>Appends 64 bytes.</summary>
    Append,

    /// <summary>Replaces a value of 64 bytes if it is the expected one.</summary>
    CompareExchange,

    /// <summary>Puts a value of 64 bytes into a map whose changes are witnessed.</summary>
    WitnessedPut,
}

/// <summary>One operation per call: by a metered circuit, or by the call of the library that the circuit makes.</summary>
internal sealed class OperationCalls : Batches
{
    private const int Keys = 1_024;
    private const int PayloadBytes = 64;
    private const int MostRequestBytes = 512;
    private const int OperationsOfBatch = 1_024;
    private const long MostUnattested = 1 << 16;

    private readonly CalledOperation _kind;
    private readonly BenchQueue _queue;
    private readonly QueueAppender? _appender;
    private readonly QueueChangeSink? _changes;
    private readonly ByteMap? _map;
    private readonly IDisposable? _holder;
    private readonly BenchWitness? _witness;
    private readonly OperationCircuit? _circuit;
    private readonly byte[][] _requests;
    private readonly byte[] _payload = new byte[PayloadBytes];
    private readonly byte[] _key = new byte[sizeof(long)];
    private int _next;
    private long _done;

    /// <param name="context">The directory and the size.</param>
    /// <param name="kind">The operation.</param>
    /// <param name="isCircuit">Whether a circuit executes the operation.</param>
    public OperationCalls(ContenderContext context, CalledOperation kind, bool isCircuit)
        : base(context.Size.Of(512_000, 5_120), OperationsOfBatch)
    {
        _kind = kind;
        string directory = Path.Combine(context.Directory, "queue");
        Directory.CreateDirectory(directory);
        _queue = new BenchQueue(context with { Directory = directory }, FrameChecksum.Crc32C);
        _queue.Hold();
        if (kind != CalledOperation.Append)
        {
            _changes = kind == CalledOperation.WitnessedPut ? new QueueChangeSink(_queue.Queue, AppenderMode.Exclusive) : null;
            _map = ByteMap.Open(Path.Combine(context.Directory, "map"), new ByteMapOptions { Changes = _changes });
            _holder = Holder.Start(HeldStorage.ByteMap, _map.Directory!);
            FillMap();
        }

        if (kind == CalledOperation.WitnessedPut)
        {
            _witness = new BenchWitness(Path.Combine(context.Directory, "attestations"), _queue.Queue);
            _witness.Begin();
        }

        _circuit = isCircuit ? Open() : null;
        _appender = isCircuit || kind != CalledOperation.Append ? null : _queue.Queue.CreateAppender(AppenderMode.Exclusive);
        _requests = isCircuit ? [.. Enumerable.Range(0, Keys).Select(RequestOf)] : [];
    }

    public override void Dispose()
    {
        _circuit?.Dispose();
        _appender?.Dispose();
        _witness?.Dispose();
        _holder?.Dispose();
        _map?.Dispose();
        _changes?.Dispose();
        _queue.Dispose();
    }

    protected override void Batch(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _next = (_next + 1) % Keys;
            if (_circuit is { } circuit)
            {
                _ = circuit.Run(_requests[_next]);
            }
            else
            {
                Call();
            }
        }

        _done += count;
        if (_witness is { } witness && _done - witness.Attested > MostUnattested)
        {
            witness.WaitFor(_done - MostUnattested);
        }
    }

    protected override ulong CheckOfRound()
    {
        _witness?.WaitFor(_done);
        return (ulong)(_map?.Count ?? 0);
    }

    private void Call()
    {
        if (_kind == CalledOperation.Append)
        {
            _ = _appender!.Append(_payload);
            return;
        }

        BinaryPrimitives.WriteInt64LittleEndian(_key, _next);
        if (_kind == CalledOperation.CompareExchange)
        {
            _ = _map!.CompareExchange(_key, _payload, _payload);
        }
        else
        {
            _ = _map!.Put(_key, _payload);
        }
    }

    private void FillMap()
    {
        for (int key = 0; key < Keys; key++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_key, key);
            _ = _map!.Put(_key, _payload);
            _done += _changes is null ? 0 : 1;
        }
    }

    private OperationCircuit Open()
    {
        string name = _kind switch
        {
            CalledOperation.Append => "queue.append.v1",
            CalledOperation.CompareExchange => "map.cas.v1",
            _ => "map.put.v1",
        };
        string file = Path.Combine(AppContext.BaseDirectory, "circuits", $"{name}.circuit.yaml");
        return OperationCircuit.Open(Circuit.Load(file), new OperationResources
        {
            Queues = new Dictionary<string, EstreamQueue> { ["log"] = _queue.Queue },
            Maps = _map is null ? [] : new Dictionary<string, OperationMap> { ["state"] = OperationMap.Of(_map) },
            Appending = AppenderMode.Exclusive,
        });
    }

    private byte[] RequestOf(int number)
    {
        EsfSchema type = _circuit!.Operation.Request;
        byte[] room = new byte[MostRequestBytes];
        EsfMessageBuilder request = EsfMessageBuilder.Begin(type, room);
        BinaryPrimitives.WriteInt64LittleEndian(_key, number);
        foreach (EsfField field in type.Fields)
        {
            _ = field.Name switch
            {
                "key" => request.TrySet(field, _key),
                "payload" or "value" or "expected" => request.TrySet(field, _payload),
                _ => true,
            };
        }

        return request.TryFinish(out ReadOnlySpan<byte> message)
            ? message.ToArray()
            : throw new ScenarioException("a request exceeds its buffer");
    }
}
