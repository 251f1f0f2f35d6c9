using Estream.Carbon;
using Estream.Crypto;
using Estream.Esf;
using Estream.Queue;
using Estream.Scenarios.Codecs.Carbon;
using Estream.Scenarios.Harness;
using Estream.Streams;

namespace Estream.Scenarios.Product;

/// <summary>How a row of `append-signed` signs a message.</summary>
internal enum SignedAppendKind
{
    /// <summary>By hand: encode, sign the bytes, copy the signature, append.</summary>
    ByHand,

    /// <summary><see cref="EsfAppender{TWriter}.AppendSigned"/>.</summary>
    Appender,

    /// <summary><see cref="EsfSignedBatch{TWriter}"/>, 64 messages at a time.</summary>
    Batch,
}

/// <summary>A row of `append-signed`: a CarbonAttestation is written, signed and appended; the last message of a round is
/// verified.</summary>
internal sealed class SignedAppendContender : IContender
{
    private const int MessagesOfBatch = 64;

    private readonly SignedAppendKind _kind;
    private readonly MlDsa87PrivateKey _key = MlDsa87PrivateKey.Generate();
    private readonly byte[] _buffer = new byte[1 << 14];
    private readonly byte[] _signature = new byte[MlDsa87.SignatureBytes];
    private readonly BenchQueue _queue;
    private readonly QueueAppender _appender;
    private readonly EsfAppender<CarbonAttestation.Writer> _attestations;
    private readonly SignerPool? _pool;
    private readonly EsfSignedBatch<CarbonAttestation.Writer>? _batch;
    private readonly long _messages;

    /// <param name="context">The run.</param>
    /// <param name="kind">How messages are signed.</param>
    /// <param name="threads">The threads of the pool; 0 without a pool.</param>
    public SignedAppendContender(ContenderContext context, SignedAppendKind kind, int threads = 0)
    {
        _kind = kind;
        _messages = context.Size.Of(4_096, 512);
        _queue = new BenchQueue(context, FrameChecksum.Crc32C);
        _appender = _queue.Queue.CreateAppender(AppenderMode.Exclusive);
        _attestations = new EsfAppender<CarbonAttestation.Writer>(_appender);
        if (threads > 0)
        {
            _pool = new SignerPool(_key, threads);
            _batch = new EsfSignedBatch<CarbonAttestation.Writer>(_appender, _pool, maxMessages: MessagesOfBatch);
        }

        _queue.Hold();
    }

    public RunResult Run()
    {
        long position = 0;
        var helpers = HelperTime.Start();
        RoundTimer timer = RoundTimer.Start();
        for (long i = 0; i < _messages; i++)
        {
            CarbonAttestation.Writer writer = WriterOf((int)(i % CarbonAttestationRecord.All.Length));
            position = _kind switch
            {
                SignedAppendKind.ByHand => AppendByHand(writer.Length),
                SignedAppendKind.Appender => _attestations.AppendSigned(writer, _key),
                _ => AddToBatch(writer, position),
            };
        }

        RunResult result = _kind == SignedAppendKind.Batch ? helpers.TakenFrom(timer.Stop(_messages)) : timer.Stop(_messages);
        Require(position);
        return result with { Check = (ulong)_messages };
    }

    public void Dispose()
    {
        _appender.Dispose();
        _queue.Dispose();
        _pool?.Dispose();
        _key.Dispose();
    }

    private CarbonAttestation.Writer WriterOf(int index)
    {
        CarbonAttestationRecord record = CarbonAttestationRecord.All[index];
        CarbonAttestation.Writer writer = CarbonAttestation.Write(_buffer);
        writer.AttestationId = record.AttestationId;
        writer.CreditId = record.CreditId;
        writer.Verifier = record.Verifier;
        writer.Methodology = record.Methodology.Utf8;
        writer.VerifiedTonnes = record.VerifiedTonnes;
        writer.ConfidencePct = record.ConfidencePct;
        writer.AttestedAt = record.AttestedAt;
        writer.EvidenceHash = record.EvidenceHash;
        return writer;
    }

    private long AppendByHand(int length)
    {
        int offset = length;
        _ = EsfSignature.Reserve(CarbonAttestation.Schema, _buffer, ref length);
        Span<byte> message = _buffer.AsSpan(0, length);
        _key.Sign(message, EsfSignature.Context, _signature);
        _signature.CopyTo(message[offset..]);
        return _appender.Append(message);
    }

    private long AddToBatch(scoped in CarbonAttestation.Writer writer, long position)
    {
        _batch!.Add(writer);
        return _batch.Count < MessagesOfBatch ? position : _batch.AppendAsync().AsTask().GetAwaiter().GetResult();
    }

    private void Require(long position)
    {
        using QueueTailer tailer = _queue.Queue.CreateTailer();
        tailer.Seek(position);
        if (!new EsfTailer<CarbonAttestation.View>(tailer).TryRead(out EsfMessage<CarbonAttestation.View> message)
            || !message.VerifySignature(_key.PublicKey))
        {
            throw new ScenarioException($"the message appended at {position} is not signed, so the row is invalid");
        }

        _queue.RequireRecycling();
    }
}
