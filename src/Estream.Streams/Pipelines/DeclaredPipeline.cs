using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Queue;
using Estream.Streams.Observing;
using Estream.Streams.Pipelines.Running;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams.Pipelines;

/// <summary>A pipeline of a <see cref="PipelineReader">file</see>, whose stages fit from end to end. Immutable.</summary>
public sealed class DeclaredPipeline
{
    /// <summary>What the named readers of all declared pipelines begin with.</summary>
    public const string ReaderPrefix = "pipeline-";

    private const string OtherSuffix = ".right";
    private const string RejectedSuffix = ".rejected";
    private const string LeftOutSuffix = ".left-out";

    // More than a batch has beside a message: it says how far was read.
    private const int PlaceBytes = 1024;

    // What is told of results that cannot be made lies between two queues for a moment: little, and a few segments of it at most.
    private static readonly QueueOptions s_leftOut = new() { SegmentBytes = 64 << 10, RetainedBytes = 64 << 10 };

    private readonly IReadOnlyList<Step> _steps;
    private readonly TerminalOperator _ending;
    private readonly Sink _sink;
    private readonly EsfAudienceFilter? _audience;
    private readonly EsfMessageFilter? _filter;
    private readonly int _maxBytes;
    private readonly string _fingerprint;
    private readonly UnreadableAction _unreadable;
    private readonly UnreadableAction _otherUnreadable;

