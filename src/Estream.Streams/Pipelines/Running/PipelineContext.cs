using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The resources and settings with which a pipeline is opened.</summary>
/// <param name="Resources">Provides the resources that the pipeline names.</param>
/// <param name="Name">The name of the pipeline's reader in its queues.</param>
/// <param name="StateName">The name of the directory for the pipeline's state.</param>
/// <param name="MaxBytes">The maximum length in bytes of a message that the pipeline writes.</param>
/// <param name="Rejects">Receives the messages that are rejected while results are computed.</param>
/// <param name="Owned">The objects that are disposed with the pipeline.</param>
internal sealed record PipelineContext(IPipelineResources Resources, string Name, string StateName, int MaxBytes, Rejects Rejects,
    List<IDisposable> Owned)
{
    /// <summary>What happens to unreadable messages of the second queue of a join.</summary>
    public UnreadableAction OtherUnreadable { get; init; }

    /// <summary>Receives the results that cannot be created; null to only count them.</summary>
    public Output<FailedResult>? LeftOut { get; init; }

    /// <summary>True if a description of a failed result may identify the result. False if messages may have private plaintext values,
    /// because the key or time that identifies a result may be such a value.</summary>
    public bool MayIdentifyResult { get; init; }

    /// <summary>The maximum number of routes by which a message of the source queue reaches the sink.</summary>
    public int MaxRoutes { get; init; } = 1;

    /// <summary>The size in bytes of the memory in which messages are created.</summary>
    public long BufferBytes { get; private set; }

    /// <summary>Allocates a buffer in which to create messages.</summary>
    public byte[] NewBuffer(int bytes)
    {
        BufferBytes += bytes;
        return new byte[bytes];
    }

    public StateMap<long, Windowed<Utf8Key64, TState>> OpenState<TState>()
        where TState : unmanaged
    {
        StateMap<long, Windowed<Utf8Key64, TState>> state =
            StateMap.Open<long, Windowed<Utf8Key64, TState>>(Resources.StateDirectory(StateName));
        Owned.Add(state);
        return state;
    }

    public EsfSealer? SealerFor(EsfSchema schema)
    {
        if (!schema.IsProtected)
        {
            return null;
        }

        EsfSealer sealer = Resources.Sealer(schema);
        Owned.Add(sealer);
        return sealer;
    }
}

/// <summary>The properties of a declared pipeline other than its stages and its sink.</summary>
internal sealed record PipelineHead(string Name, Estream.Esf.Schema.SourcePosition Position, string? Description, string Source,
    EsfSchema Schema, EsfAudienceFilter? Audience, string? Rejected, int MaxBytes)
{
    /// <summary>Selects messages of the queue by lattice and address; null for all.</summary>
    public EsfMessageFilter? Filter { get; init; }

    /// <summary>What happens to unreadable messages of the source queue.</summary>
    public UnreadableAction UnreadableAction { get; init; }

    /// <summary>What happens to unreadable messages of the second queue of a join.</summary>
    public UnreadableAction OtherUnreadable { get; init; }

    /// <summary>The timer that writes the source queue.</summary>
    public string? Timer { get; init; }
}

/// <summary>What happens to messages of the schema that cannot be read.</summary>
internal enum UnreadableAction
{
    /// <summary>Reading stops, and continues once the messages can be read.</summary>
    Refuse,

    /// <summary>The messages are rejected, like messages that a stage rejects.</summary>
    Reject,

    /// <summary>The messages are skipped, because another pipeline reports them.</summary>
    Pass,
}

/// <summary>The destination of results: a queue, or a map with a key.</summary>
internal sealed record Sink(string? Queue, string? Map, EsfExpression? Key)
{
    /// <summary>True if the map contains signals. A buffered value is then dropped when a newer value of its key arrives.</summary>
    public bool IsSignal { get; init; }

    /// <summary>True if the queue is a log: it retains all messages, and the pipeline seals it.</summary>
    public bool IsLog { get; init; }
}
