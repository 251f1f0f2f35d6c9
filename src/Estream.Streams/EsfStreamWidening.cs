using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams;

/// <summary>
/// Pipelines whose messages grow: each stage makes of a message one of a schema that extends the one before (<c>extends</c> in its file),
/// and adds to it what only that has. The compiler checks that each stage begins with what the one before it ends with.
/// </summary>
public static class EsfStreamWidening
{
    /// <summary>Makes of each message one of a wider schema: the fields that both have are set, and the stage sets the others, which are
    /// all it can set.</summary>
    /// <param name="stream">The messages. They have to be in clear: one that is sealed ends the run with an
    /// <see cref="Core.EstreamFormatException"/>.</param>
    /// <param name="extension">Which schema: <c>PlacedReading.Extending</c>.</param>
    /// <param name="maxLength">The most bytes that one of its messages may have.</param>
    /// <param name="widen">Sets the new fields.</param>
    /// <typeparam name="TBase">The view of the messages.</typeparam>
    /// <typeparam name="TWider">The view of what becomes of them.</typeparam>
    /// <typeparam name="TAdditions">The writer of the new fields.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">The length is not that of a message.</exception>
    /// <remarks>Copies a message once, in two blocks. Allocates one buffer for the stage, and nothing for a message.</remarks>
    public static EsfStream<TWider> Widen<TBase, TWider, TAdditions>(
        this EsfStream<TBase> stream, EsfExtension<TBase, TWider, TAdditions> extension, int maxLength,
        EventWidener<TBase, TAdditions> widen)
        where TBase : struct, IEsfView<TBase>, allows ref struct
        where TWider : struct, IEsfView<TWider>, IEsfExtends<TBase>, allows ref struct
        where TAdditions : struct, IEsfAdditions<TAdditions>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(widen);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, EsfMessageHeader.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxLength, Estream.Esf.Schema.EsfLimits.MaxMessageBytes);
        _ = extension;
        return stream.Then<TWider>(next => new WidenStage<TBase, TWider, TAdditions>(maxLength, widen, next));
    }

    /// <summary>Appends each message to another queue as it is. After a kill at any moment each is there exactly once. What is sealed stays
    /// sealed.</summary>
    /// <param name="stream">The messages.</param>
    /// <param name="name">As for <see cref="EsfStream{T}.AppendTo"/>.</param>
    /// <param name="output">As for <see cref="EsfStream{T}.AppendTo"/>.</param>
    /// <param name="maxLength">The most bytes a message may have.</param>
    /// <param name="sealer">As for <see cref="EsfStream{T}.AppendTo"/>; for messages in clear.</param>
    /// <param name="subLexes">As for <see cref="EsfStream{T}.AppendTo"/>; for messages in clear.</param>
    /// <typeparam name="TView">The view of the messages.</typeparam>
    /// <inheritdoc cref="EsfStream{T}.AppendTo" path="/exception"/>
    public static EsfPipeline AppendTo<TView>(
        this EsfStream<TView> stream, string name, EstreamQueue output, int maxLength, EsfSealer? sealer = null,
        IReadOnlyDictionary<string, EstreamQueue>? subLexes = null)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(stream);
        OutputQueue.Require(output, maxLength);
        return stream.AppendTo(name,
            new QueueEnd<TView>(output, TView.Schema, sealer, subLexes, space => new CopiedView<TView>(maxLength, space)));
    }
}
