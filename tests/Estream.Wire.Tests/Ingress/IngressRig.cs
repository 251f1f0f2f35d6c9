using System.Text;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>Three queues and an ingress writer, as a connection has them.</summary>
internal sealed class IngressRig : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly IngressRoutes _routes;

    public IngressRig(QueueOptions? options = null, params TopicMapping[] mappings)
        : this(options, null, mappings)
    {
    }

    public IngressRig(QueueOptions? options, Esf.EsfAudienceKeys? keys, params TopicMapping[] mappings)
        : this(options, keys, null, mappings)
    {
    }

    private IngressRig(QueueOptions? options, Esf.EsfAudienceKeys? keys, SignatureRule? signatures, TopicMapping[] mappings)
    {
        Data = EstreamQueue.Open(_folder.Combine("data"), options);
        DeadLetters = EstreamQueue.Open(_folder.Combine("dead-letters"), options);
        Sinks = new IngressSinks(DeadLetters, Schemas.Set, keys);
        Sink = Sinks.Add("data", Data, signatures);
        Apart = EstreamQueue.Open(_folder.Combine("apart"), options);
        Sinks.Add("apart", Apart);
        Context = new AdapterContext("rig", Schemas.Set, Sinks, Clock, Events.Add);
        _routes = new IngressRoutes(mappings, Sinks);
        Writer = NewWriter();
    }

    /// <summary>A rig whose queue accepts signed messages only.</summary>
    public static IngressRig OfSigned(SignatureRule signatures, params TopicMapping[] mappings) => new(null, null, signatures, mappings);

    public EstreamQueue Data { get; }

    public EstreamQueue DeadLetters { get; }

    /// <summary>A queue for a sub-lex.</summary>
    public EstreamQueue Apart { get; }

    /// <summary>The clock of the adapter. The clock advances only when a test advances it.</summary>
    public ManualClock Clock { get; } = new();

    public IngressSinks Sinks { get; }

    public IngressSink Sink { get; }

    public AdapterContext Context { get; }

    public List<AdapterEvent> Events { get; } = [];

    public IngressWriter Writer { get; }

    public IngressWriter NewWriter() =>
        new(_routes, Context, new AdapterEventLog("rig", SystemClock.Instance, Events.Add));

    public IngressStatus Append(string topic, string payload)
    {
        return Append(topic, Encoding.UTF8.GetBytes(payload));
    }

    public IngressStatus Append(string topic, byte[] payload)
    {
        IngressStatus status = Writer.Append(new WireMessage(Encoding.UTF8.GetBytes(topic), payload));
        Writer.Release();
        return status;
    }

    public void Dispose()
    {
        Writer.Dispose();
        Sinks.Dispose();
        Data.Dispose();
        Apart.Dispose();
        DeadLetters.Dispose();
        _folder.Dispose();
    }
}
