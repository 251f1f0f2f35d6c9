using Estream.Core;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>The mappings of one adapter with the queues they lead to. Immutable and thread-safe; the first mapping that matches
/// wins.</summary>
public sealed class IngressRoutes
{
    private readonly IngressRoute[] _routes;

    /// <summary>Finds the queue of every mapping.</summary>
    /// <param name="mappings">In the order they are tried.</param>
    /// <param name="sinks">The queues.</param>
    /// <param name="quoting">
    /// What dead letters keep of messages that may quote private values of others, as answers do where the adapter sends such values
    /// opened. Default: all, they do not.
    /// </param>
    /// <param name="adapter">
    /// The name of the adapter. With it, adapters that replace each other count as one, so <see cref="OwnSinks"/> finds the queues that no
    /// other adapter appends to.
    /// </param>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist, those that do are named; or none for a sub-lex of
    /// its schema, or one for it that takes messages too.</exception>
    /// <exception cref="Esf.EsfKeyException">The schema of a mapping has private fields, and an audience of them has no key among those the
    /// sinks were given.</exception>
    public IngressRoutes(IEnumerable<TopicMapping> mappings, IngressSinks sinks, LetterContent? quoting = null, string? adapter = null)
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
            route.Sink.Prepare(route.Mapping.Schema, sinks.Keys, sinks.Vault);
            route.Sink.AddFeeder(adapter ?? (object)this);
            foreach (IngressSink subLex in route.SubLexes)
            {
                subLex.PrepareSubLex();
            }
        }
    }

    /// <summary>The mappings, in the order they are tried.</summary>
    public IEnumerable<TopicMapping> Mappings => _routes.Select(route => route.Mapping);

    /// <summary>Why one of the queues, or the dead-letter queue, could not be written the last time; null when all could.</summary>
    public EstreamStorageException? Failure
    {
        get
        {
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
    /// Tries queues that could not be written once more, so that <see cref="Failure"/> ends when there is room again even where nobody
    /// sends. Costs next to nothing while all is well; call it a few times a second.
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

    /// <summary>The queues of the mappings that no other adapter appends to.</summary>
    internal IEnumerable<IngressSink> OwnSinks(string adapter) =>
        _routes.Select(route => route.Sink).Distinct().Where(sink => sink.IsFedOnlyBy(adapter));

    /// <summary>The strongest durability of the queues of the mappings.</summary>
    internal Durability Durability
    {
        get
        {
            Durability strongest = default;
            foreach (IngressRoute route in _routes)
            {
                Durability one = route.Sink.Durability;
                strongest = one == Durability.Every || !strongest.IsDurable ? one : strongest;
            }

            return strongest;
        }
    }

    internal IngressSinks Sinks { get; }

    /// <summary>What dead letters keep.</summary>
    internal LetterRedaction Redaction { get; }

    internal ReadOnlySpan<IngressRoute> All => _routes;

    private static IngressSink Find(IngressSinks sinks, string queue) => sinks.TryGet(queue, out IngressSink? sink)
        ? sink
        : throw new ArgumentException($"There is no queue '{queue}'; there are: {string.Join(", ", sinks.Names)}.", nameof(sinks));

    private static IngressSink FindSubLex(IngressSinks sinks, TopicMapping mapping, string name) =>
        mapping.SubLexes.TryGetValue(name, out string? queue)
        ? Find(sinks, queue)
        : throw new ArgumentException(
            $"The mapping of '{mapping.Pattern}' names no queue for the sub-lex '{name}' of {mapping.Schema}, so what it holds would be "
            + $"lost. Name a queue for each of {string.Join(", ", mapping.Schema.SubLexes)}.", nameof(mapping));
}

/// <summary>A mapping and where it leads.</summary>
/// <param name="Mapping">The mapping.</param>
/// <param name="Sink">The queue of its messages.</param>
/// <param name="SubLexes">The queues of the sub-lexes of its schema, in their order there.</param>
internal sealed record IngressRoute(TopicMapping Mapping, IngressSink Sink, IngressSink[] SubLexes)
{
    /// <summary>Why one of them could not be written the last time.</summary>
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
