using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Queue;
using Estream.Streams.Observing;
using Estream.Streams.Pipelines.Running;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams.Pipelines;

/// <summary>A validated pipeline of a <see cref="PipelineReader">file</see>, whose stages fit together. Immutable.</summary>
public sealed class DeclaredPipeline
{
    /// <summary>The prefix of the named readers of all declared pipelines.</summary>
    public const string ReaderPrefix = "pipeline-";

    private const string OtherSuffix = ".right";
    private const string RejectedSuffix = ".rejected";
    private const string LeftOutSuffix = ".left-out";

    // An upper bound for the bytes that a batch needs in addition to its message, including the read position.
    private const int PlaceBytes = 1024;

    // The intermediate queue of the reports about results that the pipeline could not create. Such results are rare, so the queue keeps
    // only a few segments.
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

    /// <summary>The name of the pipeline.</summary>
    public string Name { get; }

    /// <summary>The position of the declaration in its file.</summary>
    public SourcePosition Position { get; }

    /// <summary>The description that the author gave the pipeline.</summary>
    public string? Description { get; }

    /// <summary>The queue that the pipeline reads.</summary>
    public string Source { get; }

    /// <summary>The timer that writes the source queue, as its only appender; null if the messages come from elsewhere.</summary>
    public string? Timer { get; }

    /// <summary>The schema of the messages in the source queue.</summary>
    public EsfSchema Schema { get; }

    /// <summary>The audiences whose messages the pipeline reads, in addition to public messages; empty if it reads all.</summary>
    public IReadOnlyList<string> Audiences => _audience?.Audiences ?? [];

    /// <summary>The schema of the results.</summary>
    public EsfSchema ResultSchema => _ending.Schema;

    /// <summary>The queue of the results; null if they go to a map.</summary>
    public string? OutputQueue => _sink.Queue;

    /// <summary>The map of the results; null if they go to a queue.</summary>
    public string? OutputMap => _sink.Map;

    /// <summary>True if the queue of the results is a permanent log (<see cref="EsfLog"/>): the pipeline seals it, and no message may be
    /// reclaimed.</summary>
    public bool IsLog => _sink.IsLog;

    /// <summary>True if the pipeline keeps state. Nothing else may then append to the queues it writes, except the queue of rejected
    /// messages.</summary>
    public bool HasState => _ending.HasState;

    /// <summary>The queue of late events; null if they are only counted.</summary>
    public string? LateQueue => _ending.Late;

    /// <summary>The queue of messages that a stage rejects; null if they are only counted.</summary>
    public string? RejectedQueue { get; }

    /// <summary>The second queue of a join; null if the pipeline has no join.</summary>
    public string? JoinedQueue => _ending.Joined;

    /// <summary>The maps that the pipeline reads in lookups.</summary>
    public IEnumerable<string> Lookups => _steps.SelectMany(step => step.Lookups);

    /// <summary>The names of the elements of its stages.</summary>
    internal IReadOnlyList<string> ElementNames => [.. _steps.SelectMany(step => step.ElementNames)];

    /// <summary>The maximum number of routes by which a message of the source queue passes the stages.</summary>
    internal int MaxRoutes => _steps.Aggregate(1, (routes, step) => routes * step.MaxRoutes);

    /// <summary>The queues that the pipeline writes: the queues of its results, late events and rejected messages, if declared. If
    /// the pipeline writes in transactions, the first queue is the transaction log, and the queues of the results come last.</summary>
    public IEnumerable<string> QueuesWritten => new[] { OutputQueue, LateQueue, RejectedQueue }.OfType<string>()
        .Concat(TransactionQueues);

    /// <summary>The queues of the messages, if the pipeline writes in transactions. A queue holds transactions of one log only.</summary>
    internal IEnumerable<string> TransactionQueues => _ending.MoreQueues.Select(more => more.Queue).Distinct();

    /// <summary>The transcript in whose sessions the pipeline takes part; null if it takes part in none. The program is the same party in
    /// all sessions (<see cref="IPipelineResources.Identity"/>).</summary>
    public string? Transcript => _ending.IsParty ? OutputQueue : null;

    /// <summary>Returns the schemas of the messages that the pipeline or its <see cref="Timer"/> writes to a queue: results, seals, late
    /// events and rejected messages. Rejected messages are of <c>estream.system.DeadLetter</c>.</summary>
    /// <param name="queue">The name of the queue.</param>
    public IEnumerable<EsfSchema> SchemasIn(string queue)
    {
        (string? Queue, EsfSchema Schema)[] written = [(OutputQueue, ResultSchema), (LateQueue, _ending.Taken),
            (RejectedQueue, DeadLetterMessage.Schema), (Timer is null ? null : Source, Schema), .. _ending.MoreQueues,
            .. _ending.MoreSchemas.Select(more => (OutputQueue, more)), (IsLog ? OutputQueue : null, LogSealRecord.Schema)];
        return written.Where(one => one.Queue == queue).Select(one => one.Schema);
    }

    /// <summary>The queues to which nothing else may append: the queues of results and late events, if the pipeline keeps state; the
    /// transaction log, if it writes in transactions.</summary>
    public IEnumerable<string> ExclusiveQueues => _ending.OwnsSink ? new[] { OutputQueue, LateQueue }.OfType<string>() : [];

    /// <summary>Returns the named readers that the pipeline has in a queue.</summary>
    /// <param name="queue">The name of the queue.</param>
    public IEnumerable<string> ReadersIn(string queue)
    {
        string name = ReaderPrefix + Name;
        (string? Queue, string Reader)[] readers = [(Source, name), (JoinedQueue, name + OtherSuffix)];
        return readers.Concat(RejectedQueue is null ? [] : readers.Select(reader => (reader.Queue, Reader: reader.Reader + RejectedSuffix)))
            .Where(reader => reader.Queue == queue).Select(reader => reader.Reader);
    }

    /// <summary>Sets up the pipeline without reading anything yet.</summary>
    /// <param name="resources">Provides the queues, maps and sealers that the pipeline names.</param>
    /// <exception cref="Core.EstreamException">A named resource does not exist, is in use, or was not written by this pipeline.</exception>
    /// <exception cref="ArgumentException">A message would not fit in a queue it writes.</exception>
    public RunningPipeline Open(IPipelineResources resources) => Open(resources, null);

    /// <param name="resources">Provides the queues, maps and sealers that the pipeline names.</param>
    /// <param name="observer">Observes the messages from which results are computed; null for no observer.</param>
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

    /// <summary>Returns the directories of everything the pipeline writes.</summary>
    /// <param name="resources">Provides the queues and maps that the pipeline names.</param>
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

        foreach (string directory in _ending.DirectoriesIn(resources, _sink))
        {
            yield return directory;
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

    // Other pipelines append to the queue of rejected messages too, so its length does not tell how many dead letters this pipeline has
    // written. The pipeline first appends descriptions of failed results to a queue of its own, whose length counts them.
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

    // When the stages run again over the same messages, they reject the same messages. A separate pipeline therefore runs the stages from
    // its own position in the queue, and appends each rejected message exactly once.
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
                // Neither side of a join can have private fields.
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
