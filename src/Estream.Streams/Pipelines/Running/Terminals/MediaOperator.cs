using System.Text.Unicode;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Media;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Joins the pieces of large objects. The sink is the queue of their manifests; the chunks go to the store of this
/// queue.</summary>
/// <param name="Taken">The schema of the pieces.</param>
internal sealed record MediaOperator(EsfSchema Taken) : TerminalOperator(Taken, MediaManifestRecord.Schema)
{
    public override bool HasState => false;

    public override bool OwnsSink => true;

    public override IEnumerable<EsfSchema> MoreSchemas => [MediaAbandonedRecord.Schema];

    public override IEnumerable<RequiredValue> NeedsOfOperator => [];

    public override int MaxBytes(Sink sink, int maxBytes) => maxBytes;

    public override EsfStream<Record> Guard(EsfStream<Record> stream, PipelineContext opening, Sink sink, Rejects rejects) =>
        stream.Then<Record>(next => new MediaGuard(MediaFields.Of(Taken), rejects, next));

    public override EsfPipeline Begin(EsfStream<Record> stream, PipelineContext opening, Sink sink)
    {
        EstreamQueue output = opening.Resources.Queue(sink.Queue!);
        MediaEnd end = new(output, opening.Resources.Chunks(sink.Queue!), MediaFields.Of(Taken), opening.Name, opening.MaxBytes,
            opening.MaxRoutes);
        return stream.BeginSideOutput(opening.Name, end, new MediaStage(end));
    }

    public override IEnumerable<string> DirectoriesIn(IPipelineResources resources, Sink sink) =>
        new[] { resources.Chunks(sink.Queue!).Directory }.OfType<string>();
}

/// <summary>Rejects messages that cannot be a piece of any object.</summary>
internal sealed class MediaGuard(MediaFields fields, Rejects rejects, Stage<Record> next) : Stage<Record>
{
    private static readonly string s_badName = $"'name' has no value, or is not UTF-8 of at most {EsfMedia.MaxNameBytes} bytes";
    private static readonly string s_badMediaType = $"'media_type' is not UTF-8 of at most {EsfMedia.MaxMediaTypeBytes} bytes";

    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
        MediaPiece piece = fields.Read(item.Message);
        string? reason = piece.Name.Length is 0 or > EsfMedia.MaxNameBytes || !Utf8.IsValid(piece.Name) ? s_badName
            : piece.MediaType.Length > EsfMedia.MaxMediaTypeBytes || !Utf8.IsValid(piece.MediaType) ? s_badMediaType
            : piece.Number == MediaPiece.NoNumber ? "'piece' has no value, or a negative one"
            : null;
        if (reason is not null)
        {
            rejects.Take(reason, in message);
            return;
        }

        next.Push(in item, in message);
    }
}

/// <summary>Buffers pieces until the end commits them.</summary>
internal sealed class MediaStage(MediaEnd end) : Stage<Record>
{
    public override void Push(scoped in Record item, scoped in QueueMessage message) => end.Write(item.Message, in message);
}
