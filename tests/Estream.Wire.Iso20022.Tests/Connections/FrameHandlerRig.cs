using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Iso20022.Connections;
using Estream.Wire.Iso20022.Tests.Compliance;

namespace Estream.Wire.Iso20022.Tests.Connections;

/// <summary>The receive path of a listener without a socket. The schemas have no private fields, because sealing allocates.</summary>
internal sealed class FrameHandlerRig : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly EstreamQueue _payments;
    private readonly EstreamQueue _deadLetters;
    private readonly IngressSinks _sinks;
    private readonly FrameHandler _handler;
    private readonly FrameBuffer _buffer = new(1 << 20);

    public FrameHandlerRig(Iso20022Answers answers)
    {
        QueueOptions options = new() { SegmentBytes = 64 << 20 };
        _payments = EstreamQueue.Open(_directory.Combine("payments"), options);
        _deadLetters = EstreamQueue.Open(_directory.Combine("dead-letters"), new QueueOptions { SegmentBytes = 1 << 17 });
        EsfSchemaSet schemas = EsfSchemaSet.BuiltIn.With(FolderSubject.WithoutPrivacy());
        Assert.True(schemas.TryGet("Pacs008CreditTransfer", out EsfSchema? schema));
        _sinks = new IngressSinks(_deadLetters, schemas);
        _sinks.Add("payments", _payments);
        AdapterContext context = new("bank", schemas, _sinks, SystemClock.Instance, _ => { });
        AdapterEventLog events = new("bank", SystemClock.Instance, _ => { });
        IngressRoutes routes = new([TopicMapping.Json("pacs.008", schema, "payments")], _sinks, static _ => []);
        DocumentIntake intake = new(routes, context, events, Iso20022Settings.Limits(1 << 20), Iso20022Checks.SchemaAndRules);
        _handler = new FrameHandler("a peer", answers, intake, new ListenerCounters(), events, SystemClock.Instance);
    }

    /// <summary>The number of stored messages.</summary>
    public long Stored
    {
        get
        {
            Assert.True(_sinks.TryGet("payments", out IngressSink? sink));
            return sink.Messages;
        }
    }

    /// <summary>Handles the bytes of frames.</summary>
    /// <returns>The length of the answers.</returns>
    public int TryReceive(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.Space().Span);
        _buffer.Add(bytes.Length);
        while (_buffer.Next == FrameStatus.Frame)
        {
            Assert.True(_handler.TryHandle(_buffer.Take().Span));
        }

        int length = _handler.Answers.Frames.Length;
        _handler.Answers.Clear();
        return length;
    }

    public void Dispose()
    {
        _handler.Dispose();
        _buffer.Dispose();
        _sinks.Dispose();
        _payments.Dispose();
        _deadLetters.Dispose();
        _directory.Dispose();
    }
}
