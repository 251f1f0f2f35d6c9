using Estream.Core;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>The mappings of an adapter with their queues. The first mapping that matches is used. Immutable and thread-safe.</summary>
public sealed class IngressRoutes
{
    private readonly IngressRoute[] _routes;

    /// <summary>Finds the queue of every mapping.</summary>
    /// <param name="mappings">The mappings, in the order of matching.</param>
    /// <param name="sinks">The queues.</param>
    /// <param name="quoting">
    /// Redacts dead letters that may quote private values of other messages, such as replies to messages sent in plaintext. Default: null,
    /// dead letters keep the whole payload.
    /// </param>
    /// <exception cref="ArgumentException">The queue of a mapping does not exist; or a sub-lex of its schema has no queue, or has a queue
    /// that also receives messages of a mapping.</exception>
    /// <exception cref="WireConfigurationException">A queue requires signatures, which messages of its mapping cannot have.</exception>
    /// <exception cref="Esf.EsfKeyException">The schema of a mapping has private fields, and the sinks have no key for one of their
    /// audiences.</exception>
    public IngressRoutes(IEnumerable<TopicMapping> mappings, IngressSinks sinks, LetterContent? quoting = null)
    {
        ArgumentNullException.ThrowIfNull(mappings);
        ArgumentNullException.ThrowIfNull(sinks);
        Sinks = sinks;
        _routes = [.. mappings.Select(mapping =>
            new IngressRoute(mapping, Find(sinks, mapping.Queue),
                [.. mapping.Schema.SubLexes.Select(name => FindSubLex(sinks, mapping, name))]))];
        Redaction = new LetterRedaction(Mappings, quoting);
        foreach (IngressRoute route in _routes)
        {
            route.Sink.Prepare(route.Mapping, sinks.Keys, sinks.Vault);
            foreach (IngressSink subLex in route.SubLexes)
            {
                subLex.PrepareSubLex();
            }
        }
    }

    /// <summary>The mappings, in the order of matching.</summary>
    public IEnumerable<TopicMapping> Mappings => _routes.Select(route => route.Mapping);

    /// <summary>Why the adapter is paused, or why the last write to one of the queues or to the dead-letter queue failed; null if all
    /// succeeded.</summary>
    public EstreamStorageException? Failure
    {
        get
        {
            if (Sinks.Control?.Failure is { } paused)
            {
                return paused;
            }

            foreach (IngressRoute route in _routes)
            {
                if (route.Failure is { } failure)
                {
                    return failure;
                }
            }

            return Sinks.DeadLetters.Failure;
        }
    }

    /// <summary>
    /// Checks whether queues that could not be written can be written now, so that <see cref="Failure"/> is cleared also without messages.
    /// Costs nearly nothing if all can be written; call it a few times per second.
    /// </summary>
    public void Retry()
    {
        foreach (IngressRoute route in _routes)
        {
            route.Sink.Retry();
            foreach (IngressSink subLex in route.SubLexes)
            {
                subLex.Retry();
            }
        }

        Sinks.DeadLetters.Retry();
    }

    /// <summary>The strongest durability on this machine of the queues of the mappings, for journals that are not replicated.</summary>
    internal Durability Durability
    {
        get
        {
            Durability strongest = default;
            foreach (IngressRoute route in _routes)
            {
                Durability one = route.Sink.Durability.NeedsQuorum ? Durability.GroupCommit() : route.Sink.Durability;
                strongest = one == Durability.Every || !strongest.IsDurable ? one : strongest;
            }

            return strongest;
        }
    }

    /// <summary>The durability of journals that are replicated: flushed as well if a queue of the mappings is.</summary>
    internal Durability ReplicatedDurability
    {
        get
        {
            foreach (IngressRoute route in _routes)
            {
                if (route.Sink.Durability.NeedsFlush)
                {
                    return Durability.QuorumAndFlush;
                }
            }

            return Durability.Quorum;
        }
    }

    internal IngressSinks Sinks { get; }

    /// <summary>Redacts the dead letters of this adapter.</summary>
    internal LetterRedaction Redaction { get; }

    internal ReadOnlySpan<IngressRoute> All => _routes;

    private static IngressSink Find(IngressSinks sinks, string queue) => sinks.TryGet(queue, out IngressSink? sink)
        ? sink
        : throw new ArgumentException(
            $"The queue '{queue}' does not exist; the queues are: {string.Join(", ", sinks.Names)}.", nameof(sinks));

    private static IngressSink FindSubLex(IngressSinks sinks, TopicMapping mapping, string name) =>
        mapping.SubLexes.TryGetValue(name, out string? queue)
        ? Find(sinks, queue)
        : throw new ArgumentException(
            $"The mapping of '{mapping.Pattern}' names no queue for the sub-lex '{name}' of {mapping.Schema}, so its fields would be "
            + $"lost. Name a queue for each of {string.Join(", ", mapping.Schema.SubLexes)}.", nameof(mapping));
}

/// <summary>A mapping with its queues.</summary>
/// <param name="Mapping">The mapping.</param>
/// <param name="Sink">The queue of the messages.</param>
/// <param name="SubLexes">The queues of the sub-lexes of the schema, in the order of the schema.</param>
internal sealed record IngressRoute(TopicMapping Mapping, IngressSink Sink, IngressSink[] SubLexes)
{
    /// <summary>Why the last write to one of these queues failed; null if all succeeded.</summary>
    public EstreamStorageException? Failure
    {
        get
        {
            EstreamStorageException? failure = Sink.Failure;
            foreach (IngressSink subLex in SubLexes)
            {
                failure ??= subLex.Failure;
            }

            return failure;
        }
    }
}
