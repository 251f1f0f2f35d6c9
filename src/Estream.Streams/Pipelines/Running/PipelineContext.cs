using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Map;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams.Pipelines.Running;

/// <summary>What a pipeline is set up with.</summary>
/// <param name="Resources">Where it finds what it names.</param>
/// <param name="Name">Its name in its queues.</param>
/// <param name="StateName">The name of its state.</param>
/// <param name="MaxBytes">The longest message it makes.</param>
/// <param name="Rejects">Is told of messages that are rejected while results are made.</param>
/// <param name="Owned">What is disposed with it.</param>
internal sealed record PipelineContext(IPipelineResources Resources, string Name, string StateName, int MaxBytes, Rejects Rejects,
    List<IDisposable> Owned)
{
    /// <summary>What becomes of messages of the other queue of a join that cannot be read.</summary>
    public UnreadableAction OtherUnreadable { get; init; }

    /// <summary>Where it is told of results that cannot be made; null where they are counted only.</summary>
    public Output<FailedResult>? LeftOut { get; init; }

    /// <summary>Whether it may be said which result cannot be made: not where messages may hold private values in clear, which may be their
    /// keys and times.</summary>
    public bool MayIdentifyResult { get; init; }

    /// <summary>By how many ways a message comes to the end at most.</summary>
    public int MaxRoutes { get; init; } = 1;

    /// <summary>Bytes of memory in which messages are made.</summary>
    public long BufferBytes { get; private set; }

    /// <summary>A place to make messages in.</summary>
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

/// <summary>What the head of a declaration says.</summary>
internal sealed record PipelineHead(string Name, Estream.Esf.Schema.SourcePosition Position, string? Description, string Source,
    EsfSchema Schema, EsfAudienceFilter? Audience, string? Rejected, int MaxBytes)
{
    /// <summary>Which messages of its queue it takes, by lattice and address; null for all.</summary>
    public EsfMessageFilter? Filter { get; init; }

    /// <summary>What becomes of messages of its queue that should be read and cannot be.</summary>
    public UnreadableAction UnreadableAction { get; init; }

    /// <summary>The same of the other queue of a join.</summary>
    public UnreadableAction OtherUnreadable { get; init; }

    /// <summary>The timer that writes the queue.</summary>
    public string? Timer { get; init; }
}

/// <summary>What becomes of messages that should be read and cannot be.</summary>
internal enum UnreadableAction
{
    /// <summary>They end the reading: it goes on once they can be read.</summary>
    Refuse,

    /// <summary>They are rejected, as what a stage cannot take.</summary>
    Reject,

    /// <summary>They are passed, since another pipeline tells of them.</summary>
    Pass,
}

/// <summary>Where results go: to a queue, or by a key into a map.</summary>
internal sealed record Sink(string? Queue, string? Map, EsfExpression? Key);
