using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Map;

namespace Estream.Streams.Pipelines.Running;

/// <summary>What a pipeline is set up with.</summary>
/// <param name="Places">Where it finds what it names.</param>
/// <param name="Name">Its name in its queues.</param>
/// <param name="StateName">The name of its state.</param>
/// <param name="MaxBytes">The longest message it makes.</param>
/// <param name="Rejects">Is told of messages that are rejected while results are made.</param>
/// <param name="Owned">What is disposed with it.</param>
internal sealed record Opening(IPipelinePlaces Places, string Name, string StateName, int MaxBytes, Rejects Rejects, List<IDisposable> Owned)
{
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
        StateMap<long, Windowed<Utf8Key64, TState>> state = StateMap.Open<long, Windowed<Utf8Key64, TState>>(Places.StateDirectory(StateName));
        Owned.Add(state);
        return state;
    }

    public EsfSealer? SealerFor(EsfSchema schema)
    {
        if (!schema.IsProtected)
        {
            return null;
        }

        EsfSealer sealer = Places.Sealer(schema);
        Owned.Add(sealer);
        return sealer;
    }
}

/// <summary>What the head of a declaration says.</summary>
internal sealed record PipelineHead(string Name, Estream.Esf.Schema.SourcePosition Position, string? Description, string Source, EsfSchema Schema, EsfAudienceFilter? Audience, string? Rejected, int MaxBytes);

/// <summary>Where results go: to a queue, or by a key into a map.</summary>
internal sealed record Sink(string? Queue, string? Map, EsfExpression? Key);
