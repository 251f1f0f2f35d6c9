using System.Collections.Concurrent;
using Estream.Esf;
using Estream.Wire;

namespace Estream.Host.Tests.Runtime;

/// <summary>Sends nothing. It keeps the messages to emit, and the test gives the answers.</summary>
internal sealed class ManualAckAdapter(EsfSchema schema, int quality) : IWireAdapter
{
    private readonly ConcurrentQueue<PendingEmit> _offered = new();
    private int _underWay;
    private int _mostUnderWay;

    /// <summary>The offered messages, in order.</summary>
    public IReadOnlyList<PendingEmit> Offered => [.. _offered];

    /// <summary>The maximum number of messages that waited for an answer at the same time.</summary>
    public int MostUnderWay => Volatile.Read(ref _mostUnderWay);

    /// <summary>The number of next translations that throw.</summary>
    public int FailuresOfTranslation { get; set; }

    public AdapterDescriptor Descriptor { get; } = new("held", "Test", Wire.ProtocolFamily.Iot, ["TCP"], true, false, "Keeps all.");

    public string Name => "held";

    public AdapterSchemas Schemas { get; } = new([], [schema]);

    public HealthStatus Health { get; set; } = HealthStatus.Healthy("The adapter runs.");

    public AdapterStatistics Statistics => default;

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task Ingest(CancellationToken cancellation) => throw new NotSupportedException();

    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length) =>
        throw new NotSupportedException();

    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination)
    {
        if (FailuresOfTranslation-- > 0)
        {
            throw new InvalidOperationException("said the test.");
        }

        destination.Clear();
        destination.Quality = quality;
        message.Bytes.CopyTo(destination.Payload.GetSpan(message.Bytes.Length));
        destination.Payload.Advance(message.Bytes.Length);
        return TranslateStatus.Ok;
    }

    public async ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        PendingEmit offered = new(message.Payload.WrittenSpan.ToArray());
        _mostUnderWay = Math.Max(_mostUnderWay, Interlocked.Increment(ref _underWay));
        _offered.Enqueue(offered);
        try
        {
            return await offered.Answered.WaitAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>An emitted message that waits for its answer.</summary>
internal sealed class PendingEmit(byte[] message)
{
    private readonly TaskCompletionSource<EmitStatus> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public byte[] Message => message;

    public Task<EmitStatus> Answered => _answer.Task;

    public void Answer(EmitCode code) => _answer.SetResult(new EmitStatus(code, code == EmitCode.Ok ? "" : "said the test"));
}