    internal DeclaredPipeline(PipelineHead head, IReadOnlyList<Step> steps, TerminalOperator ending, Sink sink, string fingerprint)
    {
        Name = head.Name;
        Position = head.Position;
        Description = head.Description;
        Source = head.Source;
        Schema = head.Schema;
        RejectedQueue = head.Rejected;
        _audience = head.Audience;
        _filter = head.Filter;
        _maxBytes = head.MaxBytes;
        Timer = head.Timer;
        (_unreadable, _otherUnreadable) = (head.UnreadableAction, head.OtherUnreadable);
        (_steps, _ending, _sink, _fingerprint) = (steps, ending, sink, fingerprint);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Where it is declared.</summary>
    public SourcePosition Position { get; }

    /// <summary>What it is for, in the author's words.</summary>
    public string? Description { get; }

    /// <summary>The queue it reads.</summary>
    public string Source { get; }

    /// <summary>The timer that writes the queue it reads, and that nobody else appends to; null where its messages come from
    /// elsewhere.</summary>
    public string? Timer { get; }

    /// <summary>The schema of the messages it reads there.</summary>
    public EsfSchema Schema { get; }

    /// <summary>The audiences whose messages it takes there, and public ones; empty where it takes all.</summary>
    public IReadOnlyList<string> Audiences => _audience?.Audiences ?? [];

    /// <summary>The schema of its results.</summary>
    public EsfSchema ResultSchema => _ending.Schema;

    /// <summary>The queue of its results; null where they are in a map.</summary>
    public string? OutputQueue => _sink.Queue;

    /// <summary>The map of its results; null where they are in a queue.</summary>
    public string? OutputMap => _sink.Map;

    /// <summary>Whether it keeps a state: then nobody else appends to the queues it writes, but for that of rejected messages.</summary>
    public bool HasState => _ending.HasState;

    /// <summary>The queue of late events; null where they are counted only.</summary>
    public string? LateQueue => _ending.Late;

    /// <summary>The queue of messages that a stage cannot take; null where they are counted only.</summary>
    public string? RejectedQueue { get; }

    /// <summary>The other queue that it joins with its own; null where it does not.</summary>
    public string? JoinedQueue => _ending.Joined;

    /// <summary>The maps it looks at.</summary>
    public IEnumerable<string> Lookups => _steps.SelectMany(step => step.Lookups);

    /// <summary>What the places of its stages are called.</summary>
    internal IReadOnlyList<string> ElementNames => [.. _steps.SelectMany(step => step.ElementNames)];

    /// <summary>By how many ways a message comes to its end at most.</summary>
    internal int MaxRoutes => _steps.Aggregate(1, (routes, step) => routes * step.MaxRoutes);

    /// <summary>The queues it writes: those of its results, late events and rejected messages, as far as they are declared.</summary>
    public IEnumerable<string> QueuesWritten => new[] { OutputQueue, LateQueue, RejectedQueue }.OfType<string>();

    /// <summary>The schemas of the messages it writes to a queue, or its <see cref="Timer"/> does: of its results, late events and rejected
    /// messages. The last are <c>estream.system.DeadLetter</c>.</summary>
    /// <param name="queue">A queue.</param>
    public IEnumerable<EsfSchema> SchemasIn(string queue)
    {
        (string? Queue, EsfSchema Schema)[] written = [(OutputQueue, ResultSchema), (LateQueue, _ending.Taken),
            (RejectedQueue, DeadLetterMessage.Schema), (Timer is null ? null : Source, Schema)];
        return written.Where(one => one.Queue == queue).Select(one => one.Schema);
    }

    /// <summary>The queues that nobody else may append to: those of its results and late events, where it keeps a state.</summary>
    public IEnumerable<string> ExclusiveQueues => HasState ? new[] { OutputQueue, LateQueue }.OfType<string>() : [];

    /// <summary>The named readers by which the queues remember it.</summary>
    /// <param name="queue">A queue.</param>
    public IEnumerable<string> ReadersIn(string queue)
    {
        string name = ReaderPrefix + Name;
        (string? Queue, string Reader)[] readers = [(Source, name), (JoinedQueue, name + OtherSuffix)];
        return readers.Concat(RejectedQueue is null ? [] : readers.Select(reader => (reader.Queue, Reader: reader.Reader + RejectedSuffix)))
            .Where(reader => reader.Queue == queue).Select(reader => reader.Reader);
    }

    /// <summary>Sets it up; nothing is read yet.</summary>
    /// <param name="resources">Where it finds what it names.</param>
    /// <exception cref="Core.EstreamException">Something it names is not there, in use, or not what the pipeline has made.</exception>
    /// <exception cref="ArgumentException">A message would not fit in a queue it writes.</exception>
    public RunningPipeline Open(IPipelineResources resources) => Open(resources, null);

    /// <param name="resources">Where it finds what it names.</param>
    /// <param name="observer">Is told of the messages that results are made of; null where nobody asks.</param>
    internal RunningPipeline Open(IPipelineResources resources, MessageObserver? observer)
    {
        ArgumentNullException.ThrowIfNull(resources);
        string name = ReaderPrefix + Name;
        List<IDisposable> owned = [];
        CountedRejects counted = new();
        Rejects told = observer is null ? counted : new TracedRejects(counted, observer);
        EsfPipeline? results = null;
        try
        {
            EstreamQueue? leftOut = OpenLeftOut(resources, owned);
            PipelineContext opening = new(resources, name, StateName, _maxBytes, told, owned)
            {
                OtherUnreadable = _otherUnreadable,
                LeftOut = leftOut is null ? null : new PublishedOutput(leftOut, new FailedResultDeadLetter(Name, Source)),
                MayIdentifyResult = !Schema.IsProtected,
                MaxRoutes = MaxRoutes,
            };
            EstreamQueue source = resources.Queue(Source);
            EsfPipeline made = results = _ending.Begin(Stream(source, opening, told), opening, _sink);
            made.Observer = observer;
            List<EsfPipeline> rejects = OpenRejects(source, leftOut, opening);
            long leftOutBefore = made.LeftOut;
            return new RunningPipeline(this, made, rejects, () => counted.Count + Math.Max(0, made.LeftOut - leftOutBefore), [.. owned])
            {
                MakingBytes = opening.BufferBytes,
            };
        }
        catch
        {
            results?.Dispose();
            owned.ForEach(one => one.Dispose());
            throw;
        }
    }

    /// <summary>The directories of all that it writes.</summary>
    /// <param name="resources">Where it finds what it names.</param>
    internal IEnumerable<string> DirectoriesIn(IPipelineResources resources)
    {
        foreach (string queue in QueuesWritten)
        {
            yield return resources.Queue(queue).Directory;
        }

        if (OutputMap is string output && resources.Map(output).Directory is string map)
        {
            yield return map;
        }

        if (HasState)
        {
            yield return resources.StateDirectory(StateName);
        }

        if (ReportsLeftOut)
        {
            yield return resources.StateDirectory(StateName + LeftOutSuffix);
        }
    }

    private string StateName => $"{Name}-{_fingerprint}";

    private bool ReportsLeftOut => _ending.CanLeaveOut && RejectedQueue is not null;

    // Others append to the queue of rejected messages too, so how many there are there does not say what of it is of this pipeline: it is
    // counted in a queue of its own before.
    private EstreamQueue? OpenLeftOut(IPipelineResources resources, List<IDisposable> owned)
    {
        if (!ReportsLeftOut)
        {
            return null;
        }

        EstreamQueue leftOut = EstreamQueue.Open(resources.StateDirectory(StateName + LeftOutSuffix), s_leftOut);
        owned.Add(leftOut);
        return leftOut;
    }

    // The same stages over the same messages reject the same ones: so these have a place of their own in the queue, and are there exactly
    // once.
    private List<EsfPipeline> OpenRejects(EstreamQueue source, EstreamQueue? leftOut, PipelineContext opening)
    {
        List<EsfPipeline> opened = [];
        if (RejectedQueue is null)
        {
            return opened;
        }

        try
        {
            opened.Add(OpenRejects(source, Source, Schema.IsProtected ? Schema : null, opening.Name,
                rejects => Stream(source, opening, rejects), opening.Resources.Queue(RejectedQueue), MaxRoutes));
            if (JoinedQueue is string joined)
            {
                // A join takes nothing private.
                opened.Add(OpenRejects(
                    opening.Resources.Queue(joined), joined, null, opening.Name + OtherSuffix,
                    rejects => _ending.OtherSide(opening.Resources, rejects, _otherUnreadable)!, opening.Resources.Queue(RejectedQueue),
                    routes: 1));
            }

            if (leftOut is not null)
            {
                opened.Add(OpenLeftOutReader(leftOut, opening.Name + LeftOutSuffix, opening.Resources.Queue(RejectedQueue)));
            }

            return opened;
        }
        catch
        {
            opened.ForEach(one => one.Dispose());
            throw;
        }
    }

    private EsfPipeline OpenRejects(EstreamQueue source, string sourceName, EsfSchema? taken, string reader,
        Func<Rejects, EsfStream<Record>> stream, EstreamQueue queue, int routes)
    {
        int maxLength = Math.Min(queue.MaxMessageBytes - PlaceBytes, source.MaxMessageBytes + DeadLetterMessage.OverheadBytes);
        var end = new QueueEnd<Rejected>(queue, DeadLetterMessage.Schema, null, null,
            _ => new DeadLetterMessage(Name, sourceName, taken, maxLength), routes);
        return stream(new RejectsToQueue(end)).BeginSideOutput(reader + RejectedSuffix, end, new DiscardStage());
    }

    private static EsfPipeline OpenLeftOutReader(EstreamQueue leftOut, string reader, EstreamQueue queue)
    {
        EsfSchema letter = DeadLetterMessage.Schema;
        EsfStream<Record> letters =
            new(leftOut, first => new QueueSource<Record, RecordEvents>(new RecordEvents(letter, null, null, null), first));
        return letters.AppendTo(reader,
            new QueueEnd<Record>(queue, letter, null, null, space => new RecordMessage(DeadLetterMessage.OverheadBytes, space)));
    }

    private EsfStream<Record> Stream(EstreamQueue source, PipelineContext opening, Rejects rejects)
    {
        EsfStream<Record> stream = new(source,
            first => new QueueSource<Record, RecordEvents>(new RecordEvents(Schema, _audience, _filter, rejects.For(_unreadable)), first));
        foreach (Step step in _steps)
        {
            stream = step.Add(stream, opening, rejects);
        }

        stream = stream.Then<Record>(next => new RequiredValueStage(_ending.Needs(_sink), _ending.MaxBytes(_sink, _maxBytes), rejects,
            next));
        return _ending.Guard(stream, opening, _sink, rejects);
    }
}
