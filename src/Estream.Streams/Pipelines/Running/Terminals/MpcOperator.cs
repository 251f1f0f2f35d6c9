using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Mpc;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Takes part in sessions, with one number per session. The sink is the transcript of the sessions.</summary>
/// <param name="Taken">The schema of the numbers.</param>
internal sealed record MpcOperator(EsfSchema Taken) : TerminalOperator(Taken, MpcPostRecord.Schema)
{
    public override bool HasState => false;

    public override bool IsParty => true;

    public override IEnumerable<RequiredValue> NeedsOfOperator => [];

    public override int MaxBytes(Sink sink, int maxBytes) => maxBytes;

    public override EsfStream<Record> Guard(EsfStream<Record> stream, PipelineContext opening, Sink sink, Rejects rejects) =>
        stream.Then<Record>(next =>
        {
            QueueTailer tailer = opening.Resources.Queue(sink.Queue!).CreateTailer();
            opening.Owned.Add(tailer);
            return new MpcGuard(MpcFields.Of(Taken), tailer, opening.Resources.Identity(sink.Queue!), rejects, next);
        });

    public override EsfPipeline Begin(EsfStream<Record> stream, PipelineContext opening, Sink sink)
    {
        MpcEnd end = new(opening.Resources.Queue(sink.Queue!), opening.Resources.Identity(sink.Queue!));
        return stream.BeginSideOutput(opening.Name, end, new MpcStage(MpcFields.Of(Taken), end));
    }
}

/// <summary>Rejects numbers that the party cannot enter. Gives the same reason if a message is read again.</summary>
internal sealed class MpcGuard(MpcFields fields, QueueTailer transcript, MpcIdentity identity, Rejects rejects, Stage<Record> next)
    : Stage<Record>
{
    private const string NoNumber = "'number' has no value, or is not from 0 to 2^61 - 2";
    private const string NoSession = "no session of the configured parties starts at the position 'session'";

    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
        string? reason = !fields.Number.TryGetUInt64(item.Message, out ulong number) || number >= MpcSum.Modulus ? NoNumber
            : !fields.Session.TryGetInt64(item.Message, out long session) || !IsOurs(session) ? NoSession
            : null;
        if (reason is not null)
        {
            rejects.Take(reason, in message);
            return;
        }

        next.Push(in item, in message);
    }

    private bool IsOurs(long session)
    {
        try
        {
            return session >= 0 && identity.IsFor(MpcStart.Read(transcript, session));
        }
        catch (Exception e) when (e is ArgumentException or EstreamFormatException)
        {
            return false;
        }
        catch (EstreamStorageException e) when (e.Reason == StorageFailure.NotFound)
        {
            // Retention has deleted the start. The main run and the run for the rejects check the number at different times, so a reason
            // must not depend on the time. The end ignores the number, like every number for a session that is over.
            return true;
        }
    }
}

/// <summary>Buffers numbers until the end enters them.</summary>
internal sealed class MpcStage(MpcFields fields, MpcEnd end) : Stage<Record>
{
    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
        if (fields.Session.TryGetInt64(item.Message, out long session) && fields.Number.TryGetUInt64(item.Message, out ulong number))
        {
            end.Write(session, number, message.Position);
        }
    }
}
